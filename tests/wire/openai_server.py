"""A small server on a real socket that speaks Chat Completions from a list of replies. It knows nothing of `runner`.

    async with WireServer([Reply(say="Hello.")]) as server:
        server.base_url, server.requests

As a program it prints its address and serves until it is stopped: `python -m tests.wire.openai_server --port 0 --script FILE`
(FILE: a JSON list of replies, each a map of `Reply`'s fields).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.wire.http import BaseReply, ReplyServer, main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.wire.http import Received


@dataclass(frozen=True, kw_only=True)
class Reply(BaseReply):
    """What the server answers to one chat request.

    `calls` are `(id, name, arguments)`. `events` replaces the whole answer by these data payloads (maps, or text as it is).
    """

    say: str = ""
    think: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    usage: Mapping[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15})
    finish: str | None = None
    events: tuple[Any, ...] | None = None
    done: bool = True

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


class WireServer(ReplyServer[Reply]):
    """Serves replies in order; a request too many gets status 418."""

    path = "/v1"

    def __init__(self, replies: Iterable[Reply] | Callable[[Received], Reply] = (), *, models: Iterable[str] = ("wire-1",)) -> None:
        super().__init__(replies)
        self._models = tuple(models)

    def exhausted(self) -> Reply:
        """Say that the list is at its end."""
        return error(418, "the test server has no reply left")

    def listing(self) -> Reply:
        """Return the list of models."""
        return Reply(body=json.dumps({"object": "list", "data": [{"id": name, "object": "model"} for name in self._models]}))


if __name__ == "__main__":
    main("tests.wire.openai_server", WireServer, Reply)
