"""The SQLite file behind `keyword`: its tables, the incremental sync and the ranked search. Synchronous; one thread at a time."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from runner.retrieval import SyncReport
from runner.retrieval.chunks import split
from runner.retrieval.documents import UnreadableFile, digest, load, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from runner.retrieval import Document

Row = tuple[str, str, int, int, str, float]
"""File, heading, first line, last line, text, BM25 rank (smaller is better)."""

_VERSION = 2
"""Grows when the tables or the way passages are cut change; an index of another version is made anew."""

_TABLES = """
drop table if exists files; drop table if exists passages; drop table if exists words;
create table files (id integer primary key, name text not null unique, mtime integer not null, size integer not null, digest text not null);
create table passages (
  id integer primary key, file integer not null, title text not null, heading text not null, text text not null,
  first_line integer not null, last_line integer not null
);
create index passages_by_file on passages (file);
create virtual table words using fts5 (
  title, heading, text, content = 'passages', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
"""

_INSERT = "insert into passages (file, title, heading, text, first_line, last_line) values (?, ?, ?, ?, ?, ?)"

_SEARCH = """
select files.name, passages.heading, passages.first_line, passages.last_line, passages.text, bm25(words, 3.0, 5.0, 1.0) as score
from words join passages on passages.id = words.rowid join files on files.id = passages.file
where words match ? order by score, files.name, passages.first_line limit ?
"""


@dataclass(slots=True)
class _Known:
    id: int
    mtime: int
    size: int
    digest: str


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def report(self) -> SyncReport:
        return SyncReport(self.added, self.changed, self.removed, self.unchanged, tuple(self.failed))


class Index:
    """An open index file. Raises sqlite3.DatabaseError and OSError as they come; `keyword` says what they mean."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            self._connection.executescript("pragma journal_mode = wal; pragma synchronous = normal;")
            self._migrate()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def search(self, match: str, top: int) -> list[Row]:
        """Return the rows that fit an FTS5 expression, best first."""
        return self._connection.execute(_SEARCH, (match, top)).fetchall()

    def sync(self, files: Sequence[tuple[str, Path]], progress: Callable[[int, int], None] | None) -> SyncReport:
        """Bring the index in line with the files, all or nothing."""
        tally = _Tally()
        with self._transaction():
            known = self._known()
            for done, (name, path) in enumerate(files, start=1):
                self._sync_file(name, path, known.pop(name, None), tally)
                if progress:
                    progress(done, len(files))
            for gone in known.values():
                self._forget(gone.id)
                tally.removed += 1
        return tally.report()

    def _sync_file(self, name: str, path: Path, known: _Known | None, tally: _Tally) -> None:
        try:
            stat = path.stat()
            if known and (known.mtime, known.size) == (stat.st_mtime_ns, stat.st_size):
                tally.unchanged += 1
                return
            raw = load(path)
            if known and known.digest == digest(raw):
                self._connection.execute("update files set mtime = ?, size = ? where id = ?", (stat.st_mtime_ns, stat.st_size, known.id))
                tally.unchanged += 1
                return
            document = parse(name, raw)
        except (OSError, UnreadableFile) as error:
            self._fail(name, error, known, tally)
            return
        self._replace(document, stat.st_mtime_ns, stat.st_size, known)
        tally.changed += known is not None
        tally.added += known is None

    def _fail(self, name: str, error: OSError | UnreadableFile, known: _Known | None, tally: _Tally) -> None:
        reason = str(error) if isinstance(error, UnreadableFile) else f"cannot be read: {(error.strerror or str(error)).lower()}"
        tally.failed.append((name, reason))
        if known:
            self._forget(known.id)
            tally.removed += 1

    def _replace(self, document: Document, mtime: int, size: int, known: _Known | None) -> None:
        if known:
            self._forget(known.id)
        row = (document.name, mtime, size, document.digest)
        file = self._connection.execute("insert into files (name, mtime, size, digest) values (?, ?, ?, ?)", row).lastrowid
        title = PurePosixPath(document.name).stem
        for chunk in split(document):
            values = (file, title, chunk.heading, chunk.text, chunk.first_line, chunk.last_line)
            passage = self._connection.execute(_INSERT, values).lastrowid
            words = (passage, title, chunk.heading, chunk.text)
            self._connection.execute("insert into words (rowid, title, heading, text) values (?, ?, ?, ?)", words)

    def _forget(self, file: int) -> None:
        self._connection.execute(
            "insert into words (words, rowid, title, heading, text) select 'delete', id, title, heading, text from passages where file = ?",
            (file,),
        )
        self._connection.execute("delete from passages where file = ?", (file,))
        self._connection.execute("delete from files where id = ?", (file,))

    def _known(self) -> dict[str, _Known]:
        rows = self._connection.execute("select name, id, mtime, size, digest from files")
        return {name: _Known(*rest) for name, *rest in rows}

    def _migrate(self) -> None:
        if self._version() == _VERSION:
            return
        with self._transaction():
            if self._version() == _VERSION:  # another process made the tables while this one waited
                return
            for statement in filter(str.strip, _TABLES.split(";")):
                self._connection.execute(statement)
            self._connection.execute(f"pragma user_version = {_VERSION}")

    def _version(self) -> int:
        return self._connection.execute("pragma user_version").fetchone()[0]

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._connection.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.execute("commit")
