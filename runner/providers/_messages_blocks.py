"""Writes the content blocks of the Messages format: words, files, thinking and tool calls, each as JSON bytes."""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING, Any

from runner.errors import BadRequestError
from runner.providers._wire import call_arguments, dumps

if TYPE_CHECKING:
    from runner.messages import FilePart, ReasoningPart, ToolCall

_IMAGES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
_TEXTS = {"application/json", "application/xml", "application/yaml", "application/toml", "application/x-yaml"}
_ID = re.compile(r"[A-Za-z0-9_-]+")


def text_block(text: str, cache_control: bytes = b"") -> bytes:
    """Return a text block; nothing for blank text, which the vendor refuses."""
    if not text.strip():
        return b""
    mark = b',"cache_control":' + cache_control if cache_control else b""
    return b'{"type":"text","text":' + dumps(text) + mark + b"}"


def file_block(part: FilePart, data: bytes, *, told: bool) -> bytes:
    """Return a file as an image, a document or text. Of another kind only the name is written if `told`, else it is a BadRequestError."""
    kind = part.media_type.partition(";")[0].strip().lower()
    if kind in _IMAGES:
        return _source("image", kind, data)
    if kind == "application/pdf":
        return _source("document", kind, data, title=part.name)
    if kind.startswith("text/") or kind in _TEXTS:
        return text_block(f"{part.name}:\n{data.decode('utf-8', 'replace')}")
    if told:
        return text_block(f"[file {part.name}: {kind}, cannot be shown]")
    raise BadRequestError(
        f"the file `{part.name}` ({kind}) cannot be sent to this model", hint="it reads text, PDF, and images in PNG, JPEG, GIF or WebP"
    )


def _source(block: str, kind: str, data: bytes, **more: Any) -> bytes:
    source = {"type": "base64", "media_type": kind, "data": base64.b64encode(data).decode()}
    return dumps({"type": block, "source": source, **more})


def thinking_block(part: ReasoningPart) -> bytes:
    """Return thinking exactly as the vendor sent it; nothing when it came without what the vendor wants back."""
    opaque = part.opaque or {}
    if "redacted" in opaque:
        return dumps({"type": "redacted_thinking", "data": opaque["redacted"]})
    if not opaque.get("signature"):
        return b""
    return dumps({"type": "thinking", "thinking": part.text, "signature": opaque["signature"]})


def call_block(call: ToolCall) -> bytes:
    """Return a tool call; arguments that are no JSON object become one."""
    arguments = call_arguments(call.arguments).encode("utf-8", "replace")
    return b"".join((b'{"type":"tool_use","id":', dumps(call_id(call.id)), b',"name":', dumps(call.name), b',"input":', arguments, b"}"))


def call_id(text: str) -> str:
    """Return a call's id as the vendor takes it: another vendor's may have characters that it refuses, and stays distinct without them."""
    if _ID.fullmatch(text):
        return text
    return f"{re.sub(r'[^A-Za-z0-9_-]', '_', text)}_{zlib.crc32(text.encode('utf-8', 'replace')):08x}"
