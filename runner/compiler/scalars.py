"""What a plain (unquoted) scalar means: the core schema of YAML 1.2, the one editors show. Knows no YAML parser.

`no`, `on`, `12:30` and `2026-01-01` are text; `true`, `20`, `0.5`, `null` are not. `010` is ten.
"""

from __future__ import annotations

import math
import re

AMBIGUOUS = frozenset("0123456789+-.~tTfFnN")
"""First characters a plain scalar that is not text can have."""

_WORDS: dict[str, bool | None] = {
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
LONGEST = 400
"""Signs that a number can have; what is longer is text."""


def resolve(text: str) -> str | int | float | bool | None:
    """Return the value of a plain scalar. Raises ValueError for a number that JSON cannot hold (`.inf`, `.nan`, `1e999`)."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= LONGEST:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text):
            return _finite(float(text))
        if _OTHER_BASE.fullmatch(text):
            return int(text, 0)
        if _NO_NUMBER.fullmatch(text):
            raise ValueError(text)
    return text


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number
