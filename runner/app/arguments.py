"""Turns what a person typed for one tool call – JSON, or `name=value` words – into arguments that fit the tool's schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn, cast

from runner import shapes
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DEFINITIONS = ("$defs", "definitions")


def arguments(tool: str, whole: str | None, pairs: Sequence[tuple[str, str]], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call: the JSON object `whole`, then each pair over it. Raises UsageError for what does not fit `schema`.

    The text of a pair is taken as text where the schema allows text, else as JSON.
    """
    found = _object(whole) if whole is not None else {}
    for name, text in pairs:
        found[name] = _value(text, name, schema)
    if wrong := shapes.check(schema, found):
        what = "; ".join(problem.message for problem in wrong[:5])
        raise UsageError(f"the arguments do not fit `{tool}`: {what}", hint=f"`agent-run tools show {tool}` says what it takes")
    return found


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text.strip() or "{}", parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise UsageError(
            f"--args is not JSON: {error.msg.lower()} at {where}", hint="""for example --args '{"city": "Oslo"}'; or use --arg city=Oslo"""
        ) from None
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"--args is not JSON: {why}") from None
    if not isinstance(found, dict):
        raise UsageError("--args must be one JSON object", hint="""for example --args '{"city": "Oslo"}'""")
    return cast("dict[str, Any]", found)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


def _value(text: str, name: str, schema: Mapping[str, Any]) -> Any:
    properties = schema.get("properties")
    own: Any = cast("Mapping[str, Any]", properties).get(name) if isinstance(properties, dict) else None
    if isinstance(own, dict):
        shared = {key: schema[key] for key in _DEFINITIONS if key in schema}
        if not shapes.check({**shared, **cast("dict[str, Any]", own)}, text):
            return text
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
