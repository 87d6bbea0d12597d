"""The local engine: a run lives in this process and its journal is the session store. What is flushed survives a kill."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from runner.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from runner.events import Event
    from runner.stores import Store

T = TypeVar("T")


class StoreJournal:
    """A journal over a store. `listeners` see every event at once; `recorded` are the events of a run that is resumed."""

    def __init__(
        self, store: Store, session: str, seq: int, listeners: Iterable[Callable[[Event], None]], recorded: Iterable[Event] = ()
    ) -> None:
        self._store = store
        self._session = session
        self.seq = seq
        self._listeners = tuple(listeners)
        self._recorded = {event.id: event.data for event in recorded}
        self._pending: list[Event] = []
        self._lock = asyncio.Lock()

    def emit(self, event: Event) -> None:
        """Show an event and keep it for the next flush; one that is recorded is passed over."""
        if event.id in self._recorded:
            return
        for listener in self._listeners:
            listener(event)
        if not event.transient:
            self._pending.append(event)

    def recorded(self, event_id: str) -> Mapping[str, Any] | None:
        """Return the data of an event from before a crash."""
        return self._recorded.get(event_id)

    async def flush(self) -> None:
        """Append what is pending, in one append."""
        async with self._lock:
            if self._pending:
                batch, self._pending = self._pending, []
                await self._append(batch)

    async def _append(self, batch: list[Event]) -> None:
        append = asyncio.ensure_future(self._store.append(self._session, self.seq, batch))
        try:
            self.seq = await asyncio.shield(append)
        except asyncio.CancelledError:
            # The append may be on its way to the disk: its end must be known before anything else is appended.
            self.seq = await append
            raise
        except StoreError:
            self._pending = batch + self._pending
            raise

    async def step(
        self,
        end: Callable[[T], Event],
        end_id: str,
        effect: Callable[[], Awaitable[T]],
        decode: Callable[[Mapping[str, Any]], T],
    ) -> T:
        """Return the recorded value of a step, else run it."""
        if (data := self._recorded.get(end_id)) is not None:
            return decode(data)
        value = await effect()
        self.emit(end(value))
        return value
