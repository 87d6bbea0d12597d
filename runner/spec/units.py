"""Durations and sizes as people write them, turned into numbers. Knows no pydantic and no YAML."""

from __future__ import annotations

import re

DURATION = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"
SIZE = r"^[0-9]+(\.[0-9]+)?(B|KiB|MiB|GiB)$"

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def seconds(text: str) -> float:
    """Return a duration such as `500ms 10s 5m 2h 7d` in seconds. Raises ValueError for other text."""
    number, unit = _split(DURATION, text, "a duration such as 10s")
    return float(number) * _SECONDS[unit]


def size_bytes(text: str) -> int:
    """Return a size such as `512KiB` or `1GiB` in bytes. Raises ValueError for other text."""
    number, unit = _split(SIZE, text, "a size such as 512KiB")
    return int(float(number) * _BYTES[unit])


def _split(pattern: str, text: str, wanted: str) -> tuple[str, str]:
    match = re.fullmatch(pattern, text)
    if match is None or "\n" in text:
        raise ValueError(f"expected {wanted}, found `{text[:40]}`")
    unit = match[match.lastindex or 0]
    return text[: -len(unit)], unit
