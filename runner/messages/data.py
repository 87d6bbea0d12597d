"""Messages as plain JSON data and back, losslessly; the stored form is versioned with events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.messages.parts import (
    AssistantMessage,
    Citation,
    FilePart,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolMessage,
    ToolResult,
    UserMessage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.messages.parts import Message, Part


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
