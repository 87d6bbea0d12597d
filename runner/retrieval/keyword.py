"""Keyword search: passages in one SQLite FTS5 file per knowledge base, ranked by BM25 with headings weighted.

Of the best candidates those come first whose title asks the same as the query: in a manual of questions that is the answer.
A sync is one transaction, so an index is never half-written; a file that did not change (modification time and size, then content hash)
is not touched; an index file that is broken is made anew. Knows nothing of agents, tools or YAML.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, TypeVar

from runner.errors import StoreError
from runner.messages import Citation
from runner.retrieval import Hit, SyncReport
from runner.retrieval._keyword_index import Index
from runner.retrieval._keyword_query import likeness, to_match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runner.retrieval._keyword_index import Row

T = TypeVar("T")

_CANDIDATES = 10
"""Passages beyond twice those asked for that are looked at."""

_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def open(path: Path) -> KeywordRetriever:  # noqa: A001 – the contract's word
    """Return the retriever over an index file; the file is made at the first sync."""
    return KeywordRetriever(path)


class _Cut(Exception):
    """A sync was cancelled."""


class KeywordRetriever:
    """An open knowledge base; its SQLite work is done in worker threads, one piece at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index: Index | None = None
        self._files: tuple[tuple[str, Path], ...] = ()
        self._lock = asyncio.Lock()
        self._cut = False

    async def sync(self, files: Sequence[tuple[str, Path]], progress: Callable[[int, int], None] | None = None) -> SyncReport:
        """Bring the index in line with the files (name, path). Raises StoreError when the index cannot be written."""
        self._files = tuple(files)

        def step(done: int, total: int) -> None:
            if self._cut:
                raise _Cut
            if progress:
                progress(done, total)

        return await self._in_thread(lambda: self._opened().sync(self._files, step))

    async def search(self, query: str, top: int = 5) -> tuple[Hit, ...]:
        """Return the best passages, best first; an empty tuple when no word of the query occurs. Raises StoreError."""
        match = to_match(query)
        if not match:
            return ()
        rows = await self._in_thread(lambda: self._found(match, 2 * top + _CANDIDATES))
        hits = [_hit(row, query) for row in rows]
        return tuple(sorted(hits, key=lambda hit: -hit.score)[:top])

    async def close(self) -> None:
        """Give the index back. May be called twice."""
        async with self._lock:
            self._shut()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Do work in a thread. A cancelled sync is cut short and rolled back before the cancellation goes on."""
        async with self._lock:
            self._cut = False
            task = asyncio.ensure_future(asyncio.to_thread(self._mending, work))
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                self._cut = True
                await asyncio.wait([task])
                task.exception()
                raise

    def _found(self, match: str, top: int) -> list[Row]:
        if self._index is None:
            self._opened().sync(self._files, None)
        return self._opened().search(match, top)

    def _mending(self, work: Callable[[], T]) -> T:
        """Do work on the index; one that turns out broken is deleted and the work is done once more."""
        try:
            return work()
        except sqlite3.DatabaseError as error:
            if not _is_broken(error):
                raise self._store_error(error) from error
        except OSError as error:
            raise self._store_error(error) from error
        self._shut()
        self._delete()
        try:
            return work()
        except (sqlite3.DatabaseError, OSError) as error:
            raise self._store_error(error) from error

    def _opened(self) -> Index:
        if self._index is None:
            self._index = Index(self._path)
        return self._index

    def _shut(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None

    def _delete(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _store_error(self, error: Exception) -> StoreError:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return StoreError(
            f"the search index {self._path} cannot be used: {reason.lower()}",
            hint="make room or make the folder writable; the file holds nothing of yours and may be deleted",
        )


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BROKEN


def _hit(row: Row, query: str) -> Hit:
    name, heading, first, last, text, rank = row
    score = -rank * (1 + likeness(query, heading))
    return Hit(f"{name}:{first}-{last}", text, Citation(name, heading, first, last), score)
