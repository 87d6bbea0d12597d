"""Plain data that knows where it was written: dict and list subclasses with a place for every key and item.

Places are kept as the parser's own marks and become `Span`s only when a finding needs one. Knows no YAML parser: a mark is anything with
`line`, `column` and `index` (0-based), an event anything with `start_mark` and `end_mark`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from runner.diagnostics import Span

if TYPE_CHECKING:
    from pathlib import Path

    from runner.compiler.definition import Where

LINE_BREAK = re.compile(r"\r\n|\r|\n")
_ODD_BREAKS = ("\x85", "\u2028", "\u2029")


class Mark(Protocol):
    """A place in a text; all numbers are 0-based and count characters."""

    @property
    def line(self) -> int: ...  # noqa: D102
    @property
    def column(self) -> int: ...  # noqa: D102
    @property
    def index(self) -> int: ...  # noqa: D102


class Event(Protocol):
    """Something the parser met, from one mark to another."""

    @property
    def start_mark(self) -> Mark: ...  # noqa: D102
    @property
    def end_mark(self) -> Mark: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Point:
    """A mark and an event at once: one place of no length."""

    line: int = 0
    column: int = 0
    index: int = 0

    @property
    def start_mark(self) -> Point:
        """Itself."""
        return self

    @property
    def end_mark(self) -> Point:
        """Itself."""
        return self


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that was parsed in one go. `file` is the name shown to people, `line` and `index` count what stands before it."""

    file: str
    path: Path
    text: str = field(repr=False)
    line: int = 0
    index: int = 0

    def place(self, mark: Mark) -> tuple[int, int]:
        """Return the 1-based line and column of a mark."""
        if not self.text.isascii() and _is_odd(self.text):
            return self.at(mark.index)
        return self.line + mark.line + 1, mark.column + 1

    def at(self, index: int) -> tuple[int, int]:
        """Return the 1-based line and column of a 0-based index into the part's text."""
        starts = _line_starts(self.text)
        line = bisect_right(starts, index)
        return self.line + line, index - starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """Return the span between two indexes into the part's text."""
        return Span(self.file, *self.at(start), *self.at(max(end, start)))


@lru_cache(maxsize=8)
def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in LINE_BREAK.finditer(text))]


@lru_cache(maxsize=8)
def _is_odd(text: str) -> bool:
    """Tell whether the parser counts lines otherwise than editors do."""
    return any(sign in text for sign in _ODD_BREAKS)


Spot = tuple["Event | None", "Event", Part]
"""Where an entry stands: its key (None for a list item), its value, and the part of the file both are in."""


class Map(dict[str, Any]):
    """A YAML map. `spots` has a place for every key; `end` is the closing event of a map in flow style."""

    __slots__ = ("end", "spots")

    def __init__(self) -> None:
        self.spots: dict[str, Spot] = {}
        self.end: Event | None = None


class Seq(list[Any]):
    """A YAML list. `spots` has a place for every item; `end` is the closing event of a list in flow style."""

    __slots__ = ("end", "spots")

    def __init__(self) -> None:
        self.spots: list[Spot] = []
        self.end: Event | None = None


def spot_of(data: Any, where: Where, root: Spot) -> tuple[Spot, Any, bool]:
    """Return the place of the value at a path, the value, and whether it is there; else those of its nearest parent."""
    spot, value = root, data
    for step in where:
        if isinstance(value, Map) and step in value.spots:
            spot, value = value.spots[str(step)], value[str(step)]
        elif isinstance(value, Seq) and isinstance(step, int) and step < len(value):
            spot, value = value.spots[step], value[step]
        else:
            return spot, value, False
    return spot, value, True


def key_span(spot: Spot) -> Span | None:
    """Return where the key of an entry stands, or None for a list item."""
    key, _, part = spot
    return None if key is None else Span(part.file, *part.place(key.start_mark), *part.place(key.end_mark))


def value_span(spot: Spot, value: Any) -> Span:
    """Return where a value stands, without the blank lines and comments after it."""
    _, event, part = spot
    start, end = event.start_mark, event.end_mark
    if isinstance(value, (Map, Seq)) and hasattr(event, "implicit"):  # not an alias, whose place is its own
        return _container_span(spot, value)
    if end.line == start.line:
        return Span(part.file, *part.place(start), *part.place(end))
    return part.span(start.index, start.index + len(part.text[start.index : end.index].rstrip()))


def _container_span(spot: Spot, value: Map | Seq) -> Span:
    _, event, part = spot
    start = part.place(event.start_mark)
    if value.end is not None:
        return Span(part.file, *start, *part.place(value.end.end_mark))
    last = next(reversed(value.spots.values()), None) if isinstance(value, Map) else (value.spots or [None])[-1]
    if last is None or last[2] is not part or last[1].start_mark.index < event.start_mark.index:
        return Span(part.file, *start, *start)
    inner = value_span(last, next(reversed(value.values())) if isinstance(value, Map) else value[-1])
    return Span(part.file, *start, inner.end_line, inner.end_column)


def inside(spot: Spot, text: str, start: int, end: int) -> Span:
    """Return the place of `text[start:end]`, where `text` is the value of the scalar at a spot, however it is quoted or folded."""
    _, event, part = spot
    tokens = _written(part.text, event.start_mark.index, event.end_mark.index)
    wanted = [edge - len(_SPACES.findall(text, 0, edge)) for edge in (start, end - 1)]
    if not tokens or wanted[1] >= len(tokens):
        return value_span(spot, text)
    return part.span(tokens[wanted[0]][0], tokens[wanted[1]][1])


_SPACES = re.compile(r"\s")
_ANCHOR = re.compile(r"&\S+\s+")
_HEADER = re.compile(r"[|>][-+0-9]*[^\r\n]*")
_ESCAPE = re.compile(r"\\(?:x(?P<x>..)|u(?P<u>.{4})|U(?P<U>.{8})|(?P<fold>\r?\n)|(?P<white>[abtnvfre0NLP_ ])|.)", re.DOTALL)


@lru_cache(maxsize=4)
def _written(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where each character of a scalar's value stands that is not white space; the same order as in the value."""
    if anchor := _ANCHOR.match(text, start):
        start = anchor.end()
    raw = text[start:end]
    if header := _HEADER.match(raw):
        return [(at, at + 1) for at in range(start + header.end(), end) if not text[at].isspace()]
    if raw[:1] == '"':
        return _double_quoted(text, start + 1, end - 1)
    if raw[:1] == "'":
        return [(start + 1 + m.start(), start + 1 + m.end()) for m in re.finditer(r"''|\S", raw[1:-1])]
    return [(at, at + 1) for at in range(start, end) if not text[at].isspace()]


def _double_quoted(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = start
    while at < end:
        escape = _ESCAPE.match(text, at, end) if text[at] == "\\" else None
        stop = escape.end() if escape else at + 1
        if not (_is_white(escape) if escape else text[at].isspace()):
            found.append((at, stop))
        at = stop
    return found


def _is_white(escape: re.Match[str]) -> bool:
    if escape["fold"]:
        return True
    code = escape["x"] or escape["u"] or escape["U"]
    if code:
        return chr(int(code, 16)).isspace()
    return escape["white"] is not None and escape["white"] not in "abe0"
