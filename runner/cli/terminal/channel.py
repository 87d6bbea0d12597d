"""The two channels of a person: a drawn terminal, and plain lines. Both ask before what needs a yes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from runner.channel import ApprovalAnswer, Headless
from runner.cli import show
from runner.cli.terminal import lines, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.channel import ApprovalRequest, Question
    from runner.cli.terminal.screen import Screen
    from runner.cli.terminal.stdin import Lines
    from runner.events import Event

_BY_FLAG = ApprovalAnswer("allow", by="flag")


class TerminalChannel:
    """A person at a drawn terminal: words stream, one key answers an approval."""

    watched = True

    def __init__(self, screen: Screen, *, yes: bool, interrupt: Callable[[], None]) -> None:
        from runner.cli.terminal.view import View

        self._screen = screen
        self._view = View(screen)
        self._yes = yes
        self._interrupt = interrupt

    async def approve(self, request: ApprovalRequest) -> ApprovalAnswer:
        """Ask for one key: y once, s for the session, n no; other words go to the model."""
        from runner.cli.terminal.ask import ask_approval

        if self._yes:
            return _BY_FLAG
        self._screen.pause()
        self._screen.note("\n".join(words.request(request)), style="yellow")
        answer = await ask_approval(self._interrupt)
        self._screen.note(words.decision(answer))
        return answer

    async def ask(self, question: Question) -> str | None:
        """Ask for words, or for one of the choices."""
        from runner.cli.terminal.ask import ask_question

        self._screen.pause()
        self._screen.note("\n".join(words.question(question)), style="yellow")
        return await ask_question(question, self._interrupt)

    def emit(self, event: Event) -> None:
        """Draw the event; a terminal that is gone must not stop the run."""
        with contextlib.suppress(OSError, ValueError):
            self._view.show(event)

    def end(self) -> None:
        """Leave the terminal at rest after a run."""
        self._view.end()


class PlainChannel(Headless):
    """Plain lines on standard error. With `lines`, the keyboard of a person who answers; without, nobody is there."""

    def __init__(self, keyboard: Lines | None, *, yes: bool, tools: bool) -> None:
        super().__init__(yes=yes)
        self._yes_to_all = yes
        self._keyboard = keyboard
        self._narrator = lines.Narrator(tools=tools)

    async def approve(self, request: ApprovalRequest) -> ApprovalAnswer:
        """Ask for a line when a person is there."""
        if self._keyboard is None or self._yes_to_all:
            return await super().approve(request)
        for line in words.request(request):
            show.note(line)
        self._keyboard.prompt(words.APPROVAL_PROMPT)
        typed = await self._keyboard.next()
        return ApprovalAnswer("deny", by="nobody") if typed is None else words.answer_of(typed)

    async def ask(self, question: Question) -> str | None:
        """Ask for a line when a person is there; with choices until one of them fits."""
        if self._keyboard is None:
            return None
        for line in words.question(question):
            show.note(line)
        while True:
            self._keyboard.prompt("> ")
            typed = await self._keyboard.next()
            chosen = words.chosen(typed, question.choices) if typed is not None else None
            if typed is None or chosen is not None:
                return chosen
            show.note(f"one of: {', '.join(question.choices)}")

    def emit(self, event: Event) -> None:
        """Print tool calls and notices."""
        if line := self._narrator.line(event):
            show.note(line)
