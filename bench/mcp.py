"""Twenty MCP servers that start at the same time, beside the slowest of them alone; with and without servers that misbehave."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from bench.measure import ROOT, Row
from runner.errors import UnavailableError
from runner.graph import ToolsetNode
from runner.tools import ToolsetContext, mcp

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVER = ROOT / "tests" / "mcp" / "servers" / "plain.py"
SERVERS = 20
START = 1.0
"""Seconds that each server takes before it answers, as one that imports a large library does."""
ROUNDS = 3
SLOW = f"import time, runpy, sys; time.sleep({START}); sys.argv = ['plain.py', MODE]; runpy.run_path({str(SERVER)!r}, run_name='__main__')"


def run() -> list[Row]:
    """Return rows of wall time, not of processor time: what is measured is waiting together."""
    alone = _median(["good"])
    together = _median(["good"] * SERVERS)
    mixed = _median([*["good"] * (SERVERS - 4), "crash", "flood", "liar", "noise"])
    return [
        Row(f"mcp, {SERVERS} servers start (wall)", together, alone, f"one server that takes {START:g} s", bar=3.0),
        Row("mcp, of which 4 misbehave (wall)", mixed, together, f"{SERVERS} good servers", bar=1.5),
    ]


def _median(modes: Sequence[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return statistics.median(asyncio.run(_start(modes, folder)) for _ in range(ROUNDS))


async def _start(modes: Sequence[str], folder: str) -> float:
    toolsets = [_toolset(f"server{number}", mode, folder) for number, mode in enumerate(modes)]
    began = time.perf_counter()
    try:
        results = await asyncio.gather(*(toolset.open() for toolset in toolsets), return_exceptions=True)
        took = time.perf_counter() - began
    finally:
        await asyncio.gather(*(toolset.close() for toolset in toolsets))
    wrong = [result for result in results if result is not None and not isinstance(result, UnavailableError)]
    if wrong:
        raise RuntimeError(f"a server did something else than expected: {wrong[0]!r}")
    return took


def _toolset(name: str, mode: str, folder: str) -> mcp.McpToolset:
    command = [sys.executable, "-I", "-S", "-c", SLOW.replace("MODE", repr(mode))]
    return mcp.McpToolset(ToolsetNode(name, "mcp", "bench"), mcp.Settings(command=command), ToolsetContext(folder, folder))
