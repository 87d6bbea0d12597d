"""The seam between executor and engine: facts are emitted, effects are steps. The local engine keeps both in the session store.

A step is known by the event that records its end. When that event is already there (a resumed run), the effect is not run again and
its recorded value is returned: resuming is running the same run once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from runner.events import Event

T = TypeVar("T")


class Journal(Protocol):
    """What the executor asks of an engine."""

    def emit(self, event: Event) -> None:
        """Tell a fact. It is shown at once and kept with the next `flush`; an event that is there already is passed over."""
        ...

    def recorded(self, event_id: str) -> Mapping[str, Any] | None:
        """Return the data of an event from before a crash, None when it never happened."""
        ...

    async def flush(self) -> None:
        """Return when everything emitted so far survives a kill. One append, however many events."""
        ...

    async def step(
        self,
        end: Callable[[T], Event],
        end_id: str,
        effect: Callable[[], Awaitable[T]],
        decode: Callable[[Mapping[str, Any]], T],
    ) -> T:
        """Run an effect once: return the recorded value of `end_id`, else run the effect and emit `end(value)`.

        The caller flushes first, so that effects which start together share one append.
        """
        ...
