"""A small HTTP server on a real socket that answers from a list of replies. It knows nothing of `runner` and of any vendor's format.

A vendor's file subclasses `BaseReply` (what is answered) and `ReplyServer` (where, and what is said when no reply is left).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self


@dataclass(frozen=True, kw_only=True)
class BaseReply:
    """What the server answers to one request.

    `body` is sent as it is, with `status` and `content_type`; without it the answer is `pieces()`, a stream of server-sent events. `cut`
    breaks the connection off after so many bytes of the body; `hold` keeps it open and silent after the last event until the client hangs
    up; `silent` never answers; `pace` waits so many seconds after every piece.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str | None = None
    content_type: str = "application/json"
    cut: int | None = None
    hold: bool = False
    silent: bool = False
    pace: float = 0.0

    def payload(self) -> bytes:
        """Return the body: raw, or server-sent events."""
        if self.body is not None:
            return self.body.encode() if isinstance(self.body, str) else self.body
        return b"".join(self.pieces())

    def pieces(self) -> list[bytes]:
        """Return the server-sent events one by one."""
        raise NotImplementedError


@dataclass(frozen=True)
class Received:
    """A request as it came: header names in lower case, `data` the JSON body or None."""

    method: str
    path: str
    headers: Mapping[str, str]
    data: Any


R = TypeVar("R", bound=BaseReply)


class ReplyServer(Generic[R]):
    """Serves replies in order; a request too many gets `exhausted()`. `replies` may be a function of the request instead of a list."""

    path: ClassVar[str] = ""
    """What `base_url` has after the port."""

    def __init__(self, replies: Iterable[R] | Callable[[Received], R] = ()) -> None:
        self._replies = replies if callable(replies) else self._in_order(replies)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Received] = []
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.port = 0

    @property
    def base_url(self) -> str:
        """The address as a provider's `base_url` wants it."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def respond(self, request: Received) -> R:
        """Return the reply of a request: the next of the list."""
        return self._replies(request)

    def exhausted(self) -> R:
        """Return what a request gets for which no reply is left."""
        raise NotImplementedError

    def listing(self) -> BaseReply:
        """Return what GET is answered: the list of models."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen on this machine only."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break off what is still being answered."""
        assert self._server
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await _read(reader)
        if request is None:
            return False
        self.requests.append(request)
        if request.method == "GET":
            return await self._send(writer, reader, self.listing())
        return await self._send(writer, reader, self.respond(request))

    async def _send(self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader, reply: BaseReply) -> bool:
        if reply.silent:
            return await self._until_hung_up(reader)
        streamed = reply.body is None
        kind = "text/event-stream; charset=utf-8" if streamed else reply.content_type
        head = {"Content-Type": kind, "Transfer-Encoding": "chunked", **reply.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(f"HTTP/1.1 {reply.status} Status\r\n{lines}\r\n".encode())
        left = reply.cut
        for piece in reply.pieces() if streamed else [reply.payload()]:
            part = piece if left is None else piece[:left]
            left = None if left is None else left - len(part)
            if part:
                writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                await writer.drain()
            if left == 0:
                writer.transport.abort() if reply.pace else writer.close()
                return False
            if reply.pace:
                await asyncio.sleep(reply.pace)
        if reply.hold:
            return await self._until_hung_up(reader)
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _until_hung_up(self, reader: asyncio.StreamReader) -> bool:
        while await reader.read(65536):
            pass
        self.hung_up.set()
        return False

    def _in_order(self, replies: Iterable[R]) -> Callable[[Received], R]:
        left = iter(tuple(replies))
        return lambda _request: next(left, None) or self.exhausted()


async def _read(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, json.loads(body) if body else None)


def replies_from(path: Path, reply: type[R]) -> list[R]:
    """Return the replies that a JSON file lists, each a map of the reply's fields."""
    return [reply(**{**data, "calls": tuple(map(tuple, data.get("calls", ())))}) for data in json.loads(path.read_text("utf-8"))]


async def _serve(server: ReplyServer[Any], port: int) -> None:
    await server.start(port)
    print(server.base_url, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


def main(name: str, server: type[ReplyServer[R]], reply: type[R]) -> None:
    """Print the address and serve a script file until stopped."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path, required=True)
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(server(replies_from(arguments.script, reply)), arguments.port))
    sys.exit(0)
