"""Opens the SQLite file of the session store: place, permissions, schema, and what to say when the medium fails.

Knows nothing of sessions beyond the tables they live in.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

BUSY_SECONDS = 10.0
"""How long a verb waits for another process that writes."""

_APPLICATION = 0x41524E31
_OTHER = "choose another with --store, or `store:` in agent-run.yaml"

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """create table sessions (
            id text primary key, title text not null, agent text not null, project text not null, created real not null,
            updated real not null, seq integer not null, runs integer not null, model text not null, stop_reason text not null)""",
        "create table events (session text not null, seq integer not null, id text not null, body not null, primary key (session, seq))",
        "create unique index events_by_id on events (session, id)",
        "create table leases (session text primary key, holder text not null, token integer not null, expires real not null)",
        "create table entries (namespace text, key text, value blob not null, expires real, primary key (namespace, key))",
        "create index entries_by_end on entries (expires) where expires is not null",
        "create table blobs (key text primary key, data blob not null)",
        "create table blob_uses (session text, key text, primary key (session, key)) without rowid",
        "create index blob_uses_by_key on blob_uses (key)",
    ),
)
"""Every version of the schema as the statements that make it from the one before. Only ever appended to."""


def default_path(environ: Mapping[str, str]) -> Path:
    """Return the file of `store: sqlite`: in AGENT_RUN_DATA_DIR, else in the user's data directory."""
    if folder := environ.get("AGENT_RUN_DATA_DIR"):
        return Path(folder).expanduser() / "sessions.db"
    import platformdirs

    return Path(platformdirs.user_data_dir("agent-run", appauthor=False)) / "sessions.db"


def connect(path: Path) -> sqlite3.Connection:
    """Return a connection to a store file that is there, ours, and of this version. Raises StoreError."""
    _make(path)
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        _check_owner(db, path)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute("pragma secure_delete = on")
        _migrate(db, path)
    except (sqlite3.Error, StoreError) as error:
        if db is not None:
            db.close()
        raise explained(error, path) from None
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    """Make everything inside happen as one, or not at all."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    finally:
        if db.in_transaction:
            db.execute("rollback")


def explained(error: Exception, path: Path) -> StoreError:
    """Return what a person needs to know of an error: the file, what is wrong, what to do."""
    if isinstance(error, StoreError):
        return error
    code = getattr(error, "sqlite_errorcode", None)
    match None if code is None else code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StoreError(f"cannot write `{path}`: the disk is full", hint="free some space; what was acknowledged before is safe")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(f"`{path}` is locked by another program", hint="try again when it is done")
        case sqlite3.SQLITE_CORRUPT:
            return StoreError(f"`{path}` is damaged", hint=f"`sqlite3 FILE .recover` may save it; or move it away, or {_OTHER}")
        case sqlite3.SQLITE_NOTADB:
            return StoreError(f"`{path}` is not a session store", hint=_OTHER)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return StoreError(f"cannot write `{path}`: no permission, or its folder is read-only", hint=_OTHER)
        case sqlite3.SQLITE_TOOBIG:
            return StoreError(f"cannot write `{path}`: one value is larger than SQLite takes (1 GB)", hint="keep large data in files")
        case sqlite3.SQLITE_IOERR:
            return StoreError(f"cannot read or write `{path}`: {error}", hint=f"check the disk and its quota, or {_OTHER}")
        case _:
            return StoreError(f"cannot use `{path}`: {str(error).lower()}", hint=_OTHER)


def trouble(db: sqlite3.Connection) -> str:
    """Return what SQLite finds wrong with a file that can be written, "" when nothing. Raises sqlite3.Error when it cannot."""
    with transaction(db):
        db.execute("delete from entries where expires < 0")  # nothing has that: a write that changes nothing
    found = db.execute("pragma quick_check(1)").fetchone()[0]
    return "" if found == "ok" else str(found)


def _make(path: Path) -> None:
    """Make the folder for its owner only, and the file likewise; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StoreError(f"cannot open the session store `{path}`: {(reason or 'unknown error').lower()}", hint=_OTHER) from None


def _check_owner(db: sqlite3.Connection, path: Path) -> None:
    db.execute("begin")  # both reads at one moment: another process may be making the schema
    application = db.execute("pragma application_id").fetchone()[0]
    empty = db.execute("select count(*) from sqlite_master").fetchone()[0] == 0
    db.execute("rollback")
    if application != _APPLICATION and not (application == 0 and empty):
        raise StoreError(f"`{path}` is a database of another program", hint=_OTHER)


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    if _version(db) == len(MIGRATIONS):
        return
    with transaction(db):
        version = _version(db)  # again: another process may have been faster
        if version > len(MIGRATIONS):
            raise StoreError(f"`{path}` was written by a newer agent-run (schema {version})", hint=f"update agent-run, or {_OTHER}")
        db.execute("create table if not exists migrations (version integer primary key, applied real not null)")
        db.execute(f"pragma application_id = {_APPLICATION}")
        for number, statements in enumerate(MIGRATIONS[version:], version + 1):
            for statement in statements:
                db.execute(statement)
            db.execute("insert into migrations values (?, ?)", (number, time.time()))


def _version(db: sqlite3.Connection) -> int:
    if db.execute("select count(*) from sqlite_master where name = 'migrations'").fetchone()[0] == 0:
        return 0
    return db.execute("select coalesce(max(version), 0) from migrations").fetchone()[0]
