"""From the result of an MCP call, as the protocol's JSON, to what a model reads: words, files, data. Imports no SDK."""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runner.errors import ToolError
from runner.messages import TextPart
from runner.tools import ToolOutput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.messages import FilePart
    from runner.tools import CallContext

_ANY = "application/octet-stream"


async def output(result: Mapping[str, Any], member: str, context: CallContext) -> ToolOutput:
    """Return a result as parts and data. Raises ToolError with the server's words for a result that says it is an error."""
    blocks: list[Mapping[str, Any]] = list(result.get("content", ()))
    data = result.get("structuredContent")
    parts = [await _part(block, f"{member}-{number}", context) for number, block in enumerate(blocks, 1)]
    if result.get("isError"):
        words = "\n".join(part.text for part in parts if isinstance(part, TextPart))
        raise ToolError(words or (json.dumps(data, ensure_ascii=False) if data is not None else "the tool failed and did not say why"))
    if not parts:
        parts = [TextPart("done" if data is None else json.dumps(data, ensure_ascii=False, indent=2))]
    return ToolOutput(tuple(parts), data=data)


async def _part(block: Mapping[str, Any], name: str, context: CallContext) -> TextPart | FilePart:
    match block.get("type"):
        case "text":
            return TextPart(str(block.get("text", "")))
        case "image" | "audio":
            return await _file(str(block.get("data", "")), str(block.get("mimeType", _ANY)), name, context)
        case "resource":
            return await _resource(block.get("resource", {}), name, context)
        case "resource_link":
            return TextPart(_link(block))
        case other:
            return TextPart(f"[a part of the unknown kind {other!r}]")


async def _resource(resource: Mapping[str, Any], name: str, context: CallContext) -> TextPart | FilePart:
    uri = str(resource.get("uri", ""))
    if "text" in resource:
        return TextPart(f"{uri}:\n{resource['text']}" if uri else str(resource["text"]))
    named = PurePosixPath(urlsplit(uri).path).name or name
    return await _file(str(resource.get("blob", "")), str(resource.get("mimeType") or _ANY), named, context)


def _link(block: Mapping[str, Any]) -> str:
    about = ", ".join(str(block[key]) for key in ("mimeType", "description") if block.get(key))
    return f"{block.get('name', '')}: {block.get('uri', '')}" + (f" ({about})" if about else "")


async def _file(data: str, media_type: str, name: str, context: CallContext) -> TextPart | FilePart:
    """Keep a file that came as base64; where nothing can be kept, or it is no base64, say so instead."""
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return TextPart(f"[{name}: {media_type} that is not valid base64]")
    if context.put_blob is None:
        return TextPart(f"[{name}: {media_type}, {len(content)} bytes]")
    suffix = "" if PurePosixPath(name).suffix else mimetypes.guess_extension(media_type) or ""
    return await context.put_blob(content, media_type, name + suffix)
