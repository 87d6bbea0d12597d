"""Reads docstrings: what a function does and what each of its parameters means. Google and Sphinx style. Standard library only."""

from __future__ import annotations

import inspect
import re

_SECTION = re.compile(
    r"(args|arguments|parameters|params|returns?|yields?|raises|examples?|notes?|attributes|see also)\s*:?\s*$", re.IGNORECASE
)
_ARGUMENTS = re.compile(r"(args|arguments|parameters|params)\s*:\s*$", re.IGNORECASE)
_GOOGLE = re.compile(r"(?P<indent>\s+)\*{0,2}(?P<name>\w+)\s*(?:\([^)]*\))?\s*:\s*(?P<text>.*)")
_SPHINX = re.compile(r":param\s+(?:[^:]*\s)?(?P<name>\w+)\s*:\s*(?P<text>.*)")
_FIELD = re.compile(r":(param|type|returns?|rtype|raises?)\b")


def read_docstring(doc: str | None) -> tuple[str, dict[str, str]]:
    """Return the words before any section, and the description of every documented parameter."""
    lines = inspect.cleandoc(doc or "").split("\n")
    end = next((number for number, line in enumerate(lines) if _SECTION.fullmatch(line) or _FIELD.match(line)), len(lines))
    return "\n".join(lines[:end]).strip(), _parameters(lines[end:])


def _parameters(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    inside, current, depth = False, "", 0
    for line in lines:
        sphinx = _SPHINX.match(line)
        google = _GOOGLE.fullmatch(line) if inside else None
        indent = len(line) - len(line.lstrip())
        if sphinx:
            current, depth = sphinx["name"], 0
            found[current] = sphinx["text"]
        elif google and (not current or indent <= depth):
            current, depth = google["name"], indent
            found[current] = google["text"]
        elif line.strip() and indent > depth and current:
            found[current] += " " + line.strip()
        elif line.strip():
            inside, current, depth = bool(_ARGUMENTS.fullmatch(line)), "", 0
    return {name: text.strip() for name, text in found.items() if text.strip()}
