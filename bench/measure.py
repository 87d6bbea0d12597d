"""Measures alternatives in turns, so that what else the machine does falls on all of them alike; compares medians."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]

# Installed programs run from bytecode; so must both sides here.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Row:
    """One line of the table: medians in seconds of what is measured and of what it stands beside; `bar` is the ratio it must not pass."""

    name: str
    ours: float
    beside: float
    what: str
    bar: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the other one it takes."""
        return self.ours / self.beside


def interleave(runs: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Run every alternative once to warm up, then all in turns; return the median seconds of each."""
    for run in runs.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(run())
    return {name: statistics.median(found) for name, found in times.items()}


def process(arguments: Sequence[str]) -> Callable[[], float]:
    """Return a run of `python ARGUMENTS…` as a process of its own, in seconds of processor time (user and system)."""

    def run() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=_ENVIRONMENT, check=True, **quiet)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return run


def call(work: Callable[[], object]) -> Callable[[], float]:
    """Return a run of a function in this process, in seconds of processor time."""

    def run() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    return run
