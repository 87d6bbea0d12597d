"""Nothing outlives us: servers end with the toolset, and with our process however that dies."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.mcp.kit import ROOT, opened, plain

HOLDER = """
import asyncio, sys
from tests.mcp.kit import CONTEXT, opened, plain

async def main():
    async with opened(sys.argv[1], command=plain("stubborn", sys.argv[2])) as toolset:
        print("ready", flush=True)
        await toolset.call("wait", {}, CONTEXT)

asyncio.run(main())
"""


def running(pids: list[int]) -> list[int]:
    """Return the processes that are there and are no zombies."""
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.append(pid)
    return found


def gone_within(pids: list[int], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while running(pids) and time.monotonic() < until:
        time.sleep(0.02)
    return not running(pids)


def pids_in(file: Path) -> list[int]:
    return [int(pid) for pid in file.read_text().split()]


pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc to see processes")


async def test_closing_ends_a_stubborn_server_and_its_child(tmp_path: Path) -> None:
    """Neither the end of input nor SIGTERM helps, and the child has a session of its own: both are gone when `close` returns."""
    async with opened(tmp_path, command=plain("stubborn", str(tmp_path / "pids"))):
        pids = pids_in(tmp_path / "pids")
        assert running(pids) == pids
    assert running(pids) == []


async def test_cancelling_an_open_ends_the_server(tmp_path: Path) -> None:
    """A run that is stopped while servers start leaves none of them."""
    task = asyncio.create_task(_hold(tmp_path))
    while not (tmp_path / "pids").exists():
        await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone_within(pids_in(tmp_path / "pids"), 0.5)


async def _hold(folder: Path) -> None:
    async with opened(folder, command=plain("stubborn", str(folder / "pids"))):
        await asyncio.sleep(600)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
def test_no_orphan_two_seconds_after_our_process_was_killed_in_a_call(tmp_path: Path, how: signal.Signals) -> None:
    """The keeper sees that we are gone and ends the server and what descends from it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(tmp_path / "pids")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        pids = pids_in(tmp_path / "pids")
        assert running(pids) == pids
        holder.send_signal(how)
    assert gone_within(pids, 2.0)
