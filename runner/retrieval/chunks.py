"""Cuts a document into passages with the headings above them and their exact lines. Knows no files and no index.

Markdown (and HTML read as such) is cut at its headings, code at its top-level definitions, tables by rows under their header row;
what is still too long is cut at the best place by semantic-text-splitter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from runner.retrieval import Chunk, Document
from runner.retrieval.documents import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LONGEST = 1400
"""Characters of the longest passage: a screenful, and five of them fit any model."""

_FULL = 900
"""A passage cut out of a longer section is full from here on."""

_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_DEFINITION = re.compile(
    r"(?:(?:export|default|pub(?:\([a-z]+\))?|public|static|abstract|final|async)\s+)*"
    r"(?:def|class|function|func|fn|interface|struct|enum|trait|impl|type|module|namespace)\s+([\w.:<>]+)"
)


@dataclass(slots=True)
class _Section:
    """Consecutive lines under one heading. `first` is the 1-based number of the first."""

    heading: str
    first: int
    lines: list[str] = field(default_factory=list[str])
    level: int = 0

    def says_more_than(self, after: _Section | None) -> bool:
        """False for blank lines, and for a bare heading whose words stand in the path of the next one."""
        body = self.lines[1:] if self.level else self.lines
        return any(line.strip() for line in body) or (self.level > 0 and (after is None or after.level <= self.level))


def split(document: Document) -> tuple[Chunk, ...]:
    """Return the passages of a document in order; an empty document has none."""
    lines = document.text.split("\n")
    match kind_of(document.name):
        case "markdown" | "html":
            sections = _telling(_by_heading(lines))
        case "code":
            sections = _telling(_by_definition(lines))
        case "table" if max(map(len, lines)) <= LONGEST:
            return tuple(_rows(lines))
        case _:
            sections = _telling([_Section("", 1, lines)])
    markdown = kind_of(document.name) == "markdown"
    chunks = (chunk for section in sections for chunk in _passages(section, markdown))
    return tuple(_placed(chunk, document.lines) for chunk in chunks)


def _placed(chunk: Chunk, lines: tuple[int, ...]) -> Chunk:
    """Return a chunk on the lines of the file that its text came from."""
    return replace(chunk, first_line=lines[chunk.first_line - 1], last_line=lines[chunk.last_line - 1]) if lines else chunk


def _telling(sections: Iterable[_Section]) -> Iterator[_Section]:
    """Yield the sections that have something to say."""
    for section, after in pairwise(chain(sections, (None,))):
        if section and section.says_more_than(after):
            yield section


def _by_heading(lines: list[str]) -> Iterator[_Section]:
    """Yield a section for every heading; a `#` inside a fenced block is not one."""
    trail: list[tuple[int, str]] = []
    section, fence = _Section("", 1), ""
    for number, line in enumerate(lines, start=1):
        fence = _fence_after(line, fence)
        heading = None if fence else _HEADING.match(line)
        if heading:
            yield section
            level = len(heading[1])
            trail = [*(item for item in trail if item[0] < level), (level, heading[2])]
            section = _Section(" › ".join(title for _, title in trail), number, level=level)
        section.lines.append(line)
    yield section


def _fence_after(line: str, fence: str) -> str:
    """Return the mark of the fenced block that is open after a line, or ""."""
    mark = _FENCE.match(line)
    if mark is None:
        return fence
    if not fence:
        return mark[1]
    closes = mark[1].startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence


def _by_definition(lines: list[str]) -> Iterator[_Section]:
    """Yield a section for every definition that begins at the left edge."""
    section = _Section("", 1)
    for number, line in enumerate(lines, start=1):
        found = _DEFINITION.match(line)
        if found:
            yield section
            section = _Section(found[1].rstrip(":"), number)
        section.lines.append(line)
    yield section


def _rows(lines: list[str]) -> Iterator[Chunk]:
    """Yield groups of rows, each under the table's first row."""
    group: list[tuple[int, str]] = []
    size = 0
    for number, line in enumerate(lines[1:], start=2):
        if group and size + len(line) > _FULL:
            yield _table(lines[0], group)
            group, size = [], 0
        if line.strip():
            group.append((number, line))
            size += len(line)
    if group:
        yield _table(lines[0], group)


def _table(header: str, group: list[tuple[int, str]]) -> Chunk:
    return Chunk("\n".join([header, *(line for _, line in group)]), "", group[0][0], group[-1][0])


def _passages(section: _Section, markdown: bool) -> Iterator[Chunk]:
    """Yield a section as one passage, or as several when it is long."""
    text = "\n".join(section.lines)
    if len(text) <= LONGEST:
        yield _chunk(section, text, 0, text)
        return
    for offset, piece in _splitter(markdown)(text):
        yield _chunk(section, text, offset, piece)


def _splitter(markdown: bool) -> Callable[[str], list[tuple[int, str]]]:
    from semantic_text_splitter import MarkdownSplitter, TextSplitter

    size = (_FULL, LONGEST)
    return MarkdownSplitter(size).chunk_indices if markdown else TextSplitter(size).chunk_indices


def _chunk(section: _Section, text: str, offset: int, piece: str) -> Chunk:
    """Return a piece of a section's text with its own first and last line, blank lines at its ends left out."""
    trimmed = piece.strip("\n \t")
    start = offset + piece.index(trimmed)
    first = section.first + text.count("\n", 0, start)
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    body = indent + trimmed if not indent.strip() else trimmed
    return Chunk(body, section.heading, first, first + trimmed.count("\n"))
