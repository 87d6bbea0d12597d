"""Computes an expression over a scope of plain data. Nothing is looked up elsewhere; a name that is not there is an error, never null.

An input that "may be absent or null" is null here because `shapes.filled` makes it so. `?.name` is also null when the name is absent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from runner.errors import AgentRunError, SecretError
from runner.expressions.nodes import Call, Coalesce, Compare, Constant, Index, ListOf, Logic, Member, Not, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.expressions.nodes import Expression, Node, Special

_Part = tuple[str, int, int]
"""A template's text and the place in it that an error is about."""

_KINDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((bool,), "true or false"),
    ((int, float), "a number"),
    ((str,), "text"),
    ((list, tuple), "a list"),
    ((Mapping,), "a map"),
)


class EvaluationError(AgentRunError):
    """An expression that has no value for these inputs. `offset` and `end` are 0-based places in the template's text."""

    kind = "expression"

    def __init__(self, message: str, offset: int, end: int, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.offset = offset
        self.end = end


def evaluate(node: Node, scope: Mapping[str, Any], text: str) -> Any:
    """Return the value of a tree; `text` is the template it was read from and is quoted in errors. Raises EvaluationError."""
    match node:
        case Constant():
            return node.value
        case Path():
            return _path(node, scope, text)
        case ListOf():
            return [evaluate(item, scope, text) for item in node.items]
        case Coalesce():
            return _coalesce(node, scope, text)
        case Compare():
            return _compare(node, evaluate(node.left, scope, text), evaluate(node.right, scope, text), text)
        case Not():
            return not _truth(node.operand, scope, text, "not")
        case Logic():
            truths = (_truth(item, scope, text, node.op) for item in node.items)
            return all(truths) if node.op == "and" else any(truths)
        case Call():
            return _call(node, [evaluate(argument, scope, text) for argument in node.arguments], text)


def to_text(value: Any, part: str | Expression | Special, text: str) -> str:
    """Return a value as it stands in text: a string as it is, the rest as JSON; null raises EvaluationError."""
    if isinstance(value, str):
        return value
    offset, end = (0, 0) if isinstance(part, str) else (part.offset, part.end)
    shown = _quote(text, offset, end)
    if value is None:
        inside = text[offset + 2 : end - 1].strip()
        raise EvaluationError(f"{shown} is null and stands in text", offset, end, hint=f"give it a default: ${{{inside} ?? ''}}")
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise EvaluationError(f"{shown} cannot be written as JSON", offset, end) from error


def resolve(special: Special, lookup: Callable[[str], str | None]) -> str:
    """Return the value of an `env` or `secret` special; empty counts as unset. Raises SecretError when there is none and no default."""
    value = lookup(special.name)
    if value:
        return value
    if special.default is not None:
        return special.default
    what = "secret" if special.kind == "secret" else "environment variable"
    raise SecretError(f"{what} `{special.name}` is not set", hint=special.required or f"set {special.name} and run again")


def equal(left: Any, right: Any) -> bool:
    """Return whether two values are the same data: 1 equals 1.0, true does not equal 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        first, second = cast("Sequence[Any]", left), cast("Sequence[Any]", right)
        return len(first) == len(second) and all(map(equal, first, second))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        one, other = cast("Mapping[Any, Any]", left), cast("Mapping[Any, Any]", right)
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    return bool(left == right)


def _path(path: Path, scope: Mapping[str, Any], text: str) -> Any:
    if path.root not in scope:
        raise EvaluationError(f"`{path.root}` is not known here", path.offset, path.root_end, hint=_names(scope))
    value, end = scope[path.root], path.root_end
    for step in path.steps:
        if isinstance(step, Member):
            if value is None and step.optional:
                return None
            value = _member(value, step, (text, path.offset, end))
        else:
            value = _index(value, evaluate(step.key, scope, text), step, (text, path.offset, end))
        end = step.end
    return value


def _member(value: Any, step: Member, left: _Part) -> Any:
    if isinstance(value, Mapping):
        data = cast("Mapping[str, Any]", value)
        if step.name in data:
            return data[step.name]
        if step.optional:
            return None
        raise EvaluationError(f"{_quote(*left)} has no `{step.name}`", step.offset, step.end, hint=_names(data, step.name))
    raise _not_a("map", value, left, f"so it has no `{step.name}`")


def _index(value: Any, key: Any, step: Index, left: _Part) -> Any:
    if isinstance(value, Mapping) and isinstance(key, str):
        return _member(value, Member(key, False, step.offset, step.end), left)
    if isinstance(value, (list, tuple)) and isinstance(key, int) and not isinstance(key, bool):
        items = cast("Sequence[Any]", value)
        if 0 <= key < len(items):
            return items[key]
        message = f"{_quote(*left)} has {len(items)} items, so no item {key}"
        raise EvaluationError(message, step.offset, step.end, hint="the first is [0]")
    if isinstance(value, (list, tuple, Mapping)):
        wanted = "a text" if isinstance(value, Mapping) else "a whole number"
        raise EvaluationError(f"expected {wanted} in the brackets, found {_kind(key)}", step.offset, step.end)
    raise _not_a("list or map", value, left, "so it has no items")


def _coalesce(node: Coalesce, scope: Mapping[str, Any], text: str) -> Any:
    for item in node.items:
        value = evaluate(item, scope, text)
        if value is not None:
            return value
    return None


def _truth(node: Node, scope: Mapping[str, Any], text: str, word: str) -> bool:
    value = evaluate(node, scope, text)
    if isinstance(value, bool):
        return value
    message = f"`{word}` needs true or false, {_quote(text, node.offset, node.end)} is {_kind(value)}"
    raise EvaluationError(message, node.offset, node.end, hint="compare it: x == null, x == '', length(x) > 0")


def _compare(node: Compare, left: Any, right: Any, text: str) -> bool:
    match node.op:
        case "==":
            return equal(left, right)
        case "!=":
            return not equal(left, right)
        case "in":
            return _contains(node, left, right, text)
        case "<" | "<=" | ">" | ">=":
            for side, value in ((node.left, left), (node.right, right)):
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    message = f"`{node.op}` compares numbers, {_quote(text, side.offset, side.end)} is {_kind(value)}"
                    raise EvaluationError(message, side.offset, side.end)
            return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[node.op]


def _contains(node: Compare, item: Any, whole: Any, text: str) -> bool:
    if isinstance(whole, (list, tuple)):
        return any(equal(item, other) for other in cast("Sequence[Any]", whole))
    if isinstance(whole, str):
        if isinstance(item, str):
            return item in whole
        raise _not_a("text", item, (text, node.left.offset, node.left.end), "so it is not in a text")
    raise _not_a("list or text", whole, (text, node.right.offset, node.right.end), "so nothing is in it")


def _call(node: Call, values: list[Any], text: str) -> Any:
    first = node.arguments[0]
    match node.name, values:
        case "length", [value] if isinstance(value, (str, list, tuple, Mapping)):
            return len(cast("Sequence[Any]", value))
        case "lower", [value] if isinstance(value, str):
            return value.lower()
        case "join", [items, separator] if isinstance(items, (list, tuple)) and isinstance(separator, str):
            return separator.join(_joined(item, first, text) for item in cast("Sequence[Any]", items))
        case "join", [items, other] if isinstance(items, (list, tuple)):
            second = node.arguments[1]
            raise _not_a("text", other, (text, second.offset, second.end), "and cannot separate")
        case _:
            wanted = {"length": "text, list or map", "lower": "text", "join": "list"}[node.name]
            raise _not_a(wanted, values[0], (text, first.offset, first.end), f"so `{node.name}` does not apply")


def _joined(item: Any, node: Node, text: str) -> str:
    if item is None:
        raise EvaluationError(f"{_quote(text, node.offset, node.end)} has a null in it, which has no text", node.offset, node.end)
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, default=_plain)


def _not_a(wanted: str, value: Any, left: _Part, then: str) -> EvaluationError:
    hint = "`?.` stops at null, `??` gives a default" if value is None else None
    return EvaluationError(f"{_quote(*left)} is {_kind(value)}, not {wanted}, {then}", left[1], left[2], hint=hint)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return next((name for types, name in _KINDS if isinstance(value, types)), "not plain data")


def _quote(text: str, start: int, end: int) -> str:
    shown = text[start:end]
    return f"`{shown}`" if len(shown) <= 80 else f"`{shown[:77]}…`"


def _names(data: Mapping[str, Any], wanted: str = "") -> str | None:
    names = sorted(str(key) for key in data)
    if close := get_close_matches(wanted, names, 1):
        return f"did you mean `{close[0]}`?"
    return f"known: {', '.join(names[:12])}" + (", …" if len(names) > 12 else "") if names else None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[Any, Any]", value))
    raise TypeError(type(value).__name__)
