"""A small server on a real socket that speaks the Messages API from a list of replies. It knows nothing of `runner`.

    async with WireServer([Reply(say="Hello.")]) as server:
        server.base_url, server.requests

It refuses what the vendor is known to refuse (`complaint`), so that a request which would fail there fails here too.
As a program it prints its address and serves until it is stopped: `python -m tests.wire.anthropic_server --port 0 --script FILE`
(FILE: a JSON list of replies, each a map of `Reply`'s fields).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.wire.http import BaseReply, ReplyServer, main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.wire.http import Received

NEWEST, OLDER = "2026-10-21", "2023-06-01"
BINDING = "thinking-binding-controls-2026-08-01"
BODY = {
    *("model", "max_tokens", "messages", "stream", "system", "tools", "tool_choice", "thinking", "output_config"),
    *("stop_sequences", "cache_control", "metadata", "service_tier"),
}
ID = re.compile(r"[a-zA-Z0-9_-]+")


@dataclass(frozen=True, kw_only=True)
class Reply(BaseReply):
    """What the server answers to one request.

    `blocks` come before the words, as `content_block`s with their whole content; `think` is one of them with a signature. `calls` are
    `(id, name, arguments)`. `usage` is split into what the start and the end of a stream report. `events` replaces the whole answer.
    """

    say: str = ""
    think: str = ""
    signature: str = "c2lnbmVk"
    blocks: tuple[Mapping[str, Any], ...] = ()
    calls: tuple[tuple[str, str, str], ...] = ()
    usage: Mapping[str, Any] | None = field(default_factory=lambda: {"input_tokens": 10, "output_tokens": 5})
    stop: str | None = None
    stop_details: Mapping[str, Any] | None = None
    events: tuple[Any, ...] | None = None

    def pieces(self) -> list[bytes]:
        """Return the server-sent events one by one."""
        return [framed(event) for event in (messages(self) if self.events is None else self.events)]


def framed(event: Any) -> bytes:
    """Return one event as it goes over the wire; a text goes as it is."""
    if isinstance(event, str):
        return f"event: message\ndata: {event}\n\n".encode()
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def error(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None, code: str | None = None) -> Reply:
    """Return an error as the vendor words it."""
    details = {"details": {"error_code": code}} if code else {}
    body = json.dumps({"type": "error", "error": {"type": kind, "message": message, **details}, "request_id": "req_1"})
    return Reply(status=status, body=body, headers={"request-id": "req_1", **(headers or {})})


def message_start(usage: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the event that opens a stream."""
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "wire-1", "content": [], "stop_reason": None}
    return {"type": "message_start", "message": {**message, "stop_sequence": None, **({"usage": dict(usage)} if usage else {})}}


