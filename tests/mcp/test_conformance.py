"""The published conformance suite for MCP clients, run against our toolset: what fails is written down, and the list only shrinks."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import AgentRunError
from tests.mcp.kit import CONTEXT, make, published

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
EXPECTED = HERE / "conformance-failures.txt"
SCENARIOS = 26
PATIENCE = 50.0
"""Seconds for one step: all scenarios run at once, on a machine that may be busy; the suite itself waits 60."""
SAMPLES: dict[str, Any] = {"number": 3, "integer": 3, "boolean": True, "array": [], "object": {}}
SUMMARY = re.compile(r"^([✓✗]) (\S+): (\d+) passed, (\d+) failed", re.MULTILINE)


def arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments that fit a simple schema."""
    return {name: SAMPLES.get(part.get("type", ""), "text") for name, part in schema.get("properties", {}).items()}


async def drive(folder: Path, url: str) -> str:
    """Open a toolset on the URL of a scenario and call every tool once; return `ok` or what went wrong."""
    toolset = make(folder, url=url, patience=PATIENCE)
    try:
        await toolset.open()
        for member in toolset.members():
            async with asyncio.timeout(PATIENCE):
                await toolset.call(member.name, arguments(member.input_schema), CONTEXT)
    except (AgentRunError, TimeoutError) as error:
        return f"failed: {error}"
    finally:
        await toolset.close()
    return "ok"


async def outcomes(folder: Path) -> dict[str, bool]:
    """Run all client scenarios; return which of them passed."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        url = (await reader.readline()).decode().strip()
        writer.write((await drive(folder, url)).replace("\n", " ").encode() + b"\n")
        writer.close()

    bin_folder = Path(published("conformance", "node_modules", ".bin", "bun")).parent
    suite = published("conformance", "node_modules", "@modelcontextprotocol", "conformance", "dist", "index.js")
    command = f"{sys.executable} -I -S {HERE / 'conformance_client.py'} {folder / 'line'}"
    async with await asyncio.start_unix_server(serve, folder / "line"):
        process = await asyncio.create_subprocess_exec(
            str(bin_folder / "bun"),
            *(suite, "client", "--command", command, "--suite", "all", "--timeout", "60000", "-o", str(folder / "results")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"},
        )
        said = (await process.communicate())[0].decode()
    found = {name: mark == "✓" and failed == "0" for mark, name, _, failed in SUMMARY.findall(said)}
    assert len(found) == SCENARIOS, said
    return found


async def test_only_the_expected_scenarios_fail(tmp_path: Path) -> None:
    """A new failure is a regression; one that passes now is taken off the list."""
    found = await outcomes(tmp_path)
    expected = {line.split()[0] for line in EXPECTED.read_text().splitlines() if line and not line.startswith("#")}
    failed = {name for name, passed in found.items() if not passed}
    assert failed - expected == set(), "these fail and are not expected to"
    assert expected - failed == set(), f"these pass now: take them out of {EXPECTED.name}"
