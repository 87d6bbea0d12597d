"""The verbs of the store as SQL, synchronous, on an open connection. Knows no event loop and no file.

Every writing verb is one transaction; `expires` and `now` are seconds since the epoch.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from runner.errors import SequenceConflict, SessionNotFound, StoreError
from runner.stores import Lease, SessionInfo
from runner.stores._events import advanced, decode, encode, writable
from runner.stores._leases import fence, taken
from runner.stores._sqlite_file import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from runner.events import Event

_COLUMNS = "id, title, agent, project, created, updated, seq, runs, model, stop_reason"


def create(db: sqlite3.Connection, session: str, agent: str, project: str, title: str) -> SessionInfo:
    """Insert a session row."""
    now = time.time()
    info = SessionInfo(session, writable(title), writable(agent), project, now, now, 0)
    with transaction(db):
        if db.execute("select 1 from sessions where id = ?", (session,)).fetchone():
            raise StoreError(f"session `{session}` exists already", hint="go on with it (--resume), or choose another id")
        row = (info.id, info.title, info.agent, info.project, info.created, info.updated, info.seq, info.runs, info.model, info.stop_reason)
        db.execute(f"insert into sessions ({_COLUMNS}) values (?,?,?,?,?,?,?,?,?,?)", row)  # noqa: S608 – the columns are our own words
    return info


def info(db: sqlite3.Connection, session: str) -> SessionInfo:
    """Return a session row."""
    row = db.execute(f"select {_COLUMNS} from sessions where id = ?", (session,)).fetchone()  # noqa: S608 – as above
    if row is None:
        raise SessionNotFound(f"there is no session `{session}`", hint="`agent-run sessions list` shows all")
    return SessionInfo(*row)


def retitle(db: sqlite3.Connection, session: str, title: str) -> None:
    """Change the title column."""
    with transaction(db):
        info(db, session)
        db.execute("update sessions set title = ? where id = ?", (writable(title), session))


def append(db: sqlite3.Connection, session: str, expected_seq: int, events: Sequence[Event], token: int | None) -> int:
    """Insert the events that are not there yet, and bring the session row in step."""
    with transaction(db):
        before = info(db, session)
        known = _numbers(db, session, events)
        fresh = tuple({event.id: event for event in reversed(events) if event.id not in known}.values())[::-1]
        if not fresh:
            return before.seq
        fence(_lease(db, session), token, time.time())
        expected = max(expected_seq, *known.values()) if known else expected_seq
        if expected != before.seq:
            raise SequenceConflict(
                f"session `{session}` has {before.seq} events where {expected} were expected: somebody else wrote first",
                hint="load the session again to go on",
            )
        rows = [(session, seq, event.id, encode(event)) for seq, event in enumerate(fresh, before.seq + 1)]
        db.executemany("insert into events (session, seq, id, body) values (?,?,?,?)", rows)
        after = advanced(before, fresh)
        db.execute(
            "update sessions set title=?, agent=?, updated=?, seq=?, runs=?, model=?, stop_reason=? where id=?",
            (after.title, after.agent, after.updated, after.seq, after.runs, after.model, after.stop_reason, session),
        )
    return after.seq


def load(db: sqlite3.Connection, session: str, after: int) -> tuple[Event, ...]:
    """Return event rows in order."""
    rows = db.execute("select body, seq from events where session = ? and seq > ? order by seq", (session, after)).fetchall()
    if not rows:
        info(db, session)
    return tuple(decode(body, seq) for body, seq in rows)


def sessions(db: sqlite3.Connection, project: str | None, limit: int) -> tuple[SessionInfo, ...]:
    """Return session rows, last used first."""
    rows = db.execute(
        f"select {_COLUMNS} from sessions where ?1 is null or project = ?1 order by updated desc, created desc, id limit ?2",  # noqa: S608 – as above
        (project, limit),
    )
    return tuple(SessionInfo(*row) for row in rows)


def delete(db: sqlite3.Connection, session: str, token: int | None) -> None:
    """Delete a session's rows and the blobs no other session uses, and take their bytes out of the file."""
    with transaction(db):
        info(db, session)
        fence(_lease(db, session), token, time.time())
        for table in ("events", "leases"):
            db.execute(f"delete from {table} where session = ?", (session,))  # noqa: S608 – as above
        keys = db.execute("delete from blob_uses where session = ? returning key", (session,)).fetchall()
        db.executemany("delete from blobs where key = ? and not exists (select 1 from blob_uses where key = blobs.key)", keys)
        db.execute("delete from sessions where id = ?", (session,))
    db.execute("pragma wal_checkpoint(truncate)")  # the log would keep the words until it is reused


def lease(db: sqlite3.Connection, session: str, holder: str, seconds: float) -> Lease:
    """Insert or change the lease row."""
    with transaction(db):
        info(db, session)
        now = time.time()
        new = taken(_lease(db, session), session, holder, now + seconds, now)
        db.execute("insert or replace into leases values (?,?,?,?)", (new.session, new.holder, new.token, new.expires))
    return new


def release(db: sqlite3.Connection, lease: Lease) -> None:
    """End a lease; the row stays, so that the next token is higher."""
    with transaction(db):
        db.execute("update leases set expires = 0, holder = '' where session = ? and token = ?", (lease.session, lease.token))


def get(db: sqlite3.Connection, namespace: str, key: str) -> bytes | None:
    """Return an entry that has not expired."""
    alive = "(expires is null or expires > ?)"
    row = db.execute(
        f"select value from entries where namespace = ? and key = ? and {alive}",  # noqa: S608 – as above
        (namespace, key, time.time()),
    ).fetchone()
    return None if row is None else row[0]


def put(db: sqlite3.Connection, namespace: str, key: str, value: bytes, ttl: float | None) -> None:
    """Insert or replace an entry, and delete what has expired."""
    now = time.time()
    with transaction(db):
        db.execute("delete from entries where expires <= ?", (now,))
        db.execute("insert or replace into entries values (?,?,?,?)", (namespace, key, value, None if ttl is None else now + ttl))


def put_blob(db: sqlite3.Connection, session: str, data: bytes) -> str:
    """Insert a blob once, and that a session uses it."""
    key = hashlib.sha256(data).hexdigest()
    with transaction(db):
        info(db, session)
        db.execute("insert or ignore into blobs values (?,?)", (key, data))
        db.execute("insert or ignore into blob_uses values (?,?)", (session, key))
    return key


def get_blob(db: sqlite3.Connection, key: str) -> bytes:
    """Return a blob's bytes."""
    row = db.execute("select data from blobs where key = ?", (key,)).fetchone()
    if row is None:
        raise StoreError(f"there is no blob `{key}`", hint="the session it belonged to may have been deleted")
    return row[0]


def _numbers(db: sqlite3.Connection, session: str, events: Sequence[Event]) -> dict[str, int]:
    find = "select seq from events where session = ? and id = ?"
    found = ((event.id, db.execute(find, (session, event.id)).fetchone()) for event in events)
    return {name: row[0] for name, row in found if row is not None}


def _lease(db: sqlite3.Connection, session: str) -> Lease | None:
    row = db.execute("select session, holder, token, expires from leases where session = ?", (session,)).fetchone()
    return None if row is None else Lease(*row)
