"""Takes known secrets out of text, by value. Knows values and their names, not where they came from or where the text goes.

A secret is found as it was given and in the forms it travels in: JSON-escaped, URL-encoded, and base64 at any offset (`Basic`
authorization wraps it in a longer text). It is replaced by `[secret:NAME]`. A value under six characters is not replaced: it
would be found inside ordinary words, and the text around it would give it away.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, quote_plus

SHORTEST = 6
"""Values with fewer characters are not redacted."""

_SHORTEST_LINE = 16
_SHORTEST_BASE64 = 8

_names: dict[str, str] = {}
_pattern: re.Pattern[str] | None = None


def register(value: str, name: str) -> bool:
    """Remember a secret from now on; return False when it is too short to be taken out of text."""
    global _pattern  # noqa: PLW0603 – one register for the whole process: a secret must not leak because somebody had another copy
    core = value.strip()
    if len(core) < SHORTEST:
        return False
    fresh = {form: name for form in _forms(core) if form not in _names}
    if fresh:
        _names.update(fresh)
        _pattern = re.compile("|".join(re.escape(form) for form in sorted(_names, key=len, reverse=True)))
    return True


def redact(text: str) -> str:
    """Return the text with every known secret replaced by `[secret:NAME]`."""
    pattern = _pattern
    if pattern is None or not any(form in text for form in tuple(_names)):
        return text
    return pattern.sub(_replacement, text)


def redact_data(value: Any) -> Any:
    """Return plain data (maps, lists, strings, numbers) with secrets taken out of every string and key."""
    if _pattern is None:
        return value
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return {redact(key) if isinstance(key, str) else key: redact_data(item) for key, item in pairs}
    if isinstance(value, (list, tuple)):
        return [redact_data(item) for item in cast("list[Any]", value)]
    return value


def clear() -> None:
    """Forget every secret. For tests."""
    global _pattern  # noqa: PLW0603 – see `register`
    _names.clear()
    _pattern = None


def _replacement(found: re.Match[str]) -> str:
    return f"[secret:{_names.get(found.group(), 'unknown')}]"


def _forms(value: str) -> set[str]:
    forms = {value, quote(value), quote(value, safe=""), quote_plus(value)} if _encodable(value) else {value}
    forms |= {re.sub(r"%[0-9A-F]{2}", lambda code: code.group().lower(), form) for form in forms}
    forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    forms |= _base64_forms(value.encode(errors="surrogatepass"))
    lines = {line.strip() for line in value.splitlines()} if "\n" in value else set[str]()
    return forms | {line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("-----")}


def _base64_forms(data: bytes) -> set[str]:
    """Return the characters of base64 that depend on `data` alone, for each of its three possible offsets."""
    forms: set[str] = set()
    for offset, uncertain in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(bytes(offset) + data).decode().rstrip("=")
        certain = whole[uncertain : (offset + len(data)) * 8 // 6]
        forms |= {certain, certain.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= _SHORTEST_BASE64}


def _encodable(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)
