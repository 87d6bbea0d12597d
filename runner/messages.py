"""What passes between people, agents and models: messages and their parts, and nothing of any vendor.

All values are frozen. A history is a tuple of messages; it is only ever appended to.
`to_data` and `from_data` turn a message into plain JSON data and back, losslessly; the stored form is versioned with events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

StopReason = Literal["end", "tool_calls", "max_tokens", "refusal", "pause", "unknown"]
"""Why a model stopped: it was done, wants tools, ran out of output tokens, refused, or wants to be called again."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """A model's thinking. `vendor` and `opaque` let the same vendor get back exactly what it sent (signatures, ids)."""

    text: str
    vendor: str = ""
    opaque: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file by handle: `blob` is a key for the store's `get_blob`; `path` is where it came from, or None."""

    name: str
    media_type: str
    blob: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to call a tool. `arguments` is the raw JSON text as the model wrote it, possibly broken."""

    id: str
    name: str
    arguments: str
    opaque: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that supports a passage: file (relative to its root), heading path, first and last line (1-based, inclusive)."""

    file: str
    heading: str = ""
    first_line: int | None = None
    last_line: int | None = None
    page: int | None = None
    url: str | None = None

    def label(self) -> str:
        """Return `file:12-18 (Heading)`, the form people and models read."""
        where = self.url or self.file
        if self.page is not None:
            where += f" p. {self.page}"
        elif self.first_line is not None:
            where += f":{self.first_line}" + (f"-{self.last_line}" if self.last_line not in (None, self.first_line) else "")
        return f"{where} ({self.heading})" if self.heading else where


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered to one call.

    `parts` is what the model reads (already cut to size). `data` is the structured value behind it, or None when the text is all.
    `blob` holds the whole output when it was cut.
    """

    call_id: str
    name: str
    parts: tuple[TextPart | FilePart, ...]
    is_error: bool = False
    data: Any = None
    citations: tuple[Citation, ...] = ()
    blob: str | None = None

    def text(self) -> str:
        """Return the words of the result; files are left out."""
        return "\n".join(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What a person or a calling agent said."""

    parts: tuple[TextPart | FilePart, ...]

    def text(self) -> str:
        """Return the words; files are left out."""
        return "\n".join(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What a model answered. `model` is `provider/id`. `cut` marks an answer that a person interrupted."""

    parts: tuple[TextPart | ReasoningPart | ToolCall, ...]
    model: str = ""
    stop: StopReason = "end"
    cut: bool = False

    def text(self) -> str:
        """Return the words; reasoning and calls are left out."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    def calls(self) -> tuple[ToolCall, ...]:
        """Return the tool calls in the order the model made them."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """The results of all calls of the assistant message before it, in the order of the calls."""

    results: tuple[ToolResult, ...]


Message = UserMessage | AssistantMessage | ToolMessage
Part = TextPart | ReasoningPart | FilePart | ToolCall


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


def to_data(message: Message) -> dict[str, Any]:
    """Return a message as plain JSON data: `{role, …}`; empty and absent things are left out."""
    match message:
        case UserMessage():
            return {"role": "user", "parts": [_part_data(part) for part in message.parts]}
        case AssistantMessage():
            data: dict[str, Any] = {"role": "assistant", "parts": [_part_data(part) for part in message.parts]}
            data |= {"model": message.model, "stop": message.stop}
            return data | ({"cut": True} if message.cut else {})
        case ToolMessage():
            return {"role": "tool", "results": [result_data(result) for result in message.results]}


def from_data(data: Mapping[str, Any]) -> Message:
    """Return the message that `to_data` wrote. Raises KeyError or TypeError on anything else."""
    match data["role"]:
        case "user":
            return UserMessage(tuple(_part(item) for item in data["parts"]))  # pyright: ignore[reportArgumentType]
        case "assistant":
            parts = tuple(_part(item) for item in data["parts"])
            return AssistantMessage(parts, data.get("model", ""), data.get("stop", "end"), data.get("cut", False))  # pyright: ignore[reportArgumentType]
        case _:
            return ToolMessage(tuple(result_from_data(item) for item in data["results"]))


def result_data(result: ToolResult) -> dict[str, Any]:
    """Return a tool result as plain JSON data."""
    data: dict[str, Any] = {
        "call_id": result.call_id,
        "name": result.name,
        "parts": [_part_data(part) for part in result.parts],
    }
    if result.is_error:
        data["is_error"] = True
    if result.data is not None:
        data["data"] = result.data
    if result.citations:
        data["citations"] = [citation_data(citation) for citation in result.citations]
    if result.blob:
        data["blob"] = result.blob
    return data


def result_from_data(data: Mapping[str, Any]) -> ToolResult:
    """Return the result that `result_data` wrote."""
    return ToolResult(
        data["call_id"],
        data["name"],
        tuple(_part(item) for item in data["parts"]),  # pyright: ignore[reportArgumentType]
        data.get("is_error", False),
        data.get("data"),
        tuple(Citation(**item) for item in data.get("citations", ())),
        data.get("blob"),
    )


def citation_data(citation: Citation) -> dict[str, Any]:
    """Return a citation as plain JSON data without its absent fields."""
    return {name: value for name in Citation.__slots__ if (value := getattr(citation, name)) not in (None, "")}


def _part_data(part: Part) -> dict[str, Any]:
    match part:
        case TextPart():
            return {"type": "text", "text": part.text}
        case ReasoningPart():
            data: dict[str, Any] = {"type": "reasoning", "text": part.text}
            data |= {"vendor": part.vendor} if part.vendor else {}
            return data | ({"opaque": dict(part.opaque)} if part.opaque else {})
        case FilePart():
            data = {"type": "file", "name": part.name, "media_type": part.media_type, "blob": part.blob}
            return data | ({"path": part.path} if part.path else {})
        case ToolCall():
            data = {"type": "call", "id": part.id, "name": part.name, "arguments": part.arguments}
            return data | ({"opaque": dict(part.opaque)} if part.opaque else {})


def _part(data: Mapping[str, Any]) -> Part:
    match data["type"]:
        case "text":
            return TextPart(data["text"])
        case "reasoning":
            return ReasoningPart(data["text"], data.get("vendor", ""), data.get("opaque"))
        case "file":
            return FilePart(data["name"], data["media_type"], data["blob"], data.get("path"))
        case _:
            return ToolCall(data["id"], data["name"], data["arguments"], data.get("opaque"))


def _plus(left: int | None, right: int | None) -> int | None:
    return right if left is None else left if right is None else left + right
