"""Folds the stream of a model's answer into one message. Knows no vendor and emits nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import TransientError
from runner.messages import (
    AssistantMessage,
    CallDelta,
    CallStarted,
    ModelResponse,
    ReasoningDelta,
    ReasoningDone,
    ReasoningPart,
    Stopped,
    TextDelta,
    TextPart,
    ToolCall,
    Usage,
    UsageReported,
)

if TYPE_CHECKING:
    from runner.messages import ModelEvent


class Folder:
    """Takes the events of one answer in order; `response()` is the whole. Parts keep the order in which they began."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._parts: list[TextPart | ReasoningPart | ToolCall | _Text | _Call] = []
        self._calls: dict[int, _Call] = {}
        self._usage = Usage()
        self._stopped: Stopped | None = None

    def feed(self, event: ModelEvent) -> None:
        """Take the next event."""
        match event:
            case TextDelta(text):
                self._add(text, reasoning=False)
            case CallDelta(index, arguments):
                self._calls[index].pieces.append(arguments)
            case CallStarted(index, call_id, name):
                self._parts.append(call := _Call(call_id, name))
                self._calls[index] = call
            case ReasoningDelta(text):
                self._add(text, reasoning=True)
            case ReasoningDone(part):
                last = self._parts[-1] if self._parts else None
                if isinstance(last, _Text) and last.reasoning:
                    self._parts.pop()
                self._parts.append(part)
            case UsageReported(usage):
                self._usage = usage
            case Stopped():
                self._stopped = event

    def _add(self, text: str, *, reasoning: bool) -> None:
        last = self._parts[-1] if self._parts else None
        if isinstance(last, _Text) and last.reasoning == reasoning:
            last.pieces.append(text)
        else:
            self._parts.append(_Text(text, reasoning=reasoning))

    def partial(self) -> AssistantMessage | None:
        """Return the words so far as a message marked `cut`, None when there are none. Unfinished calls are left out."""
        parts = tuple(TextPart("".join(part.pieces)) for part in self._parts if isinstance(part, _Text) and not part.reasoning)
        return AssistantMessage(parts, self._model, "unknown", cut=True) if any(part.text for part in parts) else None

    def response(self) -> ModelResponse:
        """Return the whole answer. Raises TransientError (`cut`) when the stream ended without `Stopped`."""
        if self._stopped is None:
            raise TransientError("the answer broke off", kind="cut")
        parts = tuple(part.done() if isinstance(part, (_Text, _Call)) else part for part in self._parts)
        stop = "tool_calls" if self._calls and self._stopped.reason == "end" else self._stopped.reason
        message = AssistantMessage(parts, self._model, stop)
        return ModelResponse(message, self._usage, stop, self._stopped.step)


class _Text:
    __slots__ = ("pieces", "reasoning")

    def __init__(self, text: str, *, reasoning: bool) -> None:
        self.pieces = [text]
        self.reasoning = reasoning

    def done(self) -> TextPart | ReasoningPart:
        text = "".join(self.pieces)
        return ReasoningPart(text) if self.reasoning else TextPart(text)


class _Call:
    __slots__ = ("id", "name", "pieces")

    def __init__(self, call_id: str, name: str) -> None:
        self.id = call_id
        self.name = name
        self.pieces: list[str] = []

    def done(self) -> ToolCall:
        return ToolCall(self.id, self.name, "".join(self.pieces) or "{}")
