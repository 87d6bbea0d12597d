"""Tools as lines of plain text: the tables of `tools list`, and what `tools show` says of a tool and its inputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from runner.cli.terminal.clean import clean, clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.app.tools import LiveTool
    from runner.compiler.survey import ToolDefinition

_DEEPEST = 3
_WIDEST = 44


def definitions(tools: Sequence[ToolDefinition]) -> str:
    """Return one line per definition: name, type, effect, where."""
    return table([(tool.name, tool.type, tool.effect if tool.enabled else "off", tool.source) for tool in tools])


def live(tools: Sequence[LiveTool]) -> str:
    """Return one line per live tool: name, type, effect, whether it asks, where its toolset is defined."""
    return table([(tool.name, tool.type, tool.effect, _asks(tool.asks), tool.source) for tool in tools])


def member(tool: LiveTool, told: str = "") -> str:
    """Return what a person needs to call a live tool: its effect, its description unless it was `told` before, its inputs."""
    head = f"{clean_line(tool.name)}  {tool.effect}  {_asks(tool.asks)}"
    lines = [
        head,
        *_indented("" if tool.description == told else tool.description, "  "),
        *_fields(tool.input_schema, tool.input_schema, "  ", 0),
    ]
    return "\n".join(lines)


def definition(name: str, kind: str, source: str, description: str, facts: Sequence[str]) -> str:
    """Return what a definition says of itself."""
    head = "  ".join(map(clean_line, (name, kind, source)))
    return "\n".join([head, *_indented(description, "  "), *(f"  {clean_line(fact)}" for fact in facts)])


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines with aligned columns; the last column is as wide as it is."""
    cells = [[clean_line(cell) for cell in row] for row in rows]
    widths = [min(max(len(cell) for cell in column), _WIDEST) for column in zip(*cells, strict=True)]
    widths[-1:] = [0]
    return "\n".join("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells)


def _asks(asks: str) -> str:
    return {"no": "runs", "yes": "asks"}.get(asks, asks)


def _indented(text: str, indent: str) -> Iterator[str]:
    yield from (f"{indent}{line}".rstrip() for line in clean(text).strip().splitlines())


def _fields(schema: Mapping[str, Any], whole: Mapping[str, Any], indent: str, depth: int) -> Iterator[str]:
    """Yield a line per field of an object: name, type, whether it must be given, what it means; inner objects below."""
    properties = _map(schema.get("properties"))
    required = schema.get("required")
    must: Sequence[Any] = cast("Sequence[Any]", required) if isinstance(required, list) else ()
    if not properties and depth == 0:
        yield (
            f"{indent}no inputs"
            if schema.get("additionalProperties") is False or not schema.get("additionalProperties")
            else f"{indent}any inputs"
        )
    width = min(max((len(str(name)) for name in properties), default=0), 24)
    for name, field in properties.items():
        inner = _resolved(_map(field), whole)
        words = [kind(inner, whole), *_notes(inner, needed=name in must)]
        described = shorten(str(inner.get("description", "")), 160)
        yield f"{indent}{clean_line(str(name)):<{width}}  {', '.join(words)}{'  – ' + described if described else ''}"
        if depth < _DEEPEST:
            yield from _inner(inner, whole, f"{indent}  ", depth + 1)


def _inner(field: Mapping[str, Any], whole: Mapping[str, Any], indent: str, depth: int) -> Iterator[str]:
    items = _resolved(_map(field.get("items")), whole)
    for part in (field, items):
        if _map(part.get("properties")):
            yield from _fields(part, whole, indent, depth)


def _notes(field: Mapping[str, Any], *, needed: bool) -> Iterator[str]:
    if needed:
        yield "required"
    if field.get("default") is not None:
        yield f"default {shorten(json.dumps(field['default'], ensure_ascii=False, default=str), 40)}"


def kind(field: Mapping[str, Any], whole: Mapping[str, Any], depth: int = 0) -> str:
    """Return the type of a field in words: `text`-like names of JSON Schema, choices, alternatives, lists."""
    field = _resolved(field, whole)
    choices = [option for key in ("anyOf", "oneOf") for option in _list(field.get(key))]
    if "enum" in field or "const" in field:
        values = _list(field.get("enum")) or [field.get("const")]
        return " | ".join(shorten(json.dumps(value, ensure_ascii=False, default=str), 40) for value in values[:12])
    if choices and depth < _DEEPEST:
        names = dict.fromkeys(kind(_map(option), whole, depth + 1) for option in choices)
        return " or ".join(names)
    declared = field.get("type", "any")
    names = [str(name) for name in _list(declared)] or [str(declared)]
    items = _map(field.get("items"))
    if "array" in names and items and depth < _DEEPEST:
        names[names.index("array")] = f"array of {kind(items, whole, depth + 1)}"
    return clean_line(" or ".join(names))


def _resolved(field: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a local `$ref` points to, with the field's own words over it; the field itself for any other."""
    pointer = field.get("$ref")
    if not isinstance(pointer, str) or not pointer.startswith("#/"):
        return field
    found: Any = whole
    for part in pointer[2:].split("/"):
        found = _map(found).get(part)
    rest = {key: value for key, value in field.items() if key != "$ref"}
    return {**_map(found), **rest}


def _map(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
