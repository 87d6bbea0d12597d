"""A small server on a real socket that speaks Chat Completions from a list of replies. It knows nothing of `runner`.

    async with WireServer([Reply(say="Hello.")]) as server:
        server.base_url, server.requests

As a program it prints its address and serves until it is stopped: `python -m tests.wire.openai_server --port 0 --script FILE`
(FILE: a JSON list of replies, each a map of `Reply`'s fields).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@dataclass(frozen=True)
class Reply:
    """What the server answers to one chat request.

    `calls` are `(id, name, arguments)`. `events` replaces the whole answer by these data payloads (maps, or text as it is). `body` is sent
    as it is, with `status` and `content_type`. `cut` breaks the connection off after so many bytes of the body; `hold` keeps it open and
    silent after the last event until the client hangs up. `each` is called before every event is sent.
    """

    say: str = ""
    think: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    usage: Mapping[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15})
    finish: str | None = None
    events: tuple[Any, ...] | None = None
    done: bool = True
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
        events = list(chunks(self)) if self.events is None else list(self.events)
        lines = [event if isinstance(event, str) else json.dumps(event) for event in [*events, *(["[DONE]"] if self.done else [])]]
        return [f"data: {line}\n\n".encode() for line in lines]


def error(status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None) -> Reply:
    """Return an error as the vendor words it."""
    body = json.dumps({"error": {"message": message, "type": code or "error", "code": code or None, "param": None}})
    return Reply(status=status, body=body, headers=headers or {})


def chunk(delta: Mapping[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one chunk of the format."""
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish, "logprobs": None}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "wire-1", "choices": [choice], **more}


def chunks(reply: Reply) -> Iterable[dict[str, Any]]:
    """Yield the chunks of a reply as the vendor sends them: the role, thoughts, words, calls, the reason, the usage."""
    yield chunk({"role": "assistant", "content": None if reply.calls else ""})
    for piece in re.findall(r"\s*\S+", reply.think):
        yield chunk({"reasoning_content": piece})
    for piece in re.findall(r"\s*\S+\s*$|\s*\S+", reply.say):
        yield chunk({"content": piece})
    for index, (call_id, name, arguments) in enumerate(reply.calls):
        function = {"name": name, "arguments": ""}
        yield chunk({"tool_calls": [{"index": index, "id": call_id, "type": "function", "function": function}]})
        for start in range(0, len(arguments), 8):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": arguments[start : start + 8]}}]})
    yield chunk({}, reply.finish or ("tool_calls" if reply.calls else "stop"))
    if reply.usage is not None:
        yield {**chunk({}), "choices": [], "usage": dict(reply.usage)}


@dataclass(frozen=True)
class Received:
    """A request as it came: header names in lower case, `data` the JSON body or None."""

    method: str
    path: str
    headers: Mapping[str, str]
    data: Any


class WireServer:
    """Serves replies in order; a request too many gets status 418. `replies` may be a function of the request instead of a list."""

    def __init__(self, replies: Iterable[Reply] | Callable[[Received], Reply] = (), *, models: Iterable[str] = ("wire-1",)) -> None:
        self._replies = replies if callable(replies) else _in_order(replies)
        self._models = tuple(models)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[Received] = []
        self.connections = 0
        self.hung_up = asyncio.Event()
        self.port = 0

    @property
    def base_url(self) -> str:
        """The address as a provider's `base_url` wants it."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> WireServer:
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
            models = [{"id": name, "object": "model"} for name in self._models]
            return await self._send(writer, reader, Reply(body=json.dumps({"object": "list", "data": models})))
        return await self._send(writer, reader, self._replies(request))

    async def _send(self, writer: asyncio.StreamWriter, reader: asyncio.StreamReader, reply: Reply) -> bool:
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


def _in_order(replies: Iterable[Reply]) -> Callable[[Received], Reply]:
    left = iter(tuple(replies))
    return lambda _request: next(left, error(418, "the test server has no reply left"))


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


def replies_from(path: Path) -> list[Reply]:
    """Return the replies that a JSON file lists."""
    return [Reply(**{**data, "calls": tuple(map(tuple, data.get("calls", ())))}) for data in json.loads(path.read_text("utf-8"))]


async def _serve(port: int, script: Path) -> None:
    server = WireServer(replies_from(script))
    await server.start(port)
    print(server.base_url, flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


def main() -> None:
    """Serve a script file."""
    parser = argparse.ArgumentParser(prog="python -m tests.wire.openai_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path, required=True)
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments.port, arguments.script))
    sys.exit(0)


if __name__ == "__main__":
    main()
