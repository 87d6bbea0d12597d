"""Servers that are reached by URL: the SDK's own server in a process of its own, over streamable HTTP and SSE."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ToolError, UnavailableError
from tests.mcp.kit import CONTEXT, names, opened, words

if TYPE_CHECKING:
    from collections.abc import Generator

PATHS = {"streamable-http": "mcp", "sse": "sse"}
KEY = {"X-Key": "letmein"}


@contextlib.contextmanager
def serving(transport: str) -> Generator[tuple[str, subprocess.Popen[str]]]:
    """Serve on a free port; yield the URL and the process."""
    command = [sys.executable, str(Path(__file__).with_name("servers") / "web.py"), transport]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/{PATHS[transport]}", process
        finally:
            process.kill()


@pytest.mark.parametrize("transport", PATHS)
async def test_a_server_on_a_socket(tmp_path: Path, transport: str) -> None:
    """Members, structured results, errors and progress are as over stdio; a wrong key is told by its status; a dead server fails a call."""
    seen: list[Any] = []
    with serving(transport) as (url, process):
        with pytest.raises(UnavailableError) as caught:
            async with opened(tmp_path, url=url, transport=transport, headers={"X-Key": "wrong-key"}):
                pass
        assert "401" in caught.value.message
        assert "wrong-key" not in caught.value.message
        async with opened(tmp_path, url=url, transport=transport, headers=KEY, patience=5.0) as toolset:
            assert names(toolset) == ["add", "steps", "fail"]
            output = await toolset.call("add", {"a": 2, "b": 3}, CONTEXT)
            assert (words(output), output.data) == ("5", {"result": 5})
            await toolset.call("steps", {}, replace(CONTEXT, progress=lambda *step: seen.append(step)))
            assert seen == [("half", 1, 2)]
            with pytest.raises(ToolError, match="no such order"):
                await toolset.call("fail", {}, CONTEXT)
            process.kill()
            process.wait()
            with pytest.raises(ToolError):
                await toolset.call("add", {"a": 1, "b": 1}, CONTEXT)


@pytest.mark.parametrize("transport", PATHS)
async def test_nobody_there_is_reported(tmp_path: Path, transport: str) -> None:
    """An operator error, or a warning where the server is not required."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/mcp"
    with pytest.raises(UnavailableError, match="MCP server `srv` did not start"):
        async with opened(tmp_path, url=url, transport=transport):
            pass
    async with opened(tmp_path, url=url, transport=transport, required=False) as toolset:
        assert toolset.members() == ()
        assert len(toolset.warnings) == 1
