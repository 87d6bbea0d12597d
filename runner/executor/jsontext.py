"""Reads JSON that a model wrote: whatever is wrong with it is a ValueError with one line that the model can act on."""

from __future__ import annotations

import json
import math
from typing import Any, cast

DEEPEST = 64
"""Levels of lists and maps; what is deeper is no data that anybody asked for."""


def read(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError for broken JSON, NaN and infinities, endless numbers, and bottomless nesting."""
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise ValueError(f"it is nested more than {DEEPEST} levels deep") from None
    if _deeper(value):
        raise ValueError(f"it is nested more than {DEEPEST} levels deep")
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _whole(text: str) -> int:
    if len(text) > 400:
        raise ValueError(f"the number {text[:20]}… is too long")
    return int(text)


def _deeper(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [item for part in level for item in _inside(part)]
        if not level:
            return False
    return True


def _inside(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return list(cast("dict[str, Any]", part).values())
    return cast("list[Any]", part) if isinstance(part, list) else []
