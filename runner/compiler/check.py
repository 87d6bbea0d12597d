"""Checks the shape of a definition against the JSON Schema of its kind and says what is wrong in our words; one cause, one finding.

Shape only: what names mean, and whether what they name exists, is for `rules/`.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, cast

from runner.compiler import schema, wording
from runner.compiler.certain import certain
from runner.compiler.documents import NAMED
from runner.compiler.findings import BAD_VALUE, MISSING_KEY, MOST_FINDINGS, UNKNOWN_KEY, WRONG_TYPE, at_most, nearest, shown, suggestion
from runner.compiler.nodes import Map, key_span, spot_of, value_span
from runner.compiler.texts import NOTHING, scope_of
from runner.diagnostics import Diagnostic, Fix
from runner.shapes import problems
from runner.spec.units import DURATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.compiler.definition import Where
    from runner.compiler.documents import Document
    from runner.diagnostics import Span
    from runner.shapes import Problem

_FIELD_MAPS = ("inputs", "output", "properties")
_SECRET_KEYS = {"api_key", "token", "password", "secret", "client_secret"}
_DURATIONS: tuple[Where, ...] = (("limits", "time"), ("timeout",), ("retry", "within"))
_LONGEST_DURATION = 20
_NULL_WORDS = ("null", "Null", "NULL", "~")


def check_shape(document: Document) -> list[Diagnostic]:
    """Return what is wrong with the shape of a definition. A definition that could not be read to its end is left alone."""
    if not document.whole:
        return []
    found = list(islice(problems(schema.load(document.kind), document.data), MOST_FINDINGS * 2))
    lists = [*_lists_without_parent(document), *_odd_durations(document)]
    if not found:
        return lists
    pasted = {path for problem in found if (path := _pasted_schema(document, problem.path))}
    others = (problem for problem in _causes(document, found) if not any(problem.path[: len(path)] == path for path in pasted))
    every = chain(lists, (_pasted(document, path) for path in sorted(pasted, key=str)), (_finding(document, problem) for problem in others))
    return list(at_most(every, document.head()))


def _lists_without_parent(document: Document) -> list[Diagnostic]:
    """Return a finding for each `key+` that has nothing to be appended to, because the definition extends nothing."""
    if "extends" in document.own or document.kind not in NAMED:
        return []
    keys = [key for key, value in document.own.items() if key.endswith("+") and isinstance(value, list)]
    what, hint = "adds to the list of a parent, and there is none", "write `extends: NAME` too, or leave the `+` out"
    return [Diagnostic(UNKNOWN_KEY, document.span((key,), key=True), f"`{shown(key)}` {what}", hint) for key in keys]


def _odd_durations(document: Document) -> Iterator[Diagnostic]:
    """Yield a finding for each duration that stops every call or run at once, or that is too long to be a number."""
    for where in _DURATIONS:
        _, value, there = spot_of(document.data, where, document.spot)
        if not (there and isinstance(value, str) and re.fullmatch(DURATION, value)):
            continue
        if len(value) > _LONGEST_DURATION:
            what = f"{_label(where)} is a duration of {len(value)} signs"
            yield Diagnostic(BAD_VALUE, document.span(where), what, "write one that can be meant, such as 10s, 5m or 2h")
        elif where != ("limits", "time") and not re.search("[1-9]", value):
            what = f"with `{where[-1]}: {value}` there is no time for anything"
            yield Diagnostic(BAD_VALUE, document.span(where), what, "leave it out for the default")


def _causes(document: Document, found: Iterable[Problem]) -> Iterator[Problem]:
    """Yield one problem for each cause: of several at one value the one about its type, and no missing key that is only misspelt."""
    by_place: dict[tuple[Where, str], Problem] = {}
    for problem in found:
        if not _is_hole(document, problem) and not _said_before(document, problem):
            place = (problem.path, problem.key)
            known = by_place.get(place)
            if known is None or (problem.keyword == "type" and known.keyword != "type"):
                by_place[place] = problem
    misspelt = {
        (problem.path[:-1], nearest(problem.key, problem.allowed))
        for problem in by_place.values()
        if problem.keyword == "additionalProperties"
    }
    for problem in by_place.values():
        if problem.keyword != "required" or (problem.path, problem.key) not in misspelt:
            yield problem


def _is_hole(document: Document, problem: Problem) -> bool:
    """Tell whether a value is null only because what was written could not be read; that has been said."""
    if problem.instance is not None:
        return False
    spot, _, _ = spot_of(document.data, problem.path, document.spot)
    return getattr(spot[1], "value", "") not in _NULL_WORDS


def _said_before(document: Document, problem: Problem) -> bool:
    """Tell whether reading, a parent that is missing, or a rule says it: an expression out of place, a secret in plain text."""
    if problem.path == ("kind",) and problem.keyword in ("const", "enum"):
        return True
    if problem.keyword in ("pattern", "enum", "const") and "${" in str(problem.instance) and scope_of(document, problem.path) == NOTHING:
        return True
    if isinstance(problem.instance, (int, float)) and _SECRET_KEYS & {str(step) for step in problem.path}:
        return True
    return document.orphan and problem.keyword == "required"


def _finding(document: Document, problem: Problem) -> Diagnostic:
    if problem.keyword == "additionalProperties":
        return _unknown_key(document, problem)
    if problem.keyword == "required":
        return _missing_key(document, problem)
    spot, value, _ = spot_of(document.data, problem.path, document.spot)
    if _SECRET_KEYS & {str(step) for step in problem.path}:
        return Diagnostic(WRONG_TYPE, value_span(spot, value), f"{_label(problem.path)} must be text", "write ${secret:NAME}")
    return wording.bad_value(problem, _label(problem.path), value_span(spot, value), spot)


def _unknown_key(document: Document, problem: Problem) -> Diagnostic:
    span = document.span(problem.path, key=True)
    key = problem.key
    if "patternProperties" in problem.schema and not problem.allowed:
        hint = problem.schema.get("patternErrorMessage", "expected a name of letters, digits, `_` or `-`")
        return Diagnostic(BAD_VALUE, span, f"`{shown(key)}` cannot be a name here", hint)
    known = [str(name) for name in problem.allowed if not str(name).endswith("+") or key.endswith("+")]
    siblings = cast("dict[str, Any]", spot_of(document.data, problem.path[:-1], document.spot)[1])
    meant = certain(key, (name for name in known if name not in siblings))
    fix = Fix(span, meant) if meant is not None else None
    where = _label(problem.path[:-1])
    what = f"unknown key `{shown(key)}`" + (f" in {where}" if len(problem.path) > 1 else "")
    return Diagnostic(UNKNOWN_KEY, span, what, suggestion(key, known, "known keys") or "no keys can stand here", fix)


def _missing_key(document: Document, problem: Problem) -> Diagnostic:
    where = f" in {_label(problem.path)}" if problem.path else ""
    about: dict[str, Any] = problem.schema.get("properties", {}).get(problem.key, {})
    if not about and not problem.path:
        about = _about(document, problem.key)
    hint = wording.example(problem.key, about)
    return Diagnostic(MISSING_KEY, _head(document, problem.path), f"`{problem.key}` is missing{where}", hint)


def _about(document: Document, key: str) -> dict[str, Any]:
    """Return what the schema says about a key at the top of a definition, for the type that it has."""
    whole = schema.load(document.kind)
    places = [whole] + [rule["then"] for rule in whole.get("allOf", ()) if _is_type(rule, document.data.get("type"))]
    found: list[dict[str, Any]] = [place["properties"][key] for place in places if key in place.get("properties", ())]
    return found[0] if found else {}


def _is_type(rule: dict[str, Any], name: Any) -> bool:
    return "then" in rule and rule.get("if", {}).get("properties", {}).get("type", {}).get("const") == name


def _head(document: Document, path: Where) -> Span:
    """Return a short place for something that is not in a map: the map's first key, or the map itself when it is written in one line."""
    if not path:
        return document.head()
    spot, value, _ = spot_of(document.data, path, document.spot)
    first = next(iter(value.spots.values()), None) if isinstance(value, Map) and value.end is None else None
    return (first and key_span(first)) or value_span(spot, value)


def _label(path: Where) -> str:
    """Return how people call a place: its key, or `item 2 of `tools``."""
    if not path:
        return "the definition"
    last = path[-1]
    if isinstance(last, str):
        return f"`{shown(last)}`"
    owner = next((step for step in reversed(path) if isinstance(step, str)), "")
    return f"item {last + 1} of `{shown(owner)}`"


def _pasted_schema(document: Document, path: Where) -> Where | None:
    """Return the path of the field map around a problem that is a JSON Schema somebody pasted."""
    for at, step in enumerate(path):
        if step in _FIELD_MAPS:
            _, value, there = spot_of(document.data, path[: at + 1], document.spot)
            if there and isinstance(value, Map) and value.get("type") == "object" and isinstance(value.get("properties"), Map):
                return path[: at + 1]
    return None


def _pasted(document: Document, path: Where) -> Diagnostic:
    names = list(spot_of(document.data, (*path, "properties"), document.spot)[1])
    hint = f"write the fields themselves: `{path[-1]}: {{{shown(str(names[0])) if names else 'name'}: …}}`; a field that may be absent has a type that ends in `?`"
    return Diagnostic(BAD_VALUE, document.span(path, key=True), f"`{path[-1]}` holds a JSON Schema, not a map of fields", hint)
