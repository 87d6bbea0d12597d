"""Writes requests in the Chat Completions format. Every message, tool list and schema is serialised once and then found by identity."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from runner.errors import BadRequestError
from runner.messages import AssistantMessage, FilePart, ReasoningPart, TextPart, ToolMessage, UserMessage
from runner.providers._wire import Pieces, call_arguments, dumps

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from runner.messages import Message, ModelRequest, ToolCall, ToolResult

_AUDIO = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
_STRICT = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "description"),
    *("minimum", "maximum", "minItems", "maxItems", "pattern", "format"),
}
_RENAMED = {"reasoning": "reasoning_effort"}
_NEWER_HOSTS = (".openai.com", ".azure.com")
_NEWER_MODELS = re.compile(r"(?:^|/)(?:gpt-[45]|chatgpt-|o\d)")


class RequestWriter:
    """Turns requests into bodies. `vendor` marks the reasoning that may go back to where it came from."""

    def __init__(self, vendor: str, base_url: str, get_blob: Callable[[str], Awaitable[bytes]] | None) -> None:
        self._vendor = vendor
        self._newer_host = f".{urlsplit(base_url).hostname or ''}".endswith(_NEWER_HOSTS)
        self._get_blob = get_blob
        self._pieces = Pieces()

    async def body(self, request: ModelRequest) -> bytes:
        """Return the bytes of a streamed request. Raises BadRequestError for a file that cannot be sent."""
        messages = [self._piece(request.system, _system)] if request.system else []
        for message in request.messages:
            known = self._pieces.get(message)
            messages.append(self._pieces.put(message, await self._message(message)) if known is None else known)
        parts = [b'{"model":', dumps(request.model), b',"messages":[', b",".join(filter(None, messages)), b"]"]
        if request.tools:
            parts += [b',"tools":', self._piece(request.tools, _tools)]
            if request.tool_choice != "auto":
                parts += [b',"tool_choice":', dumps(_tool_choice(request.tool_choice))]
        if request.output_schema is not None:
            parts += [b',"response_format":', self._piece(request.output_schema, _response_format)]
        if request.settings:
            parts += [b",", dumps(self._settings(request))[1:-1]]
        return b"".join((*parts, b',"stream":true,"stream_options":{"include_usage":true}}'))

    def _piece(self, value: Any, write: Callable[[Any], bytes]) -> bytes:
        known = self._pieces.get(value)
        return self._pieces.put(value, write(value)) if known is None else known

    def _settings(self, request: ModelRequest) -> dict[str, Any]:
        newer = self._newer_host or bool(_NEWER_MODELS.search(request.model))
        names = {**_RENAMED, "max_output_tokens": "max_completion_tokens" if newer else "max_tokens"}
        return {names.get(name, name): value for name, value in request.settings.items()}

    async def _message(self, message: Message) -> bytes:
        match message:
            case UserMessage():
                return dumps({"role": "user", "content": await self._content(message.parts)})
            case AssistantMessage():
                return _assistant(message, self._vendor)
            case ToolMessage():
                return await self._results(message.results)

    async def _content(self, parts: Iterable[TextPart | FilePart]) -> str | list[dict[str, Any]]:
        written = [{"type": "text", "text": part.text} if isinstance(part, TextPart) else await self._file(part) for part in parts]
        return written[0]["text"] if len(written) == 1 and written[0]["type"] == "text" else written or ""

    async def _file(self, part: FilePart) -> dict[str, Any]:
        if self._get_blob is None:
            raise BadRequestError(f"the file `{part.name}` cannot be read here")
        data = await self._get_blob(part.blob)
        if part.media_type.startswith("text/"):
            return {"type": "text", "text": f"{part.name}:\n{data.decode('utf-8', 'replace')}"}
        encoded = base64.b64encode(data).decode()
        if audio := _AUDIO.get(part.media_type):
            return {"type": "input_audio", "input_audio": {"data": encoded, "format": audio}}
        url = f"data:{part.media_type};base64,{encoded}"
        if part.media_type.startswith("image/"):
            return {"type": "image_url", "image_url": {"url": url}}
        return {"type": "file", "file": {"filename": part.name, "file_data": url}}

    async def _results(self, results: Iterable[ToolResult]) -> bytes:
        """Write one message per result; files go into a user message after them, since a tool's message holds only text."""
        written: list[bytes] = []
        files: list[TextPart | FilePart] = []
        for result in results:
            own = [part for part in result.parts if isinstance(part, FilePart)]
            text = "\n".join(filter(None, (result.text(), *(f"[file {part.name}: shown below]" for part in own))))
            written.append(dumps({"role": "tool", "tool_call_id": result.call_id, "content": text}))
            files += [TextPart(f"Files from {result.name}:"), *own] if own else []
        if files:
            written.append(dumps({"role": "user", "content": await self._content(files)}))
        return b",".join(written)


def _system(text: str) -> bytes:
    return dumps({"role": "system", "content": text})


def _tools(tools: Iterable[Any]) -> bytes:
    return dumps(
        [
            {"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": tool.input_schema}}
            for tool in tools
        ]
    )


def _tool_choice(choice: str) -> Any:
    return choice if choice in ("auto", "none", "required") else {"type": "function", "function": {"name": choice}}


def _response_format(schema: Mapping[str, Any]) -> bytes:
    form = {"name": "answer", "schema": schema, "strict": _is_strict(schema)}
    return dumps({"type": "json_schema", "json_schema": form})


def _is_strict(schema: Any) -> bool:
    """Return whether the vendor's strict mode takes a schema: words it knows, every object closed, all properties required."""
    if isinstance(schema, (list, tuple)):
        return all(map(_is_strict, cast("Iterable[Any]", schema)))
    if not isinstance(schema, Mapping):
        return True
    data = cast("Mapping[str, Any]", schema)
    properties: Mapping[str, Any] = data.get("properties") or {}
    closed = data.get("type") != "object" or (
        data.get("additionalProperties") is False and set(properties) == set(data.get("required", ()))
    )
    return closed and set(data) <= _STRICT and all(map(_is_strict, (*properties.values(), data.get("items"), data.get("anyOf"))))


def _assistant(message: AssistantMessage, vendor: str) -> bytes:
    calls, text = message.calls(), message.text()
    if not calls:
        return dumps({"role": "assistant", "content": text}) if text else b""
    data: dict[str, Any] = {"role": "assistant", "content": text or None}
    for part in message.parts:
        # Models that think between tool calls want their thoughts back, in the field they came in.
        if isinstance(part, ReasoningPart) and part.vendor == vendor and part.opaque and "field" in part.opaque:
            data[part.opaque["field"]] = data.get(part.opaque["field"], "") + part.text
    return dumps({**data, "tool_calls": [_call(call) for call in calls]})


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call_arguments(call.arguments)}}
