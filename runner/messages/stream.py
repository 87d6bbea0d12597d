"""What is asked of a model and the events of its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.messages.parts import AssistantMessage, Message, ReasoningPart, StopReason


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call or a sum of them. None = the vendor did not say. Cached and reasoning are parts of input and output."""

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    reasoning: int | None = None

    def __add__(self, other: Usage) -> Usage:
        """Return the sum; unknown plus a number is the number."""
        return Usage(
            _plus(self.input, other.input),
            _plus(self.output, other.output),
            _plus(self.cached, other.cached),
            _plus(self.reasoning, other.reasoning),
        )

    def total(self) -> int:
        """Return input + output, unknown counted as 0."""
        return (self.input or 0) + (self.output or 0)


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as a model sees it. `input_schema` is a JSON Schema object; names are `[A-Za-z][A-Za-z0-9_-]*`."""

    name: str
    description: str
    input_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One request to a model, in our words.

    `model` is the vendor's own id. `settings` holds `temperature top_p reasoning max_output_tokens stop seed …` as written in YAML.
    `tool_choice` is `auto`, `none`, `required` or a tool's name. `output_schema` asks for an answer that fits it.
    `agent` and `session` say who asks (the scripted provider matches on them; nothing is sent to a vendor).
    `steps_taken` are the scripted steps this session has used before, from the journal.
    `watched` is False when nobody looks at the deltas: a driver may then fetch the answer unstreamed.
    """

    model: str
    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolDefinition, ...] = ()
    tool_choice: str = "auto"
    output_schema: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    agent: str = ""
    session: str = ""
    steps_taken: frozenset[int] = frozenset()
    watched: bool = True


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More words of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's thinking."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDone:
    """A finished block of thinking, with what its vendor wants back. Replaces the deltas since the last block."""

    part: ReasoningPart


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A tool call begins: its id and name are known. `index` ties the later deltas to it."""

    index: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CallDelta:
    """More of the raw JSON arguments of call `index`."""

    index: int
    arguments: str


@dataclass(frozen=True, slots=True)
class UsageReported:
    """Tokens used so far by this answer; the last report stands."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Stopped:
    """The answer is complete. `step` is the scripted step that made it, or None. `model` is the id the vendor says it used."""

    reason: StopReason
    model: str = ""
    step: int | None = None


ModelEvent = TextDelta | ReasoningDelta | ReasoningDone | CallStarted | CallDelta | UsageReported | Stopped


@dataclass(frozen=True, slots=True)
class ModelResponse:
    """A complete answer: the folded stream."""

    message: AssistantMessage
    usage: Usage
    stop: StopReason
    step: int | None = None


def _plus(left: int | None, right: int | None) -> int | None:
    return right if left is None else left if right is None else left + right
