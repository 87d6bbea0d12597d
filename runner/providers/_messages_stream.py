"""Reads answers in the Messages format, streamed or whole, into our events. Knows no connection.

Tokens: `input` is all that was read, which the vendor reports in three numbers (new, read from the cache, written to the cache); `cached`
is what was read from the cache; `reasoning` is the part of `output` that was thinking.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import ContextOverflow, TransientError
from runner.messages import (
    CallDelta,
    CallStarted,
    ReasoningDelta,
    ReasoningDone,
    ReasoningPart,
    Stopped,
    TextDelta,
    Usage,
    UsageReported,
)
from runner.providers._http import Complaint, bad_answer, complaint_of, status_error
from runner.providers._wire import dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.messages import ModelEvent, StopReason
    from runner.providers._http import Place

_REASONS: dict[str, StopReason] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tool_calls",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "max_tokens",
    "pause_turn": "pause",
    "refusal": "refusal",
}
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The status that an error would have had, had it come before the stream began."""


@dataclass(slots=True)
class _Block:
    kind: str
    start: dict[str, Any]
    thoughts: list[str] = field(default_factory=list[str])
    signature: str = ""
    written: bool = False


class MessagesAnswer:
    """One answer as it comes in. `feed` takes an event's JSON, `finish` says what remains to be said once the stream has ended."""

    def __init__(self, place: Place) -> None:
        self.done = False
        self._place = place
        self._begun = False
        self._model = ""
        self._stop: str | None = None
        self._said = False
        self._called = False
        self._usage: dict[str, Any] = {}
        self._blocks: dict[int, _Block] = {}
        self._read: dict[str, Callable[[dict[str, Any]], list[ModelEvent]]] = {
            "content_block_delta": self._delta,
            "content_block_start": self._block_start,
            "content_block_stop": self._block_stop,
            "message_start": self._message_start,
            "message_delta": self._message_delta,
            "message_stop": self._message_stop,
            "message": self._whole,
            "error": self._error,
        }

    @property
    def complete(self) -> bool:
        """True once the vendor has said why it stopped: what breaks after that harms nothing."""
        return self.done or self._stop is not None

    def feed(self, payload: bytes) -> list[ModelEvent]:
        """Return the events of one event of the stream. Raises what it says went wrong, or TransientError when it makes no sense."""
        try:
            data = loads(payload)
            read = self._read.get(data.get("type"))
            if read is None:
                return self._other(data)
            return read(data)
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            shown = self._place.words(payload[:200].decode("utf-8", "replace"))
            raise bad_answer(self._place, f"sent something that is not a message: {shown}") from error

    def finish(self) -> list[ModelEvent]:
        """Return the last events. Raises TransientError for an empty or broken-off answer, ContextOverflow for one without room."""
        if not self._begun:
            raise bad_answer(self._place, "sent an empty answer")
        if not self.complete:
            raise TransientError(f"{self._place.label} broke off in the middle of the answer", kind="cut")
        if self._stop == "model_context_window_exceeded" and not (self._said or self._called):
            hint = "shorten the conversation or name a model with a larger window"
            raise ContextOverflow(f"{self._place.label} has no room left for an answer", hint=hint)
        events: list[ModelEvent] = [UsageReported(_usage(self._usage))] if self._usage else []
        return [*events, Stopped(self._reason(), model=self._model)]

    def _reason(self) -> StopReason:
        reason = _REASONS.get(self._stop or "", "unknown")
        return "tool_calls" if self._called and reason in ("end", "unknown") else reason

    def _delta(self, data: dict[str, Any]) -> list[ModelEvent]:
        delta: dict[str, Any] = data["delta"]
        kind = delta["type"]
        if kind == "text_delta":
            return self._say(delta["text"])
        block = self._blocks[data["index"]]
        if kind == "input_json_delta" and block.kind == "tool_use":
            return self._arguments(data["index"], block, delta["partial_json"])
        if kind == "thinking_delta":
            block.thoughts.append(thought := _text(delta["thinking"]))
            return [ReasoningDelta(thought)] if thought else []
        if kind == "signature_delta":
            block.signature = _text(delta["signature"])
        return []

    def _say(self, text: Any) -> list[ModelEvent]:
        self._said = self._said or bool(_text(text))
        return [TextDelta(text)] if text else []

    def _arguments(self, index: int, block: _Block, text: Any) -> list[ModelEvent]:
        block.written = block.written or bool(_text(text))
        return [CallDelta(index, text)] if text else []

    def _block_start(self, data: dict[str, Any]) -> list[ModelEvent]:
        start: dict[str, Any] = data["content_block"]
        index: int = data["index"]
        block = self._blocks[index] = _Block(str(start["type"]), start)
        if block.kind == "text":
            return self._say(start.get("text") or "")
        if block.kind == "tool_use":
            self._called = True
            return [CallStarted(index, _text(start["id"]), _text(start["name"]))]
        if block.kind == "thinking":
            block.signature = _text(start.get("signature") or "")
            if thought := _text(start.get("thinking") or ""):
                block.thoughts.append(thought)
                return [ReasoningDelta(thought)]
        return []

    def _block_stop(self, data: dict[str, Any]) -> list[ModelEvent]:
        block = self._blocks[data["index"]]
        if block.kind == "tool_use" and not block.written:
            # Calls without arguments, and those of servers that send a call in one piece.
            return self._arguments(data["index"], block, dumps(block.start.get("input") or {}).decode())
        if block.kind == "redacted_thinking":
            return [self._thought("", {"redacted": _text(block.start["data"])})]
        if block.kind == "thinking":
            return [self._thought("".join(block.thoughts), {"signature": block.signature} if block.signature else None)]
        return []

    def _thought(self, text: str, opaque: dict[str, Any] | None) -> ReasoningDone:
        return ReasoningDone(ReasoningPart(text, vendor=self._place.provider, opaque=opaque))

    def _message_start(self, data: dict[str, Any]) -> list[ModelEvent]:
        message: dict[str, Any] = data["message"]
        self._begun = True
        self._model = str(message.get("model") or "")
        self._count(message.get("usage"))
        return []

    def _message_delta(self, data: dict[str, Any]) -> list[ModelEvent]:
        self._count(data.get("usage"))
        return self._stopped(data["delta"])

    def _stopped(self, delta: dict[str, Any]) -> list[ModelEvent]:
        if reason := delta.get("stop_reason"):
            self._stop = str(reason)
        details: dict[str, Any] = delta.get("stop_details") or {}
        # A refusal without words of the model's own: the vendor's reason stands in for them.
        return self._say(details.get("explanation") or "") if reason == "refusal" and not self._said else []

    def _message_stop(self, data: dict[str, Any]) -> list[ModelEvent]:
        del data
        self.done = True
        return []

    def _whole(self, data: dict[str, Any]) -> list[ModelEvent]:
        """Read an answer that a server did not stream."""
        events = self._message_start({"message": data})
        for index, block in enumerate(data["content"]):
            place = {"index": index}
            events += self._block_start({**place, "content_block": block})
            events += self._block_stop(place)
        events += self._stopped(data)
        self.done = True
        return events

    def _error(self, data: dict[str, Any]) -> list[ModelEvent]:
        said = complaint_of(data) or Complaint(str(data))
        kind = data["error"].get("type") if isinstance(data.get("error"), dict) else ""
        raise status_error(self._place, _STATUS.get(str(kind), 500), {}, said)

    def _other(self, data: dict[str, Any]) -> list[ModelEvent]:
        """Pass over a ping and what later versions add; say what a server of another kind complains about."""
        if "type" not in data and complaint_of(data):
            self._error(data)
        return []

    def _count(self, usage: dict[str, Any] | None) -> None:
        """Take the numbers of a report: they are totals so far, and what a later report leaves out still holds."""
        self._usage |= {name: number for name, number in (usage or {}).items() if number is not None}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _usage(data: dict[str, Any]) -> Usage:
    new, read, written = (_number(data.get(name)) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"))
    details: dict[str, Any] = data.get("output_tokens_details") or {}
    return Usage(
        None if new is None else new + (read or 0) + (written or 0),
        _number(data.get("output_tokens")),
        read,
        _number(details.get("thinking_tokens")),
    )


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) else None
