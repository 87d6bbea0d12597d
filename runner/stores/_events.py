"""The stored form of an event, and what events say about their session. Knows no medium."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import orjson

from runner.errors import StoreError
from runner.events import from_data, to_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.events import Event
    from runner.stores import SessionInfo


def encode(event: Event) -> bytes | str:
    """Return an event as JSON without its number. Text instead of bytes marks what only the slow encoder can write.

    Broken Unicode and integers over 64 bits come from models and tools; they are kept as they came.
    """
    data = to_data(event)
    data.pop("seq", None)
    try:
        return orjson.dumps(data)
    except TypeError:
        return _encode_slowly(data)


def decode(body: bytes | str, seq: int) -> Event:
    """Return the event of a stored row."""
    data: dict[str, Any] = orjson.loads(body) if isinstance(body, bytes) else json.loads(body)
    data["seq"] = seq
    return from_data(data)


def check(session: str, events: Sequence[Event]) -> None:
    """Raise ValueError for events that must never reach a store: shown-only ones, and another session's."""
    for event in events:
        if event.transient:
            raise ValueError(f"{event.kind} is shown and never stored")
        if event.session != session:
            raise ValueError(f"event {event.id} belongs to session {event.session}, not {session}")


def advanced(info: SessionInfo, events: Sequence[Event]) -> SessionInfo:
    """Return a session's listing after new events, the last of which has number `info.seq + len(events)`."""
    changes: dict[str, Any] = {}
    runs = info.runs
    for event in events:
        if event.path == "":
            changes |= _changes(event, changes.get("agent", info.agent))
            runs += event.kind == "run.started"
    updated = max(info.updated, *(event.time for event in events))
    return dataclasses.replace(info, **changes, runs=runs, updated=updated, seq=info.seq + len(events))


def writable(text: Any) -> str:
    """Return words that UTF-8 can hold: half a surrogate pair becomes `?`."""
    return str(text).encode(errors="replace").decode()


def _changes(event: Event, agent: str) -> dict[str, Any]:
    data = event.data
    match event.kind:
        case "session.opened":
            return {name: writable(data[name]) for name in ("agent", "title") if data.get(name)}
        case "session.retitled":
            return {"title": writable(data.get("title", ""))}
        case "run.started":
            return {"stop_reason": "", "agent": agent or writable(data.get("agent", ""))}
        case "run.stopped":
            return {"stop_reason": writable(data.get("stop_reason", "")), "model": writable(data.get("model") or "")}
        case _:
            return {}


def _encode_slowly(data: dict[str, Any]) -> str:
    try:
        return json.dumps(data, default=str, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"cannot write the event `{data['kind']}` as JSON: {error}") from None
