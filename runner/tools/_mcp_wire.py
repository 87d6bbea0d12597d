"""How an MCP server is reached: the SDK's transports over stdio, streamable HTTP and SSE, with a keeper and a sieve put between.

Knows what a broken server may send and how a dead one is asked for its last words; knows nothing of calls.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runner.errors import UnavailableError
from runner.tools._mcp_listing import sift

if TYPE_CHECKING:
    from asyncio import Event
    from collections.abc import AsyncGenerator, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import IO, Self

    Streams = tuple[Any, Any]

_KEEPER = Path(__file__).with_name("_mcp_keeper.py")
_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where a server is: a command with its environment and working folder, or a URL with its headers. Values are filled in."""

    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    workspace: str = ""
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    sse: bool = False


@contextlib.asynccontextmanager
async def transport(target: Target, errors: IO[bytes], left_out: list[str], over: Event) -> AsyncGenerator[Streams]:
    """Reach a server for as long as the block lasts and yield what to read from and write to.

    `errors` gets a keeper's last words, `left_out` what was wrong with lists of tools; `over` is set when the server's stream ends.
    """
    async with _wire(target, errors) as (reading, writing):
        yield _Sieve(reading, left_out, over), writing


class _Sieve:
    """The stream of messages from a server, with lists of tools made fit for the SDK; its end ends the connection."""

    def __init__(self, stream: Any, left_out: list[str], over: Event) -> None:
        self._stream = stream
        self._left_out = left_out
        self._over = over

    @property
    def last_context(self) -> Any:
        return getattr(self._stream, "last_context", None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        try:
            return self._sifted(await anext(self._stream))
        except StopAsyncIteration:
            self._over.set()
            raise

    async def receive(self) -> Any:
        return self._sifted(await self._stream.receive())

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _sifted(self, item: Any) -> Any:
        result: Any = getattr(getattr(item, "message", None), "result", None)
        if isinstance(result, dict) and "tools" in result:
            found = cast("dict[str, Any]", result)
            found["tools"] = sift(found["tools"], self._left_out)
        return item


def _wire(target: Target, errors: IO[bytes]) -> AbstractAsyncContextManager[Streams]:
    """Return the SDK's transport for a target."""
    if target.command:
        from mcp import StdioServerParameters, stdio_client

        kept = [sys.executable, "-I", "-S", str(_KEEPER), str(os.getpid()), *target.command]
        server = StdioServerParameters(command=kept[0], args=kept[1:], env=dict(target.env), cwd=target.workspace or None)
        return stdio_client(server, errlog=cast("Any", errors))
    if target.sse:
        from mcp.client.sse import sse_client

        return sse_client(target.url, headers=dict(target.headers), timeout=30.0, sse_read_timeout=_A_DAY)
    return _http(target, errors)


@contextlib.asynccontextmanager
async def _http(target: Target, errors: IO[bytes]) -> AsyncGenerator[Streams]:
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    async with create_mcp_http_client(headers=dict(target.headers)) as http:
        # How long a call may take is the caller's affair: reading has no limit of its own.
        http.timeout = cast("Any", (30.0, None, 30.0, 30.0))
        http.event_hooks = {"response": [_Refusals(errors).note]}
        async with streamable_http_client(target.url, http_client=http) as streams:
            yield streams


class _Refusals:
    """Writes down, as a keeper would, with what status a server refused: the SDK says only that it did."""

    def __init__(self, errors: IO[bytes]) -> None:
        self._errors = errors

    async def note(self, response: Any) -> None:
        if response.status_code in (401, 403) or response.status_code >= 500:
            said = {"why": f"the server answered {response.status_code} {response.reason_phrase}".rstrip()}
            self._errors.seek(0)
            self._errors.truncate()
            self._errors.write(json.dumps(said).encode())


def check_command(target: Target) -> None:
    """Raise UnavailableError for a program that is not there, before a process is made for it."""
    if not target.command:
        return
    program = target.command[0]
    if os.sep in program:
        found = os.access(Path(target.workspace, program), os.X_OK)
    else:
        found = shutil.which(program, path=target.env.get("PATH")) is not None
    if not found:
        raise UnavailableError(f"there is no program `{program}`", hint=_INSTALL.get(program, "correct `command`, or install the program"))
    if target.workspace and not Path(target.workspace).is_dir():
        raise UnavailableError(f"there is no folder `{target.workspace}`")


_INSTALL = {
    "npx": "install Node.js, which brings npx",
    "node": "install Node.js",
    "uvx": "install uv, which brings uvx: pip install uv",
    "docker": "install Docker",
}


def last_words(errors: IO[bytes]) -> str:
    """Return what a server's keeper wrote when it ended, in one line; "" when there is nothing to tell."""
    errors.seek(0)
    try:
        said = json.loads(errors.read() or b"{}")
    except ValueError:
        return ""
    status = said.get("status")
    parts = [said.get("why", ""), f"it ended with status {status}" if status not in (None, 0) and status > 0 else ""]
    tail = [line.strip() for line in str(said.get("tail", "")).splitlines() if line.strip()]
    if tail:
        parts.append(f"it said last: {' | '.join(tail[-5:])[-1500:]}")
    return "; ".join(part for part in parts if part)
