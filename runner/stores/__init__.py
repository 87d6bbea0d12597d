"""The store contract: sessions as append-only event logs, with a lease, key-value data and blobs.

A store file `runner/stores/my_store.py` has `def open(location: str) -> Store`; the scheme of the `store:` value names the file
(`sqlite`, a path → sqlite, `memory`, `mongodb://…` → mongo).

Promises: `append` is atomic, idempotent by event id, and refuses a wrong `expected_seq` with `SequenceConflict`; after it returns,
the events survive a kill. One writer at a time by `lease`. Problems of the medium are `StoreError` with one clear line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.events import Event


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """A session as lists show it. Times are seconds since the epoch; `project` is the root folder it was made in; `seq` the last event's number."""

    id: str
    title: str
    agent: str
    project: str
    created: float
    updated: float
    seq: int
    runs: int = 0
    model: str = ""
    stop_reason: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a session until `expires` (seconds since the epoch). `token` grows with every new holder (fencing)."""

    session: str
    holder: str
    token: int
    expires: float


class Store(Protocol):
    """Where sessions live. All verbs may be called from any task of one event loop."""

    async def open(self) -> None:
        """Make or migrate what is needed. Raises StoreError that names the place."""
        ...

    async def create(self, session: str, *, agent: str, project: str, title: str = "") -> SessionInfo:
        """Make an empty session; an existing id is an error (StoreError)."""
        ...

    async def info(self, session: str) -> SessionInfo:
        """Return one session. Raises SessionNotFound."""
        ...

    async def retitle(self, session: str, title: str) -> None:
        """Change a session's title."""
        ...

    async def append(self, session: str, expected_seq: int, events: Sequence[Event], *, lease: Lease | None = None) -> int:
        """Add events after number `expected_seq`, all or none; return the last number.

        Events whose id is there already are passed over and count as expected: an append that was cut off is simply made again.
        `lease` is the writer's right; without it, the last one that this store object handed out for the session counts. Raises
        SessionBusy when another holder took that lease over, or, for a writer without any, while somebody holds one;
        SequenceConflict; ValueError for events that are shown only.
        """
        ...

    async def load(self, session: str, after: int = 0) -> tuple[Event, ...]:
        """Return the events with a number above `after`, in order. Raises SessionNotFound."""
        ...

    async def list(self, *, project: str | None = None, limit: int = 50) -> tuple[SessionInfo, ...]:
        """Return sessions, last used first; of one project, or all with None."""
        ...

    async def delete(self, session: str) -> None:
        """Remove a session with its events and blobs. Raises SessionNotFound, SessionBusy while another holds its lease."""
        ...

    async def lease(self, session: str, holder: str, seconds: float) -> Lease:
        """Take or prolong the right to write. Raises SessionBusy, naming the holder, while another's lease has not expired."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give a lease back early; one that was lost meanwhile is ignored."""
        ...

    async def get(self, namespace: str, key: str) -> bytes | None:
        """Return a value, None when absent or expired."""
        ...

    async def put(self, namespace: str, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value, for `ttl` seconds when given."""
        ...

    async def put_blob(self, session: str, data: bytes) -> str:
        """Keep bytes with a session; return their key (SHA-256 in hex; the same bytes give the same key)."""
        ...

    async def get_blob(self, key: str) -> bytes:
        """Return the bytes of a key. Raises StoreError."""
        ...

    async def close(self) -> None:
        """Give everything back. May be called twice."""
        ...
