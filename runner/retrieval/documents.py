"""Reads a file into text. Knows formats; knows nothing of passages, indexes or sources.

Text, Markdown, source code, CSV and JSON stay as they are. HTML becomes Markdown-like text that knows the line of the file each line came from.
A file that is too big, binary or not readable is `UnreadableFile` with the reason.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal

from runner.retrieval import Document
from runner.retrieval._html import html_text

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
    if kind_of(name) != "html":
        return Document(name, text, digest(raw))
    text, lines = html_text(text)
    return Document(name, text, digest(raw), lines)


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
