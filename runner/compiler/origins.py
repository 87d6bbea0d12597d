"""A definition as it holds in the end, and where each value comes from: after `extends`, profile and defaults; written as YAML or data.

Secrets and variables stay references; what stands as plain text where a credential belongs is not shown.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.link_reach import models_of
from runner.compiler.nodes import Map, Seq, Spot, value_span
from runner.graph import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Definition, Library

DEFAULT = "default"
"""The origin of a value that nobody wrote."""

_CREDENTIALS = frozenset({"api_key", "token", "password", "secret", "client_secret", "authorization", "proxy-authorization", "cookie"})
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_NO_PLAIN = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_ODD = re.compile("[^\n\x20-\x7e\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and its origin, `file:line` or `default`. A map's or list's value holds entries."""

    value: Any
    origin: str

    @property
    def items(self) -> list[tuple[str | int, Entry]] | None:
        """The entries of a map by key or of a list by number; None for a scalar."""
        value: Any = self.value
        if isinstance(value, dict):
            return list(cast("dict[str | int, Entry]", value).items())
        return list(enumerate(cast("list[Entry]", value))) if isinstance(value, list) else None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A resolved definition."""

    kind: str
    name: str
    tree: Entry


def resolve(library: Library, agent: str) -> tuple[Resolved, ...]:
    """Return an agent's definition and, when there is one, the project's."""
    definition = library.agents[agent]
    found = [Resolved("agent", agent, _with_defaults(definition, library))]
    if library.project is not None:
        found.append(Resolved("project", library.project.name, _whole(library.project)))
    return tuple(found)


def _whole(definition: Definition) -> Entry:
    head = definition.span().label()
    entries = {"kind": Entry(definition.kind, head)}
    if definition.kind != "project":
        entries["name"] = Entry(definition.name, head)
    data = cast("Map", definition.data)
    entries |= {key: _entry(key, value, data.spots[key]) for key, value in data.items()}
    return Entry(entries, head)


def _with_defaults(definition: Definition, library: Library) -> Entry:
    """Return an agent with its model, which the project may have chosen, and all limits that are set."""
    tree = _whole(definition)
    entries: dict[str, Entry] = tree.value
    if "model" not in entries and "flow" not in entries:
        entries["model"] = _model(definition, library)
    written = entries.get("limits", Entry({}, DEFAULT))
    left = {key: Entry(value, DEFAULT) for key, value in asdict(Limits()).items() if value is not None and key not in written.value}
    if "time" in left:
        left["time"] = Entry(f"{Limits().time:g}s", DEFAULT)
    entries["limits"] = Entry({**written.value, **left}, written.origin)
    return tree


def _model(definition: Definition, library: Library) -> Entry:
    project = library.project
    if project is not None and project.data.get("model"):
        data = cast("Map", project.data)
        return _entry("model", data["model"], data.spots["model"])
    return Entry(models_of(definition, library)[0], DEFAULT)


def _entry(key: str, value: Any, spot: Spot) -> Entry:
    origin = value_span(spot, value).label()
    if isinstance(value, Map):
        return Entry({name: _entry(name, value[name], at) for name, at in value.spots.items()}, origin)
    if isinstance(value, Seq):
        return Entry([_entry(key, item, at) for item, at in zip(value, value.spots, strict=True)], origin)
    if key.lower() in _CREDENTIALS and isinstance(value, str) and "${" not in value:
        return Entry("[redacted]", origin)
    return Entry(str(value) if isinstance(value, str) else value, origin)


def as_yaml(definitions: tuple[Resolved, ...], *, origins: bool) -> str:
    """Return definitions as YAML documents; with `origins` every value has its own as a comment."""
    texts = ["".join(f"{line}\n" for line in _lines(found.tree, 0, origins=origins)) for found in definitions]
    return "---\n".join(texts)


def _lines(entry: Entry, depth: int, *, origins: bool) -> Iterator[str]:
    """Yield the lines of a map or list that has entries."""
    pad = "  " * depth
    for key, item in entry.items or ():
        head = f"{pad}-" if isinstance(key, int) else f"{pad}{_scalar(key)}:"
        comment = f"  # {_ODD.sub('?', item.origin)}" if origins else ""
        value: Any = item.value
        if item.items:
            yield head + ("" if isinstance(key, int) else comment)
            yield from _lines(item, depth + 1, origins=origins)
        elif isinstance(value, str) and _is_block(value):
            yield f"{head} |{'' if value.endswith(chr(10)) else '-'}{comment}"
            yield from (f"{pad}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        else:
            yield f"{head} {_scalar(value)}{comment}"


def _is_block(text: str) -> bool:
    """Tell whether a text of several lines can stand as it is written."""
    return "\n" in text.strip("\n") and text[:1] not in " \n" and not text.endswith("\n\n") and not _ODD.search(text)


def _scalar(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    if not isinstance(value, str):
        return json.dumps(value, default=str)
    if _PLAIN.fullmatch(value) and value.lower() not in _NO_PLAIN:
        return value
    return json.dumps(value, ensure_ascii=bool(_ODD.search(value)))


def as_json(definitions: tuple[Resolved, ...], *, origins: bool) -> str:
    """Return definitions as one object by kind; with `origins` also a map from a JSON Pointer to each value's origin."""
    data: dict[str, Any] = {found.kind: _plain(found.tree) for found in definitions}
    if origins:
        data["origins"] = {path: origin for found in definitions for path, origin in _places(found.tree, f"/{found.kind}")}
    return json.dumps(data, indent=2, ensure_ascii=False, default=str) + "\n"


def _plain(entry: Entry) -> Any:
    found = entry.items
    if found is None:
        return entry.value
    if isinstance(entry.value, dict):
        return {key: _plain(item) for key, item in found}
    return [_plain(item) for _, item in found]


def _places(entry: Entry, path: str) -> Iterator[tuple[str, str]]:
    yield path, entry.origin
    for key, item in entry.items or ():
        yield from _places(item, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")
