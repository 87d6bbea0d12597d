"""The one door of JSON Schema checking: data against a schema, with words that a model or a person can act on.

A validator is compiled once per schema object. Nothing is fetched: a reference to another document is an error, not a request.
Knows no YAML and no places in files; `problems` hands raw findings to whoever does.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from math import isfinite
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from runner.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Schema = Mapping[str, Any]

_KEPT = 512
_compiled: OrderedDict[tuple[int, bool], tuple[Schema, Any]] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class ShapeError:
    """One way in which data does not fit. `path` leads to the value, or to the key that is missing or too much.

    `keyword` is the schema's; `allowed` are the values or keys that would fit, when they can be listed.
    """

    path: tuple[str | int, ...]
    keyword: str
    message: str
    allowed: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One raw finding. `value` is what the schema's `keyword` says, `instance` the data at `path`, `schema` the part that speaks.

    `required`: one finding for each missing key, `path` is the map's and `key` the missing key. `additionalProperties`: one for each
    key too much, `path` includes it and `key` is it. `allowed` lists the values of an `enum` or the keys of the map.
    `message` is jsonschema's own.
    """

    path: tuple[str | int, ...]
    keyword: str
    value: Any
    instance: Any
    schema: Schema
    key: str = ""
    allowed: tuple[Any, ...] = ()
    message: str = ""


def validator(schema: Schema, *, language: bool = False) -> Any:
    """Return the compiled validator of a schema; the same schema object gets the same validator.

    `language` = one of our own kinds (draft 7); else the draft the schema names, 2020-12 unless it does. Raises ConfigError for a
    schema that is not one.
    """
    key = (id(schema), language)
    with _lock:
        known = _compiled.get(key)
        if known is not None and known[0] is schema:
            _compiled.move_to_end(key)
            return known[1]
    made = _compile(schema, language=language)
    with _lock:
        _compiled[key] = (schema, made)
        if len(_compiled) > _KEPT:
            _compiled.popitem(last=False)
    return made


def problems(schema: Schema, data: Any) -> Iterator[Problem]:
    """Yield what is wrong with a document of one of our kinds, lazily, in the order of the schema."""
    for error in validator(schema, language=True).iter_errors(data):
        yield _problem(error)


