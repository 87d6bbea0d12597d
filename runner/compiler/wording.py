"""The words for a value that does not fit its place: its type, the values allowed, a pattern, a range."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.certain import certain
from runner.compiler.findings import BAD_VALUE, WRONG_TYPE, listed, nearest, shown, suggestion
from runner.compiler.scalars import LONGEST
from runner.diagnostics import Diagnostic, Fix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.compiler.nodes import Spot
    from runner.diagnostics import Span
    from runner.shapes import Problem

_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a map",
    "array": "a list",
    "null": "null",
}
_RANGES = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
}
_SIZES = {
    "minLength": ("at least", "character"),
    "maxLength": ("at most", "character"),
    "minItems": ("at least", "item"),
    "maxItems": ("at most", "item"),
    "minProperties": ("at least", "key"),
    "maxProperties": ("at most", "key"),
}


def bad_value(problem: Problem, label: str, span: Span, spot: Spot) -> Diagnostic:
    """Return the finding for a value that is there and does not fit. `label` is how people call its place."""
    keyword, value = problem.keyword, problem.value
    if keyword == "type":
        return _wrong_type(problem, label, span, spot)
    if keyword in ("enum", "const"):
        return _not_allowed(problem, label, span)
    if keyword == "pattern" and problem.instance == "":
        hint = problem.schema.get("patternErrorMessage") or _sample(problem)
        return Diagnostic(BAD_VALUE, span, f"{label} is empty", hint)
    if keyword == "pattern":
        hint = problem.schema.get("patternErrorMessage") or _sample(problem)
        return Diagnostic(BAD_VALUE, span, f"{_written(problem.instance)} does not fit {label}", hint)
    if keyword in _RANGES:
        return Diagnostic(BAD_VALUE, span, f"{label} must be {_RANGES[keyword]} {value}, not {_number(problem.instance)}")
    if keyword in _SIZES:
        word, unit = _SIZES[keyword]
        if value == 1 and word == "at least":
            return Diagnostic(BAD_VALUE, span, f"{label} is empty", f"give it at least one {unit}, or leave the key out")
        return Diagnostic(BAD_VALUE, span, f"{label} must have {word} {value} {unit}{'' if value == 1 else 's'}")
    return Diagnostic(BAD_VALUE, span, f"{label} is not allowed: {shown(problem.message, 100)}")


def _wrong_type(problem: Problem, label: str, span: Span, spot: Spot) -> Diagnostic:
    wanted = [problem.value] if isinstance(problem.value, str) else list(cast("Sequence[str]", problem.value))
    names = " or ".join(_KINDS.get(name, name) for name in wanted)
    if (
        {"integer", "number"} & set(wanted)
        and isinstance(problem.instance, str)
        and len(problem.instance) > LONGEST
        and _is_integer(problem.instance)
    ):
        what = f"{label} is a number of {len(problem.instance):,} digits"
        return Diagnostic(BAD_VALUE, span, what, "write a number that can be meant")
    hint, text = _mend(problem, wanted, spot)
    fix = Fix(span, text) if text is not None and span.line == span.end_line else None
    return Diagnostic(WRONG_TYPE, span, f"{label} must be {names}, not {_kind(problem.instance)}", hint, fix)


def _sample(problem: Problem) -> str:
    examples = [item for item in problem.schema.get("examples", ()) if isinstance(item, str)]
    return f"expected something like `{examples[0]}`" if examples else f"expected text that matches `{shown(str(problem.value), 100)}`"


def _mend(problem: Problem, wanted: list[str], spot: Spot) -> tuple[str | None, str | None]:
    """Return a hint and, when it is certain, the text that mends a value of the wrong type."""
    value, written = problem.instance, str(getattr(spot[1], "value", ""))
    pattern = problem.schema.get("pattern")
    if isinstance(value, (bool, int, float)) and "string" in wanted:
        if pattern and not re.search(pattern, written):
            return problem.schema.get("patternErrorMessage"), None
        return f'quote it: "{shown(written)}"', json.dumps(written)
    if isinstance(value, str):
        if "array" in wanted:
            return f"write a list: [{shown(written, 30)}]", None
        if ("integer" in wanted and _is_integer(value)) or ("boolean" in wanted and value in ("true", "false")):
            return f"write it without quotes: {shown(value)}", value
        if "boolean" in wanted and value.lower() in ("yes", "no", "on", "off"):
            return "write `true` or `false`", "true" if value.lower() in ("yes", "on") else "false"
        if "${" in value and not {"string", "object", "array"} & set(wanted):
            return "an expression cannot stand here", None
    if value is None:
        return "null is for data only; delete the key to leave it out", None
    return None, None


def _is_integer(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    if value is None:
        return "null"
    if isinstance(value, str):
        return "text"
    if isinstance(value, (int, float)):
        return f"the number {_number(value)}"
    return "a list" if isinstance(value, list) else "a map"


def _number(value: Any) -> str:
    try:
        return shown(str(value), 30)
    except ValueError:  # an integer of thousands of digits
        return "this number"


def _written(value: Any) -> str:
    return f"`{shown(value)}`" if isinstance(value, str) else _kind(value)


def _not_allowed(problem: Problem, label: str, span: Span) -> Diagnostic:
    words = [str(item) for item in problem.allowed]
    optional = [word for word in words if word.removesuffix("?") in words and word.endswith("?")]
    plain = [word for word in words if word not in optional]
    value = problem.instance
    message = f"{_written(value)} is not a value of {label}"
    if optional:
        message = f"{_written(value)} is not a type"
        if not isinstance(value, str) or not nearest(value, words):
            return Diagnostic(BAD_VALUE, span, message, f"types: {listed(sorted(plain))}; a trailing `?` means it may be absent")
    if not isinstance(value, str):
        return Diagnostic(BAD_VALUE, span, message, f"values: {listed(sorted(plain))}")
    meant = certain(value, words)
    fix = Fix(span, meant) if meant and span.line == span.end_line else None
    return Diagnostic(BAD_VALUE, span, message, suggestion(value, words, "values"), fix)


def example(key: str, about: dict[str, Any]) -> str | None:
    """Return the hint for a missing key: what it is, and an example of it, from its schema."""
    shown_example = next((item for item in about.get("examples", ()) if isinstance(item, (str, int, float))), None)
    text = str(about.get("description", "")).split(". ")[0].strip().rstrip(".")
    sample = f"for example `{key}: {json.dumps(shown_example) if isinstance(shown_example, bool) else shown_example}`"
    if shown_example is None:
        return f"{text[:1].lower()}{text[1:]}" if text else None
    return f"{text[:1].lower()}{text[1:]}; {sample}" if text else sample
