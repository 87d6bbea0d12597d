"""Messages and their parts. Nothing of any vendor.

All values are frozen. A history is a tuple of messages; it is only ever appended to.
"""

from __future__ import annotations

from dataclasses import dataclass
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
