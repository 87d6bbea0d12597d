"""Reads a file into text whose lines are the file's own lines. Knows formats; knows nothing of passages, indexes or sources.

Text, Markdown, source code, CSV and JSON stay as they are. HTML becomes Markdown-like text, every word on the line it came from.
A file that is too big, binary or not readable is `UnreadableFile` with the reason.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal

from runner.retrieval import Document

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["markdown", "html", "code", "table", "text"]

MAX_BYTES = 4 * 1024 * 1024
"""A larger file is not indexed: nobody reads a passage of it, and it would crowd out the rest."""

_KINDS: dict[Kind, tuple[str, ...]] = {
    "markdown": (".md", ".markdown", ".mdx"),
    "html": (".html", ".htm", ".xhtml"),
    "table": (".csv", ".tsv"),
    "code": (
        *(".py", ".pyi", ".js", ".jsx", ".mjs", ".ts", ".tsx", ".go", ".rs", ".java", ".kt", ".c", ".h", ".cc", ".cpp", ".hpp"),
        *(".cs", ".rb", ".php", ".swift", ".scala", ".sh", ".bash", ".lua", ".sql", ".proto"),
    ),
}
_BY_SUFFIX: dict[str, Kind] = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes}

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_OPENING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Opening a pipe that nobody writes to does not wait."""


class UnreadableFile(Exception):
    """A file that cannot be indexed; the message is the reason in a few words."""


def kind_of(name: str) -> Kind:
    """Return how the text of a file is built, by its suffix."""
    return _BY_SUFFIX.get(PurePosixPath(name).suffix.lower(), "text")


def load(path: Path) -> bytes:
    """Return the bytes of a file. Raises UnreadableFile; a pipe or a device is refused at once, for reading one may never end."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening alone may do something to a device
            raise UnreadableFile("is not a file")
        with os.fdopen(os.open(path, _OPENING), "rb") as file:
            return _bounded(file)
    except OSError as error:
        raise UnreadableFile(f"cannot be read: {(error.strerror or str(error)).lower()}") from error


def _bounded(file: BinaryIO) -> bytes:
    """Return what an open file holds. It is looked at again: another may have come to its place since."""
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile("is not a file")
    raw = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b""
    size = max(status.st_size, len(raw))
    if size > MAX_BYTES:
        raise UnreadableFile(f"is too large ({size / 1048576:.1f} MiB; the limit is {MAX_BYTES // 1048576} MiB)")
    return raw


def digest(raw: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return hashlib.sha256(raw).hexdigest()


def parse(name: str, raw: bytes) -> Document:
    """Return a file's bytes as text. Raises UnreadableFile when they are not text."""
    text = _decode(raw).replace("\r\n", "\n").replace("\r", "\n")
    if kind_of(name) == "html":
        text = _html_text(text)
    return Document(name, text, digest(raw))


def read(name: str, path: Path) -> Document:
    """Return the file at `path` as a document called `name`. Raises UnreadableFile."""
    return parse(name, load(path))


def _decode(raw: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if raw.startswith(bom)), "utf-8")
    if encoding == "utf-8" and b"\0" in raw:
        raise UnreadableFile("is binary")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile("is not UTF-8 text") from error


def _html_text(text: str) -> str:
    reader = _HtmlReader()
    reader.feed(text)
    reader.close()
    return reader.text()


class _HtmlReader(HTMLParser):
    """Collects words by source line; headings become `# …` lines."""

    _SILENT = frozenset({"script", "style", "template", "noscript", "svg", "head"})
    _BLOCKS = frozenset(
        {"p", "div", "section", "article", "li", "tr", "br", "table", "ul", "ol", "pre", "blockquote", "td", "th", "dt", "dd"}
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[list[str]] = [[]]
        self._silent = 0

    def text(self) -> str:
        """Return the collected lines."""
        return "\n".join(" ".join("".join(pieces).split()) for pieces in self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a block, a heading or a silent region."""
        del attrs
        if tag in self._SILENT:
            self._silent += 1
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._put("#" * int(tag[1]) + " ")
        elif tag in self._BLOCKS:
            self._put(" ")

    def handle_endtag(self, tag: str) -> None:
        """Close a silent region."""
        if tag in self._SILENT and self._silent:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        """Keep words on the lines they stand on."""
        if self._silent:
            return
        first, *rest = data.split("\n")
        self._put(first)
        line = self.getpos()[0]
        for offset, piece in enumerate(rest, start=1):
            self._put(piece, line + offset)

    def _put(self, piece: str, line: int | None = None) -> None:
        index = (line or self.getpos()[0]) - 1
        self._lines.extend([] for _ in range(index + 1 - len(self._lines)))
        self._lines[index].append(piece)
