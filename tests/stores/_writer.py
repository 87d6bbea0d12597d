"""A process that appends to a store as fast as it can and prints each acknowledged number; killed or limited by tests."""

from __future__ import annotations

import asyncio
import sys

from runner.errors import SequenceConflict, StoreError
from runner.registry import open_store
from runner.testing.store_contract import S, event


async def main(place: str, name: int, count: int) -> None:
    """Append `count` pairs of events, going on from the store's number after a conflict."""
    store = open_store(place)
    await store.open()
    seq = (await store.info(S)).seq
    for number in range(count):
        events = [event(name * 1_000_000 + 2 * number + one, text="x" * 500) for one in (0, 1)]
        while True:
            try:
                seq = await store.append(S, seq, events)
                break
            except SequenceConflict:
                seq = (await store.info(S)).seq
        print(seq, flush=True)
    await store.close()


try:
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
except StoreError as error:
    print(f"{error} ({error.hint})", file=sys.stderr)
    raise SystemExit(4) from None
