"""What a person hands to a run: the prompt, standard input, and `--input name=value`, as plain data of the declared types."""

from __future__ import annotations

import difflib
import json
import math
import select
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.cli import show
from runner.cli.terminal.clean import shorten
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

MOST_BYTES = 10 * 1024 * 1024
"""More than this from a pipe or a file is a mistake, not a prompt."""

_PATIENCE = 3.0
"""Seconds without piped input after which a line says what is being waited for."""


def prompt_text(prompt: str | None) -> str | None:
    """Return the message: piped standard input, then the prompt, with an empty line between; None when there is neither."""
    pieces = [piece for piece in (_piped(), prompt) if piece and piece.strip()]
    return "\n\n".join(_well_formed(piece.strip("\n")) for piece in pieces) or None


def named_inputs(pairs: Sequence[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return `name=value` words as data of the types in an inputs schema. Raises UsageError for what does not fit."""
    fields: Mapping[str, Any] = schema.get("properties") or {}
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise UsageError(f"--input `{pair}`: write NAME=VALUE, or NAME=@FILE for what a file holds")
        if name in values:
            raise UsageError(f"--input `{name}` is given twice")
        if name not in fields:
            raise _unknown(name, fields)
        values[name] = _value(name, text, fields[name])
    return values


def _piped() -> str | None:
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return None
    _say_if_waiting()
    return _decoded(_bounded(sys.stdin.buffer, "standard input"), "standard input")


def _say_if_waiting() -> None:
    ready, _, _ = select.select([sys.stdin], [], [], _PATIENCE)
    if not ready:
        show.note("note: reading standard input until it ends; add `</dev/null` when there is none")


def _bounded(file: BinaryIO, what: str) -> bytes:
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UsageError(f"{what} is larger than {MOST_BYTES // 2**20} MiB", hint="give the file to a tool instead")
    return data


def _decoded(data: bytes, what: str) -> str:
    if b"\0" in data:
        raise UsageError(f"{what} is not text")
    return data.decode("utf-8-sig", errors="replace")


def _well_formed(text: str) -> str:
    """Replace what is no Unicode (bytes of an argument that were not UTF-8), so that it can be stored and sent."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _unknown(name: str, fields: Mapping[str, Any]) -> UsageError:
    near = difflib.get_close_matches(name, fields, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"inputs: {', '.join(sorted(fields))}" if fields else None
    return UsageError(f"the agent has no input `{name}`", hint=hint)


def _value(name: str, text: str, field: Mapping[str, Any]) -> Any:
    if is_file(field):
        return _existing(name, text.removeprefix("@")).absolute()
    if text.startswith("@"):
        path = _existing(name, text[1:])
        with path.open("rb") as file:
            text = _decoded(_bounded(file, f"`{path}`"), f"`{path}`")
    types = _types(field)
    if "string" in types and not ("null" in types and text == "null"):
        return _well_formed(text)
    return _parsed(name, text.strip(), types)


def is_file(field: Mapping[str, Any]) -> bool:
    """Return True for an input of the language's type `file`."""
    return str(field.get("format", "")).startswith("file")


def _existing(name: str, text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise UsageError(f"--input {name}: there is no file `{text}`")
    return path


def _types(field: Mapping[str, Any]) -> tuple[str, ...]:
    declared = field.get("type")
    if declared is None:
        choices: Sequence[Any] = field.get("enum") or ()
        return ("string",) if all(isinstance(choice, str) for choice in choices) else ("any",)
    return (declared,) if isinstance(declared, str) else tuple(declared)


def _parsed(name: str, text: str, types: tuple[str, ...]) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if "any" in types or any(_fits(value, kind) for kind in types):
        return value
    wanted = " or ".join(kind for kind in types if kind != "null")
    example = {"boolean": "true", "integer": "3", "number": "0.5", "array": '["a", "b"]', "object": '{"a": 1}'}.get(types[0])
    raise UsageError(f"--input {name}: `{shorten(text, 60)}` is not {_article(wanted)} {wanted}", hint=f"for example {name}={example}")


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return value is None


def _article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"
