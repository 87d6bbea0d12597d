"""The retriever contract: a knowledge base is synced with its sources and searched; every hit says where it stands.

`documents` reads files into text, `chunks` cuts text into passages with headings and lines, `keyword` keeps them in SQLite FTS5.
The index is keyed by content hash: what did not change is not touched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.messages import Citation


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text. `name` is its path relative to the root, with `/`; `digest` is the SHA-256 of its bytes.

    `lines` has the line of the file (1-based) for each line of `text`; it is empty when they are the same lines.
    """

    name: str
    text: str
    digest: str
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: its words, the headings above it (`A › B`), and its lines (1-based, inclusive)."""

    text: str
    heading: str
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage. Higher `score` is better; scores of two searches do not compare."""

    id: str
    text: str
    citation: Citation
    score: float


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: counts of files, and the files that could not be read with the reason."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: tuple[tuple[str, str], ...] = field(default=())


class Retriever(Protocol):
    """An open knowledge base."""

    async def sync(self, files: Sequence[tuple[str, Path]], progress: Callable[[int, int], None] | None = None) -> SyncReport:
        """Bring the index in line with the files (name, path)."""
        ...

    async def search(self, query: str, top: int = 5) -> tuple[Hit, ...]:
        """Return the best passages, best first; an empty tuple when nothing fits."""
        ...

    async def close(self) -> None:
        """Give the index back. May be called twice."""
        ...
