"""Reads answers in the Chat Completions format, whole or in chunks, into our events. Takes every dialect it knows of; knows no connection."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import ContentFiltered, TransientError
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
from runner.providers._http import bad_answer, complaint_of, status_error
from runner.providers._wire import dumps, loads

if TYPE_CHECKING:
    from runner.messages import ModelEvent, StopReason
    from runner.providers._http import Complaint, Place

_REASONS: dict[str, StopReason] = {
    "stop": "end",
    "eos": "end",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "max_tokens",
    "refusal": "refusal",
}
_THINKING = ("reasoning_content", "reasoning")


@dataclass(slots=True)
class _Call:
    index: int
    sent: str
    id: str
    name: str = ""
    held: list[str] = field(default_factory=list[str])
    started: bool = False


class ChatAnswer:
    """One answer as it comes in. `feed` takes a chunk's JSON, `finish` says what remains to be said once the stream has ended."""

    def __init__(self, place: Place) -> None:
        self.done = False
        self._place = place
        self._chunks = 0
        self._finish: str | None = None
        self._refused = False
        self._model = ""
        self._usage: Usage | None = None
        self._thoughts: list[str] = []
        self._thought_field = ""
        self._calls: list[_Call] = []
        self._by_key: dict[Any, _Call] = {}

    def feed(self, payload: bytes) -> list[ModelEvent]:
        """Return the events of one chunk. Raises what the chunk says went wrong, or TransientError when it makes no sense."""
        if payload == b"[DONE]":
            self.done = True
            return []
        try:
            return self._chunk(loads(payload)) if payload else []
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            shown = self._place.words(payload[:200].decode("utf-8", "replace"))
            raise bad_answer(self._place, f"sent something that is not a chat completion: {shown}") from error

    def finish(self) -> list[ModelEvent]:
        """Return the last events. Raises TransientError for an empty or a broken-off answer, ContentFiltered for a stopped one."""
        if not self._chunks:
            raise bad_answer(self._place, "sent an empty answer")
        if self._finish is None and not self.done:
            raise TransientError(f"{self._place.label} broke off in the middle of the answer", kind="cut")
        if self._finish == "content_filter":
            raise ContentFiltered(f"{self._place.label} stopped the answer with its content filter", hint="say it in other words")
        events: list[ModelEvent] = self._end_thinking()
        if nameless := [call for call in self._calls if not call.started]:
            raise bad_answer(self._place, f"sent {len(nameless)} tool calls without a name")
        if self._usage is not None:
            events.append(UsageReported(self._usage))
        events.append(Stopped(self._reason(), model=self._model))
        return events

    @property
    def complete(self) -> bool:
        """True once the vendor has said why it stopped: what breaks after that harms nothing."""
        return self.done or self._finish is not None

    def _reason(self) -> StopReason:
        reason = _REASONS.get(self._finish or "", "unknown")
        if self._calls and reason in ("end", "unknown"):
            return "tool_calls"
        return "refusal" if self._refused and reason in ("end", "unknown") else reason

    def _chunk(self, data: dict[str, Any]) -> list[ModelEvent]:
        choices = data.get("choices")
        if not choices and (said := complaint_of(data)):
            raise self._complained(said)
        self._chunks += "choices" in data
        extra: dict[str, Any] = data.get("x_groq") or {}
        if usage := data.get("usage") or extra.get("usage"):
            self._usage = _usage(usage)
        if not choices:
            return []
        choice = choices[0]
        if reason := choice.get("finish_reason"):
            self._finish = str(reason)
        self._model = self._model or str(data.get("model") or "")
        delta = choice.get("delta") or choice.get("message")
        if reason == "error" and (said := complaint_of(choice)):
            raise self._complained(said)
        return self._delta(delta) if delta else []

    def _complained(self, said: Complaint) -> Exception:
        status = said.status or (400 if "invalid_request" in said.code else 429 if "rate_limit" in said.code else 500)
        return status_error(self._place, status, {}, said)

    def _delta(self, delta: dict[str, Any]) -> list[ModelEvent]:
        events: list[ModelEvent] = []
        for name in _THINKING:
            if thought := delta.get(name):
                self._think(events, str(thought), name)
                break
        if content := delta.get("content"):
            if isinstance(content, str):
                self._say(events, content)
            else:
                self._say_parts(events, content)
        if refusal := delta.get("refusal"):
            self._refused = True
            self._say(events, str(refusal))
        if calls := delta.get("tool_calls"):
            events += self._end_thinking()
            for call in calls:
                self._call(events, call)
        return events

    def _say(self, events: list[ModelEvent], text: str) -> None:
        if self._thoughts:
            events += self._end_thinking()
        events.append(TextDelta(text))

    def _say_parts(self, events: list[ModelEvent], parts: list[dict[str, Any]]) -> None:
        for part in parts:
            thinking = part.get("thinking")
            if thinking is not None:
                self._think(events, thinking if isinstance(thinking, str) else "".join(piece["text"] for piece in thinking), "")
            elif text := part.get("text"):
                self._say(events, str(text))

    def _think(self, events: list[ModelEvent], text: str, name: str) -> None:
        self._thoughts.append(text)
        self._thought_field = name
        events.append(ReasoningDelta(text))

    def _end_thinking(self) -> list[ModelEvent]:
        if not self._thoughts:
            return []
        text, self._thoughts = "".join(self._thoughts), []
        opaque = {"field": self._thought_field} if self._thought_field else None
        return [ReasoningDone(ReasoningPart(text, vendor=self._place.provider, opaque=opaque))]

    def _call(self, events: list[ModelEvent], data: dict[str, Any]) -> None:
        function: dict[str, Any] = data.get("function") or {}
        call = self._which(data.get("index"), str(data.get("id") or ""), str(function.get("name") or ""))
        arguments: Any = function.get("arguments")
        if arguments:
            call.held.append(arguments if isinstance(arguments, str) else dumps(arguments).decode())
        if not call.started and call.name:
            call.started = True
            events.append(CallStarted(call.index, call.id, call.name))
        if call.started and call.held:
            events.append(CallDelta(call.index, "".join(call.held)))
            call.held.clear()

    def _which(self, index: Any, call_id: str, name: str) -> _Call:
        """Return the call that a delta belongs to.

        Usually `index` tells. Without one, or when a server sends every call as number 0, a new id or a new name begins a new call.
        """
        call = self._by_key.get(index) if index is not None else (self._calls[-1] if self._calls else None)
        if call is None or (name and call.name and (call_id != call.sent if call_id else index is None)):
            call = self._begin(call_id)
            self._by_key[index] = call
        call.name = call.name or name
        return call

    def _begin(self, call_id: str) -> _Call:
        taken = not call_id or any(call.id == call_id for call in self._calls)
        call = _Call(len(self._calls), call_id, f"call_{uuid.uuid4().hex[:24]}" if taken else call_id)
        self._calls.append(call)
        return call


def _usage(data: dict[str, Any]) -> Usage:
    read: dict[str, Any] = data.get("prompt_tokens_details") or {}
    written: dict[str, Any] = data.get("completion_tokens_details") or {}
    return Usage(
        _count(data.get("prompt_tokens")),
        _count(data.get("completion_tokens")),
        _count(read.get("cached_tokens", data.get("prompt_cache_hit_tokens"))),
        _count(written.get("reasoning_tokens")),
    )


def _count(number: Any) -> int | None:
    return int(number) if isinstance(number, (int, float)) else None