def block(index: int, start: Mapping[str, Any], *deltas: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the events of one content block."""
    yield {"type": "content_block_start", "index": index, "content_block": dict(start)}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": dict(delta)}
    yield {"type": "content_block_stop", "index": index}


def message_end(reason: str | None, usage: Mapping[str, Any] | None = None, **delta: Any) -> Iterator[dict[str, Any]]:
    """Yield the events that close a stream."""
    told = {"usage": dict(usage)} if usage else {}
    yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None, **delta}, **told}
    yield {"type": "message_stop"}


def messages(reply: Reply) -> Iterator[dict[str, Any]]:
    """Yield the events of a reply as the vendor sends them: the start, a ping, the blocks, the reason with the rest of the usage."""
    usage = dict(reply.usage or {})
    early = {name: number for name, number in usage.items() if name.startswith(("input", "cache"))}
    yield message_start({**early, "output_tokens": 1} if usage else None)
    yield {"type": "ping"}
    for index, (start, deltas) in enumerate(_blocks(reply)):
        yield from block(index, start, *deltas)
    late = {name: number for name, number in usage.items() if name.startswith("output")}
    stop = reply.stop or ("tool_use" if reply.calls else "end_turn")
    yield from message_end(stop, late, **({"stop_details": dict(reply.stop_details)} if reply.stop_details else {}))


def _blocks(reply: Reply) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    if reply.think:
        thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in re.findall(r"\s*\S+", reply.think)]
        yield {"type": "thinking", "thinking": "", "signature": ""}, [*thoughts, {"type": "signature_delta", "signature": reply.signature}]
    for start in reply.blocks:
        yield start, []
    if reply.say:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in re.findall(r"\s*\S+\s*$|\s*\S+", reply.say)]
    for call_id, name, arguments in reply.calls:
        pieces = ["", *(arguments[start : start + 8] for start in range(0, len(arguments), 8))]
        start = {"type": "tool_use", "id": call_id, "name": name, "input": {}}
        yield start, [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]


class WireServer(ReplyServer[Reply]):
    """Serves replies in order; a request that the vendor would refuse gets its 400 instead of a reply, one too many status 418."""

    def respond(self, request: Received) -> Reply:
        """Return the reply of a request."""
        said = complaint(request)
        return error(400, "invalid_request_error", said) if said else super().respond(request)

    def exhausted(self) -> Reply:
        """Say that the list is at its end."""
        return error(418, "api_error", "the test server has no reply left")

    def listing(self) -> Reply:
        """Return the list of models."""
        models = [{"type": "model", "id": name, "display_name": name, "lifecycle": "active"} for name in ("wire-1", "wire-2")]
        return Reply(body=json.dumps({"data": models, "has_more": False, "first_id": "wire-1", "last_id": "wire-2"}))


def complaint(request: Received) -> str | None:
    """Return what the vendor would refuse in a request, None when it is sound."""
    version, betas = request.headers.get("anthropic-version"), request.headers.get("anthropic-beta", "").split(",")
    if version not in (NEWEST, OLDER):
        return "anthropic-version: header is required"
    data = request.data
    known = BODY | ({"temperature", "top_p", "top_k"} if version == OLDER else set())
    if extra := sorted(data.keys() - known):
        return f"{extra[0]}: Extra inputs are not permitted"
    if not isinstance(data.get("max_tokens"), int):
        return "max_tokens: Field required"
    if "block_binding" in data.get("thinking", {}) and BINDING not in betas:
        return "block_binding: Extra inputs are not permitted"
    return _history_complaint(data["messages"])


def _history_complaint(history: list[dict[str, Any]]) -> str | None:
    waiting: list[str] = []
    for number, message in enumerate(history):
        content: Any = message["content"]
        blocks: list[dict[str, Any]] = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if number and history[number - 1]["role"] == message["role"]:
            return f"messages.{number}: roles must alternate"
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        if sorted(results) != sorted(waiting):
            return f"messages.{number}: `tool_use` ids were found without `tool_result` blocks immediately after: {waiting}"
        if any(block["type"] == "tool_result" for block in blocks[len(results) :]):
            return f"messages.{number}: tool results come first"
        waiting = [block["id"] for block in blocks if block["type"] == "tool_use"]
        if said := next(filter(None, map(_block_complaint, blocks)), None):
            return f"messages.{number}.{said}"
    return "messages: the conversation must end with a user message" if not history or history[-1]["role"] != "user" else None


def _block_complaint(block: dict[str, Any]) -> str | None:
    match block["type"]:
        case "text" if not block["text"].strip():
            return "text: text content blocks must contain non-whitespace text"
        case "thinking" if not block.get("signature"):
            return "thinking.signature: Field required"
        case "tool_use" if not ID.fullmatch(block["id"]):
            return "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
        case "tool_use" if not isinstance(block["input"], dict):
            return "tool_use.input: Input should be a valid dictionary"
        case _:
            return None


def whole(reply: Reply) -> dict[str, Any]:
    """Return a reply as a message that was not streamed."""
    blocks: list[dict[str, Any]] = [dict(start) for start in reply.blocks]
    blocks += [{"type": "thinking", "thinking": reply.think, "signature": reply.signature}] if reply.think else []
    blocks += [{"type": "text", "text": reply.say}] if reply.say else []
    blocks += [{"type": "tool_use", "id": key, "name": name, "input": json.loads(text)} for key, name, text in reply.calls]
    stop = reply.stop or ("tool_use" if reply.calls else "end_turn")
    return {**message_start(reply.usage)["message"], "content": blocks, "stop_reason": stop}


if __name__ == "__main__":
    main("tests.wire.anthropic_server", WireServer, Reply)
