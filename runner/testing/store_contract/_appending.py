"""What a store promises of events: order, atomicity, repetition, conflict."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

from runner.errors import SequenceConflict, StoreError
from runner.testing.store_contract._base import S, check, created, event, refused

if TYPE_CHECKING:
    from runner.testing.store_contract._base import OpenStore


@check
async def events_come_back_as_they_went_in(open_store: OpenStore) -> None:
    """`load` returns equal events in order with the numbers 1, 2, 3; another store over the same data too."""
    store = await created(open_store)
    events = [event(number, text=f"number {number}") for number in (1, 2, 3)]
    assert await store.append(S, 0, events) == 3
    expected = tuple(dataclasses.replace(one, seq=number) for number, one in enumerate(events, 1))
    assert await store.load(S) == expected
    assert await (await open_store()).load(S) == expected
    assert await store.load(S, after=2) == expected[2:]
    assert await store.load(S, after=3) == ()


@check
async def hostile_text_and_numbers_survive(open_store: OpenStore) -> None:
    """Any Unicode (half a surrogate pair too), control characters, and integers of any size come back unchanged."""
    store = await created(open_store)
    data: dict[str, Any] = {
        "text": "naïve 日本語 🎉 \x00 \x1b[31m \u2028 \ud83d",
        "number": 2**80,
        "nothing": None,
        "": [1.5, True, {"ä": ""}],
    }
    await store.append(S, 0, [dataclasses.replace(event(1), data=data), event(2, text="\ud800")])
    assert [dict(one.data) for one in await store.load(S)] == [data, {"text": "\ud800"}]


@check
async def a_large_event_survives(open_store: OpenStore) -> None:
    """An event of a megabyte is an event."""
    store = await created(open_store)
    words = "ä line of text\n" * 70_000
    await store.append(S, 0, [event(1, text=words)])
    assert (await store.load(S))[0].data["text"] == words


@check
async def an_append_is_all_or_nothing(open_store: OpenStore) -> None:
    """When one event of an append cannot be written, none is there, and the store goes on working."""
    store = await created(open_store)
    circle: list[Any] = []
    circle.append(circle)
    await refused(StoreError, store.append(S, 0, [event(1), event(2, broken=circle)]))
    assert await store.load(S) == ()
    assert (await store.info(S)).seq == 0
    assert await store.append(S, 0, [event(1)]) == 1


@check
async def the_same_append_twice_is_one(open_store: OpenStore) -> None:
    """An append that was acknowledged to nobody is made again: same ids, same number, no double."""
    store = await created(open_store)
    events = [event(1), event(2)]
    assert await store.append(S, 0, events) == 2
    assert await store.append(S, 0, events) == 2
    assert await store.append(S, 0, [*events, event(3)]) == 3
    assert await store.append(S, 3, [event(1), event(4), event(4)]) == 4
    assert [one.id for one in await store.load(S)] == [f"run-1:{number}" for number in (1, 2, 3, 4)]


@check
async def a_wrong_expectation_is_a_conflict(open_store: OpenStore) -> None:
    """A writer that has not seen the last event is refused, with a smaller and with a larger number."""
    store = await created(open_store)
    await store.append(S, 0, [event(1), event(2)])
    for expected in (0, 1, 3):
        await refused(SequenceConflict, store.append(S, expected, [event(9)]))
    assert (await store.info(S)).seq == 2


@check
async def of_concurrent_appends_one_wins(open_store: OpenStore) -> None:
    """Two tasks that expect the same number: one appends, the other gets a conflict and can go on from the new number."""
    store = await created(open_store)
    other = await open_store()
    answers = await asyncio.gather(store.append(S, 0, [event(1), event(2)]), other.append(S, 0, [event(3)]), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, int)]
    assert len(winners) == 1
    assert sum(isinstance(answer, SequenceConflict) for answer in answers) == 1
    assert await other.append(S, winners[0], [event(4)]) == winners[0] + 1
    assert [one.seq for one in await store.load(S)] == list(range(1, winners[0] + 2))


@check
async def what_is_only_shown_is_never_stored(open_store: OpenStore) -> None:
    """A delta, or another session's event, in an append is a mistake of the program."""
    store = await created(open_store)
    await refused(ValueError, store.append(S, 0, [event(1), event(2, "text.delta", text="x")]))
    await refused(ValueError, store.append(S, 0, [event(1, session="another")]))
    assert await store.load(S) == ()
