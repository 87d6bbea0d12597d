"""A run of three turns with an MCP tool, killed with SIGKILL: 2 s later no process of it is left.

Killed after each line of its event stream, and at moments before the first line. A seeded sample runs here, all of it as `make proof`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.mcp.kit import ROOT, plain

PROOF = os.environ.get("AGENT_RUN_PROOF") == "1"
LINES = list(range(1, 17))
"""The stream of the whole run has more lines than this."""
MOMENTS = [number / 10 for number in range(2, 32)]
"""Seconds after the start, most of them before the servers are up."""

AGENT = """\
kind: agent
name: killed
model: s/m
tools: [srv, lasting]
policy: {{allow: ["*"]}}
---
kind: tool
name: srv
type: mcp
command: {good}
---
kind: tool
name: lasting
type: mcp
command: {stubborn}
---
kind: provider
name: s
type: scripted
models:
  m:
    script:
      - calls: [{{tool: srv_echo, with: {{text: one}}}}, {{tool: srv_set, with: {{text: two}}}}]
      - calls: [{{tool: srv_echo, with: {{text: three}}}}]
      - {{say: done}}
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc to see processes")


def sample(whole: list, size: int) -> list:
    return whole if PROOF else sorted(random.Random(20261122).sample(whole, size))


def left_in(folder: Path) -> list[str]:
    """Return the living processes that work in a folder or name it, other than this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            inside = (process / "cwd").readlink().is_relative_to(folder)
        except OSError:
            continue
        if state != "Z" and (inside or str(folder) in words):
            found.append(f"{process.name} {words}")
    return found


def started(folder: Path) -> subprocess.Popen[str]:
    (folder / "killed.yaml").write_text(AGENT.format(good=plain("good"), stubborn=plain("stubborn", str(folder / "pids"))))
    command = [
        sys.executable,
        "-m",
        "runner",
        "run",
        "killed.yaml",
        "go",
        "--output-format",
        "stream-json",
        "--store",
        str(folder / "s.db"),
    ]
    return subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def nothing_is_left(folder: Path) -> None:
    until = time.monotonic() + 2.0
    while left_in(folder) and time.monotonic() < until:
        time.sleep(0.05)
    assert left_in(folder) == []


@pytest.mark.parametrize("line", sample(LINES, 3))
def test_killed_after_a_line_of_its_stream(tmp_path: Path, line: int) -> None:
    """Whatever the run had just told: its servers and their children are gone."""
    with started(tmp_path) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(line)]
        assert all(told), "the run ended before"
        process.send_signal(signal.SIGKILL)
    nothing_is_left(tmp_path)


@pytest.mark.parametrize("moment", sample(MOMENTS, 3))
def test_killed_at_a_moment(tmp_path: Path, moment: float) -> None:
    """Also while the servers are still starting."""
    with started(tmp_path) as process:
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
    nothing_is_left(tmp_path)


def test_a_run_that_is_not_killed_makes_three_turns(tmp_path: Path) -> None:
    """What is killed above is a run that works, longer than the lines it is killed at."""
    with started(tmp_path) as process:
        assert process.stdout is not None
        told = process.stdout.readlines()
    assert '"turns":3' in told[-1].replace(" ", "")
    assert len(told) > max(LINES)
    nothing_is_left(tmp_path)
