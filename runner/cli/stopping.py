"""Signals while a run goes on: Ctrl-C stops the run and not the program; terminate and hang-up stop the run and then the program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING, Any

from runner.cli import exits, show

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from runner.executor.result import RunResult

_LEAVE = (signal.SIGTERM, signal.SIGHUP)


class Stopper:
    """Runs one message at a time and lets it be stopped. `leaving` is True once the whole program was told to end."""

    def __init__(self, on_exit: Callable[[], None] = lambda: None) -> None:
        self.leaving = False
        self._task: asyncio.Task[RunResult | None] | None = None
        self._main: asyncio.Task[Any] | None = None
        self._asked = 0
        self._on_exit = on_exit

    def stop(self) -> None:
        """Stop the run in progress; harmless when there is none."""
        if self._task:
            self._task.cancel()

    @contextlib.contextmanager
    def guarding(self) -> Generator[None]:
        """Let terminate and hang-up end what the calling task does, everything it opened closed; leaves as KeyboardInterrupt."""
        self._main = asyncio.current_task()
        with _hearing(_LEAVE, self._leave):
            try:
                yield
            except asyncio.CancelledError:
                if self.leaving:
                    raise KeyboardInterrupt from None
                raise

    async def finish(self, work: Coroutine[Any, Any, RunResult | None]) -> RunResult | None:
        """Return how the run ended; None when it was stopped before it could say."""
        self._asked = 0
        self._task = asyncio.ensure_future(work)
        with _hearing((signal.SIGINT,), self._hear):
            try:
                return await self._task
            except asyncio.CancelledError:
                if self._task.cancelled():
                    return None
                self._task.cancel()
                raise
            finally:
                self._task = None

    def _leave(self) -> None:
        self.leaving = True
        if self._task:
            self._hear()
        elif self._main:
            self._main.cancel()

    def _hear(self) -> None:
        self._asked += 1
        if self._asked == 1:
            self.stop()
        elif self._asked == 2:
            show.note("still stopping; once more leaves at once (the session is saved)")
        else:
            self._on_exit()
            os._exit(exits.INTERRUPTED)


@contextlib.contextmanager
def _hearing(numbers: tuple[signal.Signals, ...], act: Callable[[], None]) -> Generator[None]:
    """Call a function in the event loop for these signals, and put back what was there before."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, act)
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
