"""Holders of leases: a killed process of this machine need not be waited for."""

from __future__ import annotations

import subprocess
import sys

from runner import registry
from runner.holders import is_gone, this_process


def test_this_process_is_not_gone() -> None:
    """A living holder keeps its lease, with or without a mark of its own behind the name."""
    assert not is_gone(this_process())
    assert not is_gone(f"{this_process()} #12ab")


def test_nothing_is_said_of_other_machines_and_unknown_names() -> None:
    """Whoever cannot be looked at may live."""
    assert not is_gone("process 1 on elsewhere [00000000-1]")
    assert not is_gone("somebody")


async def test_the_lease_of_a_killed_process_is_taken_over_at_once(tmp_path) -> None:
    """A process takes a lease of an hour and is killed; the next holder gets it with a higher token."""
    path = tmp_path / "s.db"
    code = (
        "import asyncio, os\nfrom runner import registry\nfrom runner.holders import this_process\n"
        "async def main():\n"
        f"    store = registry.open_store({str(path)!r})\n    await store.open()\n"
        "    await store.create('s', agent='a', project='p')\n    await store.lease('s', this_process(), 3600)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    store = registry.open_store(str(path))
    await store.open()
    lease = await store.lease("s", this_process(), 60)
    assert lease.token == 2
    await store.close()
