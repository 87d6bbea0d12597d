"""Field maps as JSON Schema: what the language writes in a word becomes what models and checkers read.

A `file` is `{"type": "string", "format": "file-handle"}`: to a model it is the handle of a file that a tool returned or a person gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "file-handle"
"""The `format` of a field of type `file`."""

_COPIED = ("description", "minimum", "maximum", "minLength", "maxLength", "pattern", "format", "minItems", "maxItems")


def fields_schema(field_map: Mapping[str, Any]) -> dict[str, Any]:
    """Return a checked field map as a JSON Schema object that refuses other fields.

    A field is required unless its type ends in `?` (then null fits too) or it has a `default`.
    """
    required = [name for name, field in field_map.items() if not _optional(field)]
    schema: dict[str, Any] = {"type": "object", "properties": {name: field_schema(field) for name, field in field_map.items()}}
    return {**schema, **({"required": required} if required else {}), "additionalProperties": False}


def field_schema(field: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return one field, a type name or a map, as a JSON Schema."""
    if isinstance(field, str):
        return _typed(field)
    schema = _typed(field["type"]) if "type" in field else {}
    schema.update({key: field[key] for key in _COPIED if key in field})
    if "enum" in field:
        schema["enum"] = _values(field)
    if "default" in field:
        schema["default"] = _plain(field["default"])
    if "items" in field:
        schema["items"] = field_schema(field["items"])
    if "properties" in field:
        schema |= _object(field["properties"], nullable=_nullable(field))
    return schema


def _object(properties: Mapping[str, Any], *, nullable: bool) -> dict[str, Any]:
    schema = fields_schema(properties)
    return {**schema, "type": ["object", "null"]} if nullable else schema


def _typed(name: str) -> dict[str, Any]:
    bare = name.removesuffix("?")
    kind = "string" if bare == "file" else bare
    schema: dict[str, Any] = {"type": [kind, "null"] if name.endswith("?") else kind}
    return {**schema, "format": FILE} if bare == "file" else schema


def _values(field: Mapping[str, Any]) -> list[Any]:
    values = _plain(field["enum"])
    return [*values, None] if _nullable(field) and None not in values else values


def _nullable(field: str | Mapping[str, Any]) -> bool:
    name = field if isinstance(field, str) else str(field.get("type", ""))
    return name.endswith("?")


def _optional(field: str | Mapping[str, Any]) -> bool:
    return _nullable(field) or (not isinstance(field, str) and "default" in field)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    return [_plain(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
