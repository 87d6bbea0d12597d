"""Makes MCP toolsets for tests: over the plain server of this folder, over published ones, over anything."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.graph import ToolsetNode
from runner.messages import FilePart, TextPart
from runner.tools import CallContext, ToolOutput, ToolsetContext, mcp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

ROOT = Path(__file__).resolve().parents[2]
PLAIN = Path(__file__).with_name("servers") / "plain.py"
PUBLISHED = Path(os.environ.get("AGENT_RUN_TEST_SERVERS", ROOT / ".venv" / "servers"))
CONTEXT = CallContext("c1", "s1", "r1", "a1")


def plain(mode: str = "good", *more: str) -> list[str]:
    """Return the command of the plain server."""
    return [sys.executable, "-I", "-S", str(PLAIN), mode, *more]


def published(*path: str) -> str:
    """Return a file of an installed server; skip the test when it is not installed, fail it on CI."""
    file = PUBLISHED.joinpath(*path)
    if not file.exists():
        reason = f"{file} is not there: run tests/servers/prepare.sh"
        pytest.fail(reason, pytrace=False) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return str(file)


def make(
    folder: Path | str,
    *,
    name: str = "srv",
    patience: float = 20.0,
    bound: dict[str, Any] | None = None,
    resolve: Callable[[Any], Any] = lambda value: value,
    **settings: Any,
) -> mcp.McpToolset:
    """Return a toolset that is not open yet."""
    node = ToolsetNode(name, "mcp", "tools.d/srv.yaml:1", bound=bound or {}, root=str(folder), base=str(folder))
    context = ToolsetContext(str(folder), str(folder), resolve=resolve)
    return mcp.McpToolset(node, mcp.Settings.model_validate(settings), context, patience=patience)


@contextlib.asynccontextmanager
async def opened(folder: Path | str, **settings: Any) -> AsyncGenerator[mcp.McpToolset]:
    """Open a toolset for the length of a block."""
    toolset = make(folder, **settings)
    try:
        await toolset.open()
        yield toolset
    finally:
        await toolset.close()


def names(toolset: mcp.McpToolset) -> list[str]:
    return [member.name for member in toolset.members()]


def words(output: ToolOutput) -> str:
    return "\n".join(part.text for part in output.parts if isinstance(part, TextPart))


class Blobs:
    """Keeps what a call gives to keep."""

    def __init__(self) -> None:
        self.kept: list[tuple[bytes, str, str]] = []

    async def put(self, data: bytes, media_type: str, name: str) -> FilePart:
        self.kept.append((data, media_type, name))
        return FilePart(name, media_type, f"blob-{len(self.kept)}")
