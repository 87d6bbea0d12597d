"""The loop of a chat: a line from the person, a run, its end; the same for a drawn terminal and for plain lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from runner import app
from runner.cli import exits, show
from runner.cli.terminal import lines
from runner.cli.terminal.commands import run_command
from runner.errors import AgentRunError
from runner.messages import AssistantMessage, UserMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.app.live import LiveAgent
    from runner.cli.stopping import Stopper
    from runner.executor.result import RunResult
    from runner.messages import Message


class Desk(Protocol):
    """Where a person sits: gives lines, takes words."""

    async def read(self) -> str | None:
        """Return what the person says next; None when they leave."""
        ...

    def say(self, text: str) -> None:
        """Show words of ours."""
        ...

    def recall(self, message: str, answer: str) -> None:
        """Show what was said before the person could type: the last exchange, or the first message."""
        ...

    def begin(self) -> None:
        """Get ready for a run."""
        ...

    def end(self, result: RunResult | None) -> None:
        """Show how a run ended, its answer included where it was not streamed."""
        ...


class Talk:
    """One chat. `code` is the exit code of its last run; `spoke` is True once there was one."""

    def __init__(self, live: LiveAgent, desk: Desk, stopper: Stopper) -> None:
        self._live = live
        self._desk = desk
        self._stopper = stopper
        self.code = exits.DONE
        self.spoke = False

    async def go_on(self) -> None:
        """Show where a stored session stood, and finish a run that was cut off when it was left."""
        said = [message async for message in app.history(self._live.store, self._live.session.id)]
        if exchange := last_exchange(said):
            self._desk.recall(*exchange)
        if not self._live.unfinished:
            return
        self._desk.begin()
        result = await self._stopper.finish(self._live.resume())
        self._ended(result)

    async def hold(self, first: str | None) -> None:
        """Talk until the person leaves."""
        line = first
        if first:
            self._desk.recall(first, "")
        while not self._stopper.leaving:
            line = line if line is not None else await self._desk.read()
            if line is None or await self._said(line):
                return
            line = None

    async def _said(self, line: str) -> bool:
        if not line.strip():
            return False
        if line.startswith("/") and not line.startswith("//"):
            return await run_command(line, self._live, self._desk.say)
        self._desk.begin()
        message = line[1:] if line.startswith("//") else line
        try:
            self._ended(await self._stopper.finish(self._live.run(message)))
        except AgentRunError as error:
            self._desk.end(None)
            self.code = exits.of(error)
            show.error(error)
        return False

    def _ended(self, result: RunResult | None) -> None:
        self.spoke = True
        self.code = result.exit_code if result else exits.INTERRUPTED
        self._desk.end(result)


def last_exchange(messages: Sequence[Message]) -> tuple[str, str] | None:
    """Return the last message of the person and the words answered to it; None when nothing was said."""
    asked, answer = None, ""
    for message in messages:
        match message:
            case UserMessage():
                asked, answer = message.text(), ""
            case AssistantMessage():
                answer = message.text() or answer
            case _:
                pass
    return None if asked is None else (asked, answer)


def closing(result: RunResult | None) -> list[str]:
    """Return the lines under an answer: its sources, and why a run that is not done stopped."""
    if result is None or result.stop_reason == "interrupted":
        return ["interrupted; what was said so far is kept"]
    return [*lines.sources(result), *lines.ending(result)]
