"""One connection to one server, owned by one task, that speaks plain data.

The SDK's client is entered and left in the task that a `Connection` runs; calls come from any task. Knows nothing of toolsets, members
or what results mean.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from typing import TYPE_CHECKING, Any, cast

from runner import __version__
from runner.errors import UnavailableError
from runner.redact import redact
from runner.tools._mcp_listing import MOST_PAGES
from runner.tools._mcp_wire import check_command, last_words, transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

    from mcp import Client

    from runner.tools._mcp_wire import Target

    Progress = Callable[[str, float | None, float | None], None]

_LEAVING = 10.0
_CLOSED = "Connection closed"


class Failed(Exception):
    """A server did not do what it was asked; `lost` = the connection is gone, so that a later call needs a new one."""

    def __init__(self, message: str, *, lost: bool = False) -> None:
        super().__init__(message)
        self.message = redact(message)
        self.lost = lost


class Connection:
    """One try at one server: `start` once, `call` as often as wanted, `stop`. A lost connection is not mended; make a new one."""

    def __init__(self, target: Target, patience: float) -> None:
        """`patience` is how many seconds the server has to start and to list its tools."""
        self._target = target
        self._patience = patience
        self._over = asyncio.Event()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._client: Client | None = None
        self._errors: IO[bytes] | None = None
        self._said = ""
        self.tools: tuple[dict[str, Any], ...] = ()
        self.left_out: list[str] = []

    @property
    def ended(self) -> bool:
        """Whether the server is gone or was stopped."""
        return self._over.is_set()

    async def start(self) -> None:
        """Connect and list all tools. Raises UnavailableError that says why not; then nothing is left running."""
        check_command(self._target)
        self._task = asyncio.create_task(self._own(), name="mcp-server")
        try:
            await asyncio.wait({self._task, self._ready}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._ready.cancel()
            await self.stop()
            raise
        if self._ready.done():
            self._ready.result()

    async def call(self, name: str, arguments: Mapping[str, Any], show: Progress) -> dict[str, Any]:
        """Call a tool and return the result in MCP's own JSON. Raises Failed. Cancelling the task cancels the call at the server."""
        from mcp import MCPError

        async def report(progress: float, total: float | None, message: str | None) -> None:
            show(redact(message or ""), progress, total)

        if self._client is None or self.ended:
            raise Failed("the connection to the server is closed", lost=True)
        try:
            result = await self._client.call_tool(name, dict(arguments), progress_callback=report)
        except MCPError as error:
            raise await self._failed(error.code, error.message) from error
        except (RuntimeError, ValueError) as error:
            raise Failed(f"the server was called, but what it answered is not valid: {_line(error)}") from error
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)

    async def stop(self) -> None:
        """Leave the server and end its process. May be called twice."""
        self._over.set()
        task = self._task
        if task is None or task.done():
            return
        if self._client is None:
            task.cancel()
        _, waiting = await asyncio.wait({task}, timeout=_LEAVING)
        if waiting:
            task.cancel()
            await asyncio.wait({task}, timeout=_LEAVING)

    async def _own(self) -> None:
        """Be the one task that enters and leaves the client."""
        with tempfile.TemporaryFile() as errors:
            self._errors = errors
            try:
                await self._live()
            except TimeoutError:
                self._fail(f"no answer within {self._patience:g} s")
            except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 – the border to the SDK: whatever ends a connection is told to who waits for it
                self._fail(_line(error))
            finally:
                self._over.set()
                self._client = None
                self._said = self._said or last_words(errors)
                self._errors = None

    async def _live(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            async with asyncio.timeout(self._patience):
                client = await stack.enter_async_context(self._open())
                self.tools = await _list_tools(client)
            self._client = client
            if not self._ready.done():
                self._ready.set_result(None)
            await self._over.wait()

    def _open(self) -> Client:
        from mcp import Client
        from mcp.types import Implementation

        info = Implementation(name="agent-run", version=__version__)
        return Client(transport(self._target, cast("IO[bytes]", self._errors), self.left_out, self._over), client_info=info, cache=None)

    def _fail(self, why: str) -> None:
        if self._ready.done():
            return
        assert self._errors is not None
        self._said = last_words(self._errors)
        error = UnavailableError(redact(f"{self._said or why}" if why.startswith(_CLOSED) else f"{why}{self._said and f'; {self._said}'}"))
        self._ready.set_exception(error)

    async def _failed(self, code: int, message: str) -> Failed:
        from mcp.types import CONNECTION_CLOSED

        if not self.ended and code != CONNECTION_CLOSED and "session terminated" not in message.lower():
            return Failed(message)
        await self.stop()
        said = f": {self._said}" if self._said else ""
        return Failed(f"the server ended in the middle of the call; whether the call took effect is not known{said}", lost=True)


async def _list_tools(client: Client) -> tuple[dict[str, Any], ...]:
    """Return all pages of tools; none when the server does not know the question."""
    from mcp import MCPError
    from mcp.types import METHOD_NOT_FOUND

    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        try:
            page = await client.list_tools(cursor=cursor)
        except MCPError as error:
            if error.code == METHOD_NOT_FOUND:
                return tuple(found)
            raise
        found += [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools]
        if not page.next_cursor or page.next_cursor == cursor:
            return tuple(found)
        cursor = page.next_cursor
    return tuple(found)


def _line(error: BaseException) -> str:
    """Return an error, or the first of a group, as one line."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 500 else f"{words[:499]}…"
