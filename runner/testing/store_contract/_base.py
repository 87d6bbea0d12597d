"""What the checks of the store contract are made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from runner.errors import AgentRunError
from runner.events import Event
from runner.stores import Store

if TYPE_CHECKING:
    from collections.abc import Coroutine

OpenStore = Callable[[], Awaitable[Store]]
Check = Callable[[OpenStore], "Coroutine[Any, Any, None]"]

CHECKS: list[Check] = []
"""All checks, in the order of reading."""

S = "session-1"


def event(number: int, kind: str = "warning.raised", /, session: str = S, **data: Any) -> Event:
    """Return an event whose id follows from its number, as those of a run do."""
    return Event(kind, f"run-1:{number}", session, "run-1", "helper", "", 1, "abc", "agent.yaml:1", 1000.0 + number, data)


async def refused(kind: type[BaseException], verb: Awaitable[Any]) -> BaseException:
    """Await a verb that must raise; return the error. Errors of ours are one line."""
    try:
        answer = await verb
    except kind as error:
        assert not isinstance(error, AgentRunError) or "\n" not in str(error), f"more than one line: {error}"
        return error
    raise AssertionError(f"expected {kind.__name__}, got {answer!r}")


async def created(open_store: OpenStore, session: str = S, project: str = "/p") -> Store:
    """Return an opened store that has one empty session."""
    store = await open_store()
    await store.create(session, agent="helper", project=project)
    return store


def check(function: Check) -> Check:
    """Add a function to the suite."""
    CHECKS.append(function)
    return function