def check(schema: Schema, data: Any) -> list[ShapeError]:
    """Return in which ways data does not fit a schema, nearest to the root first; an empty list when it fits.

    Messages are one line and name the place: `items[0].count` must be a whole number, found "many".
    """
    compiled = validator(schema)
    try:
        errors = sorted(compiled.iter_errors(data), key=lambda error: [str(part) for part in error.absolute_path])
    except RecursionError:
        return [ShapeError((), "depth", "the data is nested too deeply")]
    except _unresolvable() as error:
        return [ShapeError((), "$ref", f"the schema points to `{_cut(str(getattr(error, 'ref', error)))}`, which it does not contain")]
    found = [_shape_error(_problem(_telling(error))) for error in errors]
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def filled(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map with the defaults of absent properties filled in, and null for those that may be null."""
    found = dict(data)
    for name, part in cast("Mapping[str, Schema]", schema.get("properties", {})).items():
        if name not in found and "default" in part:
            found[name] = part["default"]
        elif name not in found and "null" in part.get("type", ()) and part["type"] != "null":
            found[name] = None
    return found


def _compile(schema: Schema, *, language: bool) -> Any:
    import jsonschema.validators as drafts
    from jsonschema.exceptions import SchemaError
    from jsonschema_specifications import REGISTRY  # pyright: ignore[reportMissingTypeStubs]

    draft = cast("Any", drafts.Draft7Validator if language else drafts.validator_for(schema, default=drafts.Draft202012Validator))
    if not language:
        try:
            draft.check_schema(schema)
        except SchemaError as error:
            raise ConfigError(f"this is not a JSON Schema: {place(tuple(error.absolute_path))}: {_cut(error.message)}") from None
    return _speaking(draft, language)(schema, registry=REGISTRY)


@lru_cache(maxsize=16)
def _speaking(draft: Any, language: bool) -> Any:
    """Return a draft's validator class with findings that name one key each.

    For our own kinds also exact: `20.0` is no integer, a number is finite, and `$` in a pattern is the end, not a line's end.
    """
    import jsonschema.validators as drafts

    own: dict[str, Any] = {"required": _each_missing, "additionalProperties": _each_extra}
    if not language:
        return cast("Any", drafts).extend(draft, own)
    checker = draft.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number})
    return cast("Any", drafts).extend(draft, {**own, "pattern": _whole_pattern, "allOf": _all_of}, type_checker=checker)


def _is_integer(_: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: Any, value: Any) -> bool:
    return _is_integer(_, value) or (isinstance(value, float) and isfinite(value))


def _whole_pattern(_: Any, pattern: str, instance: Any, __: Schema) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    exact = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    if isinstance(instance, str) and not re.search(exact, instance):
        yield ValidationError("does not match")


def _all_of(draft: Any, parts: Sequence[Any], instance: Any, _: Schema) -> Iterator[Any]:
    """Check each part but those for other types: a map has one type, and asking the draft about all costs more than the rest."""
    values = cast("dict[str, Any]", instance) if isinstance(instance, dict) else {}
    for part in parts:
        tags: dict[str, Any] = part["if"].get("properties", {}) if part.keys() == {"if", "then"} else {}
        if all(values.get(key, tag.get("const")) == tag.get("const", values.get(key)) for key, tag in tags.items()):
            yield from draft.descend(instance, part)


def _unresolvable() -> type[Exception]:
    from referencing.exceptions import Unresolvable

    return Unresolvable


def _each_missing(_: Any, names: Sequence[str], instance: Any, __: Schema) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    yield from (ValidationError(name) for name in names if isinstance(instance, dict) and name not in instance)


def _each_extra(draft: Any, extra: Any, instance: Any, schema: Schema) -> Iterator[Any]:
    if not isinstance(instance, dict) or extra is True:
        return
    known, patterns = schema.get("properties", ()), schema.get("patternProperties", ())
    for name in [name for name in cast("dict[str, Any]", instance) if name not in known]:
        if any(re.search(pattern, str(name)) for pattern in patterns):
            continue
        if extra is False:
            from jsonschema.exceptions import ValidationError

            error = ValidationError(str(name))
            error.path.appendleft(name)
            yield error
        else:
            yield from draft.descend(instance[name], extra, path=name)


def _problem(error: Any) -> Problem:
    schema = cast("Schema", error.schema)
    keyword, value = str(error.validator), error.validator_value
    key = str(error.message) if keyword in ("required", "additionalProperties") else ""
    allowed: tuple[Any, ...] = ()
    if keyword == "enum":
        allowed = tuple(value)
    elif keyword == "const":
        allowed = (value,)
    elif key:
        allowed = tuple(schema.get("properties", ()))
    return Problem(tuple(error.absolute_path), keyword, value, error.instance, schema, key, allowed, str(error.message))


def _telling(error: Any) -> Any:
    """Return the finding inside an anyOf or oneOf that tells most: the one deepest in the data."""
    while error.context:
        error = max(error.context, key=lambda inner: (len(inner.path), inner.validator not in ("type", "const", "enum")))
    return error


def _shape_error(problem: Problem) -> ShapeError:
    path = (*problem.path, problem.key) if problem.keyword == "required" else problem.path
    return ShapeError(path, problem.keyword, _words(problem, place(path)), problem.allowed)


def place(path: Sequence[str | int]) -> str:
    """Return a path as people write it: `items[0].name`; the whole value is `the value`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return f"`{_cut(text)}`" if text else "the value"


def _words(problem: Problem, where: str) -> str:
    found, value = f"found {_shown(problem.instance)}", problem.value
    match problem.keyword:
        case "required":
            return f"missing {where}"
        case "additionalProperties":
            return f"{where} is not known; {_known(problem)}"
        case "type":
            return f"{where} must be {_kinds(value)}, {found}"
        case "enum":
            return f"{where} must be one of {', '.join(_shown(item) for item in value)}; {found}"
        case "const":
            return f"{where} must be {_shown(value)}, {found}"
        case keyword if keyword in _BOUNDS:
            return f"{where} must {_BOUNDS[keyword].format(value)}, {found}"
        case "pattern":
            return f"{where} must match the pattern {_cut(str(value))}, {found}"
        case _:
            return f"{where}: {_cut(problem.message)}"


_BOUNDS = {
    "minimum": "be at least {}",
    "maximum": "be at most {}",
    "exclusiveMinimum": "be more than {}",
    "exclusiveMaximum": "be less than {}",
    "multipleOf": "be a multiple of {}",
    "minLength": "have at least {} characters",
    "maxLength": "have at most {} characters",
    "minItems": "have at least {} items",
    "maxItems": "have at most {} items",
    "minProperties": "have at least {} properties",
    "maxProperties": "have at most {} properties",
}
_ARTICLES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _kinds(value: str | Sequence[str]) -> str:
    return " or ".join(_ARTICLES.get(name, name) for name in ([value] if isinstance(value, str) else value))


def _known(problem: Problem) -> str:
    names = sorted(str(name) for name in problem.allowed)
    if close := get_close_matches(problem.key, names, 1):
        return f"did you mean `{close[0]}`?"
    return f"known: {', '.join(f'`{name}`' for name in names)}" if names else "nothing may be given here"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (list, tuple)):
        return "a list"
    return _cut(json.dumps(value, ensure_ascii=False, default=lambda _: "something else"))


def _cut(text: str, length: int = 120) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
