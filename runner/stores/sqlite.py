"""Sessions in one SQLite file: the default store. Knows threads and cancellation; the SQL is in `_sqlite_rows`.

`open("sqlite")` is the file in the user's data directory (or in AGENT_RUN_DATA_DIR); any other location is a path. The file is in
WAL mode with full synchronisation: an appended event survives a power cut. One connection lives on one worker thread, so the event
loop never waits for a disk. A verb that is cancelled has either happened or not when the cancellation arrives; the same append again
is harmless. Several processes may use one file.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from runner.errors import StoreError
from runner.stores import _sqlite_rows as rows
from runner.stores._events import check
from runner.stores._leases import token_of
from runner.stores._sqlite_file import connect, default_path, explained, trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.events import Event
    from runner.stores import Lease, SessionInfo, Store

P = ParamSpec("P")
T = TypeVar("T")


def open(location: str) -> Store:  # noqa: A001 – the contract's word
    """Return the store of a `store:` value: `sqlite`, or a path (`~` is the home folder)."""
    if "://" in location:
        raise StoreError(
            f"there is no store for `{location.split('://', 1)[0]}://`",
            hint="stores: sqlite, a path, memory, mongodb://host/database",
        )
    return SqliteStore(default_path(os.environ) if location == "sqlite" else Path(location).expanduser())


class SqliteStore:
    """The store contract over one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._worker: ThreadPoolExecutor | None = None
        self._db: sqlite3.Connection | None = None
        self._held: dict[str, Lease] = {}

    async def open(self) -> None:
        """Open the file; make it and its folder when absent."""
        if self._db is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="agent-run-store")
            try:
                self._db = await self._on_worker(self._worker, lambda: connect(self.path))
            finally:
                if self._db is None:
                    self._worker.shutdown(wait=False)

    async def create(self, session: str, *, agent: str, project: str, title: str = "") -> SessionInfo:
        """Make an empty session."""
        return await self._do(rows.create, session, agent, project, title)

    async def info(self, session: str) -> SessionInfo:
        """Return one session."""
        return await self._do(rows.info, session)

    async def retitle(self, session: str, title: str) -> None:
        """Change a session's title."""
        await self._do(rows.retitle, session, title)

    async def append(self, session: str, expected_seq: int, events: Sequence[Event], *, lease: Lease | None = None) -> int:
        """Add events in one transaction; return the last number."""
        check(session, events)
        return await self._do(rows.append, session, expected_seq, tuple(events), token_of(session, lease, self._held))

    async def load(self, session: str, after: int = 0) -> tuple[Event, ...]:
        """Return the events above a number."""
        return await self._do(rows.load, session, after)

    async def list(self, *, project: str | None = None, limit: int = 50) -> tuple[SessionInfo, ...]:
        """Return sessions, last used first."""
        return await self._do(rows.sessions, project, limit)

    async def delete(self, session: str) -> None:
        """Remove a session and everything of it from the file."""
        await self._do(rows.delete, session, token_of(session, None, self._held))
        self._held.pop(session, None)

    async def lease(self, session: str, holder: str, seconds: float) -> Lease:
        """Take or prolong the right to write."""
        lease = await self._do(rows.lease, session, holder, seconds)
        self._held[session] = lease
        return lease

    async def release(self, lease: Lease) -> None:
        """Give a lease back early."""
        held = self._held.get(lease.session)
        if held is not None and held.token == lease.token:
            del self._held[lease.session]
        await self._do(rows.release, lease)

    async def get(self, namespace: str, key: str) -> bytes | None:
        """Return a value that has not expired."""
        return await self._do(rows.get, namespace, key)

    async def put(self, namespace: str, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value."""
        await self._do(rows.put, namespace, key, value, ttl)

    async def put_blob(self, session: str, data: bytes) -> str:
        """Keep bytes with a session."""
        return await self._do(rows.put_blob, session, data)

    async def get_blob(self, key: str) -> bytes:
        """Return a blob's bytes."""
        return await self._do(rows.get_blob, key)

    async def check(self) -> str:
        """Return "" when the file can be written and is whole, else what is wrong with it. Reads all of the file."""
        return await self._do(trouble)

    async def close(self) -> None:
        """Close the file and end the worker thread."""
        worker, db = self._worker, self._db
        self._worker = self._db = None
        if worker is not None and db is not None:
            await self._on_worker(worker, db.close)
            worker.shutdown(wait=False)

    async def _do(self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        worker, db = self._worker, self._db
        if worker is None or db is None:
            raise StoreError(f"the session store `{self.path}` is not open")
        return await self._on_worker(worker, lambda: work(db, *args, **kwargs))

    async def _on_worker(self, worker: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        future = asyncio.get_running_loop().run_in_executor(worker, lambda: self._explaining(work))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise

    def _explaining(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.Error as error:
            raise explained(error, self.path) from None
        except UnicodeEncodeError:
            raise StoreError("a name is not valid text (broken UTF-8)", hint="use ordinary letters for ids and paths") from None
