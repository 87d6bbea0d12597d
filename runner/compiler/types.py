"""What an expression can be, as far as it is known without running: kinds, the values of an enum, a list's items, a map's fields.

A type is a promise about what cannot be: it says "surely not" and never "surely". Knows no expressions and no documents.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.link_reach import listed, mapped
from runner.expressions import equal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORDS = {"text": "text", "number": "a number", "boolean": "true or false", "list": "a list", "map": "a map", "null": "null"}
_NAMES = {"string": "text", "integer": "number", "number": "number", "boolean": "boolean", "object": "map", "array": "list", "null": "null"}
_MOST_VALUES = 50
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Type:
    """All that a value may be. `values` are those of an enum, `fields` those of a closed map; None = not known.

    `waits` is the step whose output this is when that step may not have run, and the value is then null.
    """

    kinds: frozenset[str]
    values: tuple[Any, ...] | None = None
    items: Type | None = None
    fields: Mapping[str, Type] | None = None
    waits: str | None = None

    @property
    def may_be_null(self) -> bool:
        """True when null is among what it may be."""
        return self.known and "null" in self.kinds

    @property
    def known(self) -> bool:
        """True when anything at all is known."""
        return self.kinds != _EVERYTHING

    def never(self, wanted: Type) -> bool:
        """Tell whether no value is of both types; null does not count."""
        both = (self.kinds & wanted.kinds) - {"null"}
        if not both:
            return True
        if self.values is not None and wanted.values is not None:
            return not any(equal(one, other) for one in self.values for other in wanted.values)
        return "".join(both) == "list" and self.items is not None and wanted.items is not None and self.items.never(wanted.items)

    def without_null(self) -> Type:
        """Return the type of the value once it is known not to be null."""
        values = self.values and tuple(value for value in self.values if value is not None)
        return replace(self, kinds=self.kinds - {"null"}, values=values, waits=None) if self.known else self

    def or_null(self, waits: str | None = None) -> Type:
        """Return the type of a value that may also be null; `waits` names the step that it waits for."""
        if not self.known and waits is None:
            return self
        values = self.values if self.values is None or None in self.values else (*self.values, None)
        return replace(self, kinds=self.kinds | {"null"}, values=values, waits=waits or self.waits)

    def words(self) -> str:
        """Return what it is, for a person."""
        return " or ".join(word for kind, word in _WORDS.items() if kind in self.kinds)


def _of(*kinds: str, items: Type | None = None) -> Type:
    return Type(frozenset(kinds), items=items)


_EVERYTHING = frozenset(_WORDS)
ANY = _of(*_WORDS)
TEXT = _of("text")
NUMBER = _of("number")
BOOLEAN = _of("boolean")
NULL = Type(frozenset({"null"}), (None,))
MAP = _of("map")
LIST = _of("list")
FILE = _of("text", "map")


def list_of(items: Type) -> Type:
    """Return the type of a list."""
    return _of("list", items=items)


def map_of(fields: Mapping[str, Type]) -> Type:
    """Return the type of a map that has these fields and no others."""
    return Type(frozenset({"map"}), fields=fields)


def one_of(values: Iterable[Any]) -> Type:
    """Return the type of a value that is one of these."""
    known = tuple(values)
    kinds = frozenset(kind_of(value) for value in known)
    return Type(kinds, known if len(known) <= _MOST_VALUES and not kinds & {"list", "map"} else None)


def union(types: Iterable[Type]) -> Type:
    """Return what a value may be that is of one of these types; anything when there are none."""
    known = list(types)
    return reduce(_either, known) if known else ANY


def _either(one: Type, other: Type) -> Type:
    kinds = one.kinds | other.kinds
    values = (*one.values, *other.values) if one.values is not None and other.values is not None else None
    if kinds == _EVERYTHING:
        return ANY
    same = one if one.items == other.items and one.fields == other.fields else None
    keep = same or (one if "".join(other.kinds) == "null" else other if "".join(one.kinds) == "null" else None)
    return Type(kinds, values, keep and keep.items, keep and keep.fields, one.waits or other.waits)


def kind_of(value: Any) -> str:
    """Return the kind of plain data."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list() | tuple():
            return "list"
        case _:
            return "map"


def of_field(field: Any, depth: int = 0) -> Type:
    """Return the type of a declared field, a type name or a map; what is wrongly declared is anything."""
    declared = mapped(field)
    name = field if isinstance(field, str) else declared.get("type")
    if depth > _DEEPEST or (name is not None and not isinstance(name, str)):
        return ANY
    bare = (name or "").removesuffix("?")
    found = _declared(bare, declared, depth)
    optional = name is not None and name.endswith("?") and declared.get("default") is None
    return found.or_null() if optional else found


def _declared(bare: str, declared: Mapping[str, Any], depth: int) -> Type:
    if isinstance(values := declared.get("enum"), list):
        return one_of(cast("list[Any]", values))
    if bare == "array":
        return list_of(of_field(declared["items"], depth + 1)) if "items" in declared else LIST
    if bare == "object":
        return map_of(of_fields(declared["properties"], depth + 1)) if isinstance(declared.get("properties"), dict) else MAP
    if bare == "file":
        return FILE
    return _of(_NAMES[bare]) if bare in _NAMES else ANY


def of_fields(fields: Any, depth: int = 0) -> dict[str, Type]:
    """Return the types of a field map."""
    return {name: of_field(field, depth) for name, field in mapped(fields).items()}


def required(fields: Any) -> tuple[str, ...]:
    """Return the names in a field map that must be given: those without `?` and without a default."""
    return tuple(name for name, field in mapped(fields).items() if not _may_be_absent(field))


def _may_be_absent(field: Any) -> bool:
    declared = mapped(field)
    name = field if isinstance(field, str) else declared.get("type")
    return "default" in declared or (isinstance(name, str) and name.endswith("?"))


def of_data(value: Any) -> Type:
    """Return the type of plain data that holds no expression."""
    if isinstance(value, list):
        return list_of(union(of_data(item) for item in listed(value))) if value else LIST
    return MAP if isinstance(value, dict) else one_of([value])
