"""From what a person or caller gave to what expressions see and what the model reads first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from runner.expressions import parse_template
from runner.messages import FilePart, TextPart, UserMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.graph import AgentNode


def scope_of(node: AgentNode, inputs: Mapping[str, Any], session: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `${…}` in an agent's texts sees: every declared input (absent = null; files by name) and the session."""
    declared = node.inputs.get("properties", {})
    values = {name: inputs.get(name, spec.get("default")) for name, spec in declared.items()}
    return {"inputs": {name: _shown(value) for name, value in values.items()}, **session}


def first_message(node: AgentNode, inputs: Mapping[str, Any], session: Mapping[str, Any], *, prompt: bool) -> UserMessage:
    """Return the first user message: the agent's `prompt` made from the inputs, else the message; file inputs go with it."""
    text = inputs.get("message", "")
    if prompt and node.prompt is not None:
        made = parse_template(node.prompt).render(scope_of(node, inputs, session))
        text = made if isinstance(made, str) else str(made)
    files = tuple(part for value in inputs.values() for part in _files(value))
    return UserMessage((*((TextPart(text),) if text or not files else ()), *files))


def plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs as JSON data: a file is `{"file": …}` with its handle."""
    return {name: _stored(value) for name, value in inputs.items()}


def from_plain(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that `plain` wrote."""
    return {name: _restored(value) for name, value in inputs.items()}


def _files(value: Any) -> tuple[FilePart, ...]:
    items: list[Any] = list(value) if isinstance(value, (list, tuple)) else [value]  # pyright: ignore[reportUnknownArgumentType]
    return tuple(item for item in items if isinstance(item, FilePart))


def _shown(value: Any) -> Any:
    return value.name if isinstance(value, FilePart) else value


def _stored(value: Any) -> Any:
    if isinstance(value, FilePart):
        return {"file": {"name": value.name, "media_type": value.media_type, "blob": value.blob, "path": value.path}}
    if isinstance(value, (list, tuple)):
        return [_stored(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _restored(value: Any) -> Any:
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        handle = found.get("file")
        return FilePart(**cast("dict[str, Any]", handle)) if len(found) == 1 and isinstance(handle, dict) else found
    if isinstance(value, list):
        return [_restored(item) for item in cast("list[Any]", value)]
    return value
