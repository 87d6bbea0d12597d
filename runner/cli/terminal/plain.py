"""A chat in plain lines: for pipes, dumb terminals and other programs. Answers go to standard output, the rest to standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from runner.cli import show
from runner.cli.terminal.channel import PlainChannel
from runner.cli.terminal.stdin import Lines
from runner.cli.terminal.talk import closing

if TYPE_CHECKING:
    from runner.executor.result import RunResult


class PlainDesk:
    """Reads a line per message; shows a prompt only to a person."""

    def __init__(self, *, yes: bool, quiet: bool) -> None:
        self._lines = Lines()
        self._quiet = quiet
        self._person = sys.stdin.isatty()
        keyboard = self._lines if self._person else None
        self.channel = PlainChannel(keyboard, yes=yes, tools=not quiet and sys.stderr.isatty())

    async def read(self) -> str | None:
        """Return the next line, None at the end of the input."""
        if self._person:
            self._lines.prompt("> ")
        return await self._lines.next()

    def say(self, text: str) -> None:
        """Print words of ours."""
        if not self._quiet:
            show.note(text)

    def recall(self, message: str, answer: str) -> None:
        """Standard output is for new answers only."""

    def begin(self) -> None:
        """Nothing to prepare."""

    def end(self, result: RunResult | None) -> None:
        """Print the answer, then what belongs under it."""
        if result and result.result:
            show.answer(result.result)
        for line in closing(result):
            show.note(line)
