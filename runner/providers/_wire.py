"""Bytes in and out, fast: JSON, cached pieces of a request, and server-sent events. Knows no vendor and no connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import orjson

_BUDGET = 32 * 1024 * 1024
"""Bytes that a generation of cached pieces may hold."""

_LONGEST_LINE = 16 * 1024 * 1024
"""Bytes that one line of an event stream may have."""


def dumps(value: Any) -> bytes:
    """Return JSON as UTF-8; what orjson refuses (lone surrogates, huge integers) is written by the standard library, surrogates as `?`."""
    try:
        return orjson.dumps(value, default=_plain)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=False, default=_plain, separators=(",", ":")).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    return dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else str(value)


def loads(data: bytes) -> Any:
    """Return the value of JSON bytes; broken UTF-8 becomes U+FFFD. Raises ValueError when it is not JSON."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return orjson.loads(data.decode("utf-8", "replace"))


def call_arguments(text: str) -> str:
    """Return a call's arguments as they may stand in a history: some servers refuse the whole request for one broken JSON text."""
    try:
        if isinstance(loads((text or "{}").encode("utf-8", "replace")), dict):
            return text or "{}"
    except ValueError:
        pass
    return dumps({"not_json": text}).decode()


class Pieces:
    """Serialised parts of requests by the identity of the frozen value they were made of.

    A history is appended to, so its older messages are found here and not written again. Two generations bound the memory: a full
    young one becomes the old one, what is still used moves back.
    """

    def __init__(self, budget: int = _BUDGET) -> None:
        self._budget = budget
        self._size = 0
        self._young: dict[int, tuple[object, bytes]] = {}
        self._old: dict[int, tuple[object, bytes]] = {}

    def get(self, value: object) -> bytes | None:
        """Return the bytes of this very object, None when they are not known."""
        key = id(value)
        if entry := self._young.get(key):
            return entry[1]
        if entry := self._old.get(key):
            self.put(value, entry[1])
            return entry[1]
        return None

    def put(self, value: object, data: bytes) -> bytes:
        """Keep the bytes of an object, and the object with them; return the bytes."""
        if self._size > self._budget:
            self._old, self._young, self._size = self._young, {}, 0
        self._young[id(value)] = (value, data)
        self._size += len(data) + 200
        return data


class EventLines:
    """Cuts a byte stream into the `data` of server-sent events; other fields and comments are passed over."""

    def __init__(self) -> None:
        self.head = b""
        self._rest: list[bytes] = []
        self._held = 0
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the events that a chunk completes. Raises ValueError for a line without end."""
        if len(self.head) < 512:
            self.head = (self.head + chunk)[:512]
        if b"\n" not in chunk:
            return self._hold(chunk)
        lines = b"".join((*self._rest, chunk)).split(b"\n")
        last = lines.pop()
        self._rest, self._held = ([last], len(last)) if last else ([], 0)
        return self._events(lines)

    def end(self) -> list[bytes]:
        """Return what the end of the stream completes."""
        lines, self._rest = [b"".join(self._rest), b""], []
        return self._events(lines)

    def _hold(self, chunk: bytes) -> list[bytes]:
        self._rest.append(chunk)
        self._held += len(chunk)
        if self._held > _LONGEST_LINE:
            raise ValueError("a line without end")
        return []

    def _events(self, lines: list[bytes]) -> list[bytes]:
        found: list[bytes] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].strip())
            elif self._data and not line.rstrip(b"\r"):
                found.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data = []
        return found
