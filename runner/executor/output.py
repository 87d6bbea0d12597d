"""Turns what a tool gave back into what a model reads: cut to size, kept whole beside it, secrets taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.messages import TextPart, ToolResult
from runner.redact import redact, redact_data

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runner.messages import ToolCall
    from runner.tools import ToolOutput

MAX_CHARACTERS = 25_000
MAX_LINES = 1_000


async def to_result(call: ToolCall, output: ToolOutput, put_blob: Callable[[bytes], Awaitable[str]]) -> ToolResult:
    """Return the result of a call; what is over 25,000 characters or 1,000 lines is cut for the model and kept whole as a blob."""
    text = "\n".join(redact(part.text) for part in output.parts if isinstance(part, TextPart))
    files = tuple(part for part in output.parts if not isinstance(part, TextPart))
    short, whole = cut(text), None
    data = redact_data(output.data)
    if short != text:
        whole = await put_blob(text.encode("utf-8", "replace"))
        data = None
    words = (TextPart(short),) if short or not files else ()
    return ToolResult(call.id, call.name, words + files, False, data, output.citations, whole)


async def to_error(call: ToolCall, message: str, put_blob: Callable[[bytes], Awaitable[str]]) -> ToolResult:
    """Return the result of a call that failed: its message, without secrets and cut like any output."""
    text = redact(message)
    short = cut(text)
    whole = None if short == text else await put_blob(text.encode("utf-8", "replace"))
    return ToolResult(call.id, call.name, (TextPart(short),), is_error=True, blob=whole)


def cut(text: str) -> str:
    """Return the text, or its beginning and end around a line that says what is left out."""
    if len(text) <= MAX_CHARACTERS and text.count("\n") < MAX_LINES:
        return text
    lines = text.splitlines(keepends=True)
    head = "".join(lines[: MAX_LINES * 3 // 4])[: MAX_CHARACTERS * 3 // 4]
    tail = "".join(lines[-MAX_LINES // 4 :])[-MAX_CHARACTERS // 4 :] if len(text) > len(head) else ""
    gone = len(text) - len(head) - len(tail)
    return f"{head}\n[… {gone} of {len(text)} characters left out; the whole output is kept with the session …]\n{tail}"
