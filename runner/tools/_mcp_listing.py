"""From a server's list of tools, which may be anything, to members: what is broken costs itself and nothing else. Imports no SDK."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

from runner import shapes
from runner.errors import ConfigError
from runner.tools import Member

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runner.graph import Approve, Effect

MOST_PAGES = 100
"""Pages of tools that are asked for; a server that never ends its list cannot hold a run up."""

_LONGEST_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


def sift(tools: Any, left_out: list[str]) -> list[dict[str, Any]]:
    """Return the entries of a tools list that can be read, each reduced to what is used; say of the others why not in `left_out`."""
    if not isinstance(tools, list):
        left_out.append("its list of tools is not a list")
        return []
    found: list[dict[str, Any]] = []
    for number, entry in enumerate(cast("list[Any]", tools), 1):
        tool = _entry(entry)
        if isinstance(tool, str):
            left_out.append(f"tool {_name(entry) or number} is left out: {tool}")
        else:
            found.append(tool)
    return found


def _entry(entry: Any) -> dict[str, Any] | str:
    """Return one tool without what is of the wrong type, or what is wrong with it."""
    if not isinstance(entry, dict):
        return "it is not an object"
    given = cast("dict[str, Any]", entry)
    if not _name(given):
        return "it has no name"
    schema = _schema(given.get("inputSchema"))
    if isinstance(schema, str):
        return schema
    texts = {key: given[key] for key in ("name", "title", "description") if isinstance(given.get(key), str)}
    output = given.get("outputSchema")
    return {
        **texts,
        "inputSchema": schema,
        **({"outputSchema": output} if isinstance(output, dict) and cast("dict[str, Any]", output).get("type") == "object" else {}),
        **({"annotations": hints} if (hints := _hints(given.get("annotations"))) else {}),
    }


def _name(entry: Any) -> str:
    name: Any = cast("dict[str, Any]", entry).get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _hints(annotations: Any) -> dict[str, bool]:
    given: dict[str, Any] = cast("dict[str, Any]", annotations) if isinstance(annotations, dict) else {}
    return {name: given[name] for name in _HINTS if isinstance(given.get(name), bool)}


def _schema(schema: Any) -> dict[str, Any] | str:
    """Return an input schema as it is, or what is wrong with it; an object without a type is given one."""
    if not isinstance(schema, dict):
        return "its input schema is not an object"
    given = cast("dict[str, Any]", schema)
    if given.get("type", "object") != "object":
        return f"its input schema describes {given['type']!r} instead of an object"
    whole = given if "type" in given else {"type": "object", **given}
    try:
        shapes.validator(whole)
    except (ConfigError, RecursionError, TypeError, ValueError) as error:
        return str(error)
    return whole


def members(toolset: str, tools: Sequence[dict[str, Any]], left_out: list[str]) -> tuple[Member, ...]:
    """Return the tools as members. One that no model could call by its name is left out, and so is the second of two of one name."""
    found: dict[str, Member] = {}
    for tool in tools:
        name: str = tool["name"]
        seen = f"{toolset}_{name.replace('.', '_')}"
        if not _NAME.fullmatch(name):
            left_out.append(f"tool {name!r} is left out: models take only letters, digits, `_`, `-` and `.` in a name")
        elif len(seen) > _LONGEST_NAME:
            left_out.append(f"tool {name!r} is left out: `{seen}` is longer than {_LONGEST_NAME} characters; a shorter toolset name helps")
        elif seen in found:
            left_out.append(f"tool {name!r} is left out: the server has two tools that a model would see as `{seen}`")
        else:
            found[seen] = _member(tool)
    return tuple(found.values())


def _member(tool: dict[str, Any]) -> Member:
    effect, approve = _effect(tool.get("annotations", {}))
    return Member(tool["name"], tool.get("description") or tool.get("title", ""), tool["inputSchema"], effect, approve)


def _effect(hints: dict[str, bool]) -> tuple[Effect, Approve]:
    if hints.get("readOnlyHint"):
        return "read", "never"
    return ("idempotent" if hints.get("idempotentHint") else "write"), "ask"


def bound(member: Member, names: Sequence[str]) -> Member:
    """Return a member without the properties of some names: the author has bound them."""
    schema = member.input_schema
    properties: dict[str, Any] = dict(schema.get("properties", {}))
    if not set(names) & set(properties):
        return member
    rest = {name: part for name, part in properties.items() if name not in names}
    required = [name for name in schema.get("required", ()) if name not in names]
    return replace(member, input_schema={**schema, "properties": rest, "required": required})


def narrowed(found: Iterable[Member], only: Sequence[str] | None, without: Sequence[str]) -> tuple[Member, ...]:
    """Return the members that `only` (None = all) names and `except` does not."""
    return tuple(
        member
        for member in found
        if (only is None or any(fnmatchcase(member.name, glob) for glob in only))
        and not any(fnmatchcase(member.name, glob) for glob in without)
    )
