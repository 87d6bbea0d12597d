"""Signals while a run goes on: Ctrl-C stops the run and not the program; terminate and hang-up stop the run and then the program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

from runner.cli import exits, show

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from typing import Any

    from runner.executor.result import RunResult

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopper:
    """Runs one message at a time and lets it be stopped. `leaving` is True once the whole program was told to end."""

    def __init__(self, on_exit: Callable[[], None] = lambda: None) -> None:
        self.leaving = False
        self._task: asyncio.Task[RunResult | None] | None = None
        self._asked = 0
        self._on_exit = on_exit

    def stop(self) -> None:
        """Stop the run in progress; harmless when there is none."""
        if self._task:
            self._task.cancel()

    async def finish(self, work: Coroutine[Any, Any, RunResult | None]) -> RunResult | None:
        """Return how the run ended; None when it was stopped before it could say."""
        self._asked = 0
        self._task = asyncio.ensure_future(work)
        with self._listening():
            try:
                return await self._task
            except asyncio.CancelledError:
                if self._task.cancelled():
                    return None
                self._task.cancel()
                raise
            finally:
                self._task = None

    @contextlib.contextmanager
    def _listening(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _STOPS}
        for number in _STOPS:
            loop.add_signal_handler(number, self._hear, number)
        try:
            yield
        finally:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)

    def _hear(self, number: int) -> None:
        self._asked += 1
        self.leaving = self.leaving or number != signal.SIGINT
        if self._asked == 1:
            self.stop()
        elif self._asked == 2:
            show.note("still stopping; once more leaves at once (the session is saved)")
        else:
            self._on_exit()
            os._exit(exits.INTERRUPTED)
