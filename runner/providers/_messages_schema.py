"""Says a JSON Schema in the words that the Messages API takes for an answer. What it does not take is told to the model in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

_KEPT = {"type", "enum", "const", "required", "description", "title"}
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
_UNKNOWN = {"$ref", "$defs", "definitions", "oneOf", "allOf", "not", "if", "patternProperties", "prefixItems"}


def answer_schema(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the schema as the vendor takes it, None when it cannot be said: an open object, a reference, a choice that is not `anyOf`."""
    try:
        return _said(schema)
    except _Unsayable:
        return None


class _Unsayable(Exception):
    pass


def _said(schema: Any) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        raise _Unsayable
    data = cast("Mapping[str, Any]", schema)
    if _UNKNOWN & data.keys() or not ({"type", "enum", "const", "anyOf"} & data.keys()):
        raise _Unsayable
    said = {key: value for key, value in data.items() if key in _KEPT}
    said |= _inner(data)
    if rest := {key: value for key, value in data.items() if key not in said and key != "additionalProperties"}:
        said["description"] = _with_words(said.get("description"), rest)
    return said


def _inner(data: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if _is(data, "object"):
        if not data.get("properties") or data.get("additionalProperties") is not False:
            raise _Unsayable
        said["properties"] = {name: _said(field) for name, field in data["properties"].items()}
        said["additionalProperties"] = False
    if "items" in data:
        said["items"] = _said(data["items"])
    if "anyOf" in data:
        said["anyOf"] = [_said(choice) for choice in data["anyOf"]]
    if data.get("format") in _FORMATS:
        said["format"] = data["format"]
    if data.get("minItems") in (0, 1):
        said["minItems"] = data["minItems"]
    return said


def _is(data: Mapping[str, Any], name: str) -> bool:
    kind = data.get("type")
    return kind == name or (isinstance(kind, (list, tuple)) and name in cast("list[str]", kind))


def _with_words(description: Any, rest: Mapping[str, Any]) -> str:
    words = ", ".join(f"{name}: {value}" for name, value in rest.items())
    return f"{description} ({words})" if description else words
