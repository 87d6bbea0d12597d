"""Sessions in this process only: for tests, servers without memory, and trying things out. Every `open` is a new, empty store.

Events are kept in their written form, so what does not survive a disk does not survive here either.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from typing import TYPE_CHECKING

from runner.errors import SequenceConflict, SessionNotFound, StoreError
from runner.stores import SessionInfo
from runner.stores._events import advanced, check, decode, encode, writable
from runner.stores._leases import fence, taken, token_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.events import Event
    from runner.stores import Lease, Store


def open(location: str) -> Store:  # noqa: A001 – the contract's word
    """Return a new store; the location says nothing more."""
    del location
    return MemoryStore()


@dataclasses.dataclass
class _Session:
    info: SessionInfo
    numbers: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    bodies: list[bytes | str] = dataclasses.field(default_factory=list[bytes | str])
    blobs: set[str] = dataclasses.field(default_factory=set[str])
    lease: Lease | None = None


class MemoryStore:
    """The store contract over dictionaries. No verb gives way to another task, so each is atomic."""

    def __init__(self) -> None:
        self._sessions: dict[str, _Session] = {}
        self._entries: dict[tuple[str, str], tuple[bytes, float | None]] = {}
        self._blobs: dict[str, bytes] = {}
        self._held: dict[str, Lease] = {}

    async def open(self) -> None:
        """Do nothing: it is there."""

    async def create(self, session: str, *, agent: str, project: str, title: str = "") -> SessionInfo:
        """Make an empty session."""
        if session in self._sessions:
            raise StoreError(f"session `{session}` exists already", hint="go on with it (--resume), or choose another id")
        now = time.time()
        info = SessionInfo(session, writable(title), writable(agent), project, now, now, 0)
        self._sessions[session] = _Session(info)
        return info

    async def info(self, session: str) -> SessionInfo:
        """Return one session."""
        return self._find(session).info

    async def retitle(self, session: str, title: str) -> None:
        """Change a session's title."""
        found = self._find(session)
        found.info = dataclasses.replace(found.info, title=writable(title))

    async def append(self, session: str, expected_seq: int, events: Sequence[Event], *, lease: Lease | None = None) -> int:
        """Add events; return the last number."""
        check(session, events)
        found = self._find(session)
        known = {event.id: found.numbers[event.id] for event in events if event.id in found.numbers}
        fresh = tuple({event.id: event for event in reversed(events) if event.id not in known}.values())[::-1]
        if not fresh:
            return found.info.seq
        fence(found.lease, token_of(session, lease, self._held), time.time())
        expected = max(expected_seq, *known.values()) if known else expected_seq
        if expected != found.info.seq:
            raise SequenceConflict(
                f"session `{session}` has {found.info.seq} events where {expected} were expected: somebody else wrote first",
                hint="load the session again to go on",
            )
        bodies = [encode(event) for event in fresh]
        found.numbers |= {event.id: number for number, event in enumerate(fresh, found.info.seq + 1)}
        found.bodies += bodies
        found.info = advanced(found.info, fresh)
        return found.info.seq

    async def load(self, session: str, after: int = 0) -> tuple[Event, ...]:
        """Return the events above a number."""
        bodies = self._find(session).bodies[max(after, 0) :]
        return tuple(decode(body, seq) for seq, body in enumerate(bodies, max(after, 0) + 1))

    async def list(self, *, project: str | None = None, limit: int = 50) -> tuple[SessionInfo, ...]:
        """Return sessions, last used first."""
        infos = [found.info for found in self._sessions.values() if project in (None, found.info.project)]
        return tuple(sorted(infos, key=lambda info: (-info.updated, -info.created, info.id))[:limit])

    async def delete(self, session: str) -> None:
        """Remove a session, and the blobs no other session uses."""
        found = self._find(session)
        fence(found.lease, token_of(session, None, self._held), time.time())
        del self._sessions[session]
        self._held.pop(session, None)
        used = {key for other in self._sessions.values() for key in other.blobs}
        for key in found.blobs - used:
            del self._blobs[key]

    async def lease(self, session: str, holder: str, seconds: float) -> Lease:
        """Take or prolong the right to write."""
        found = self._find(session)
        now = time.time()
        found.lease = self._held[session] = taken(found.lease, session, holder, now + seconds, now)
        return found.lease

    async def release(self, lease: Lease) -> None:
        """Give a lease back early; its token is never used again."""
        found = self._sessions.get(lease.session)
        if found is not None and found.lease is not None and found.lease.token == lease.token:
            found.lease = dataclasses.replace(found.lease, holder="", expires=0.0)
            self._held.pop(lease.session, None)

    async def get(self, namespace: str, key: str) -> bytes | None:
        """Return a value that has not expired."""
        value, expires = self._entries.get((namespace, key), (None, None))
        return None if expires is not None and expires <= time.time() else value

    async def put(self, namespace: str, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value, and drop what has expired."""
        now = time.time()
        self._entries = {at: entry for at, entry in self._entries.items() if entry[1] is None or entry[1] > now}
        self._entries[namespace, key] = (value, None if ttl is None else now + ttl)

    async def put_blob(self, session: str, data: bytes) -> str:
        """Keep bytes with a session."""
        found = self._find(session)
        key = hashlib.sha256(data).hexdigest()
        self._blobs[key] = data
        found.blobs.add(key)
        return key

    async def get_blob(self, key: str) -> bytes:
        """Return a blob's bytes."""
        if key not in self._blobs:
            raise StoreError(f"there is no blob `{key}`", hint="the session it belonged to may have been deleted")
        return self._blobs[key]

    async def close(self) -> None:
        """Do nothing: what was kept goes with the object."""

    def _find(self, session: str) -> _Session:
        if session not in self._sessions:
            raise SessionNotFound(f"there is no session `{session}`", hint="`agent-run sessions list` shows all")
        return self._sessions[session]
