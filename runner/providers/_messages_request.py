"""Writes requests in the Messages format. Every message, tool list and schema is serialised once and then found by identity.

A message is kept as the bytes of its content blocks: neighbours of one role, such as tool results and a person's words after them,
become one message, as the vendor counts turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import BadRequestError
from runner.messages import AssistantMessage, ReasoningPart, TextPart, ToolCall, ToolMessage, UserMessage
from runner.providers._messages_blocks import call_block, call_id, file_block, text_block, thinking_block
from runner.providers._messages_schema import answer_schema
from runner.providers._messages_settings import headers_of, settings_of
from runner.providers._wire import Pieces, dumps

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from runner.messages import FilePart, Message, ModelRequest, ToolResult
    from runner.providers._messages_models import Traits

_CACHED = b'{"type":"ephemeral"}'


class RequestWriter:
    """Turns requests into bodies. `vendor` marks the thinking that may go back to where it came from."""

    def __init__(self, vendor: str, get_blob: Callable[[str], Awaitable[bytes]] | None, *, caching: bool) -> None:
        self._vendor = vendor
        self._get_blob = get_blob
        self._caching = caching
        self._pieces = Pieces()

    async def body(self, request: ModelRequest, model: Traits) -> tuple[bytes, dict[str, str]]:
        """Return a streamed request and the headers it needs. Raises BadRequestError for a file or a setting that cannot be sent."""
        thought = model.bound and any(map(self._thoughts, request.messages))
        settings = settings_of(request, model, thought=thought, unthought=self._unthought(request.messages))
        headers = headers_of(settings)
        config = [dumps(settings.pop("output_config", {}))[1:-1]]
        if request.output_schema is not None and model.structured:
            config.append(self._piece(request.output_schema, _format))
        parts = [b'{"model":', dumps(request.model), b',"stream":true,', dumps(settings)[1:-1]]
        if any(config):
            parts += [b',"output_config":{', b",".join(filter(None, config)), b"}"]
        if self._caching:
            parts += [b',"cache_control":', _CACHED]
        if request.system.strip():
            parts += [b',"system":', self._piece(request.system, self._system)]
        if request.tools:
            parts += [b',"tools":', self._piece(request.tools, _tools)]
            if request.tool_choice != "auto":
                parts += [b',"tool_choice":', dumps(_tool_choice(request, model))]
        return b"".join((*parts, b',"messages":[', await self._messages(request.messages), b"]}")), headers

    async def _messages(self, messages: Iterable[Message]) -> bytes:
        parts: list[bytes] = []
        last = b""
        for message in messages:
            blocks = self._pieces.get(message)
            if blocks is None:
                blocks = self._pieces.put(message, await self._blocks(message))
            if not blocks:
                continue
            role = b"assistant" if isinstance(message, AssistantMessage) else b"user"
            if role == last:
                parts += [b",", blocks]
            else:
                parts += [b"]},"] if last else []
                parts += [b'{"role":"', role, b'","content":[', blocks]
                last = role
        if not last:
            raise BadRequestError(f"there is nothing to send to provider `{self._vendor}`", hint="say something")
        return b"".join((*parts, b"]}"))

    async def _blocks(self, message: Message) -> bytes:
        match message:
            case UserMessage():
                blocks = [await self._given(part) for part in message.parts]
            case AssistantMessage():
                blocks = [self._own(part) for part in message.parts]
            case ToolMessage():
                blocks = [await self._result(result) for result in message.results]
        return b",".join(filter(None, blocks))

    async def _given(self, part: TextPart | FilePart, *, by_tool: bool = False) -> bytes:
        """Write what a person or a tool gave. A file that nobody could read is refused; of a tool's only the name is told."""
        if isinstance(part, TextPart):
            return text_block(part.text)
        if self._get_blob is None:
            raise BadRequestError(f"the file `{part.name}` cannot be read here")
        return file_block(part, await self._get_blob(part.blob), told=by_tool)

    def _own(self, part: TextPart | ReasoningPart | ToolCall) -> bytes:
        match part:
            case TextPart():
                return text_block(part.text)
            case ReasoningPart():
                return thinking_block(part) if part.vendor == self._vendor else b""
            case ToolCall():
                return call_block(part)

    async def _result(self, result: ToolResult) -> bytes:
        blocks = b",".join(filter(None, [await self._given(part, by_tool=True) for part in result.parts]))
        head = b'{"type":"tool_result","tool_use_id":' + dumps(call_id(result.call_id))
        content = b',"content":[' + blocks + b"]" if blocks else b""
        return b"".join((head, content, b',"is_error":true}' if result.is_error else b"}"))

    def _thoughts(self, message: Message) -> bool:
        return isinstance(message, AssistantMessage) and any(
            isinstance(part, ReasoningPart) and part.vendor == self._vendor and part.opaque for part in message.parts
        )

    def _unthought(self, messages: tuple[Message, ...]) -> bool:
        """Return whether the request goes on with calls that were made without thinking: then thinking cannot begin in the middle."""
        last = next((message for message in reversed(messages) if not isinstance(message, ToolMessage)), None)
        return isinstance(last, AssistantMessage) and bool(last.calls()) and not self._thoughts(last)

    def _system(self, text: str) -> bytes:
        # A mark of its own lets conversations that begin alike share the cache of instructions and tools.
        return b"[" + (text_block(text, _CACHED) if self._caching else text_block(text)) + b"]"

    def _piece(self, value: Any, write: Callable[[Any], bytes]) -> bytes:
        known = self._pieces.get(value)
        return self._pieces.put(value, write(value)) if known is None else known


def _format(schema: Mapping[str, Any]) -> bytes:
    """Return the format of the answer, nothing when the vendor has no words for it: what the instructions say has to do then."""
    said = answer_schema(schema)
    return b"" if said is None else b'"format":' + dumps({"type": "json_schema", "schema": said})


def _tools(tools: Iterable[Any]) -> bytes:
    return dumps([{"name": tool.name, "description": tool.description, "input_schema": tool.input_schema} for tool in tools])


def _tool_choice(request: ModelRequest, model: Traits) -> dict[str, Any]:
    if request.tool_choice == "none":
        return {"type": "none"}
    if not model.forced:
        raise BadRequestError(f"`{request.model}` cannot be made to call a tool", hint="leave the choice to it, or name an older model")
    return {"type": "any"} if request.tool_choice == "required" else {"type": "tool", "name": request.tool_choice}
