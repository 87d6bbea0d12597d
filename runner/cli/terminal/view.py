"""Turns the events of a run into what a person sees: streamed words, tool-call lines, notices. Draws through `Screen`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.cli.terminal import lines
from runner.messages import AssistantMessage, from_data

if TYPE_CHECKING:
    from runner.cli.terminal.screen import Screen
    from runner.events import Event

_STYLES = {"✓": "green", "✗": "red"}


class View:
    """Follows one run at a time. Words of called agents are theirs and stay unseen; their tool calls show indented."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._narrator = lines.Narrator(tools=True)
        self._streamed = False

    def show(self, event: Event) -> None:
        """Draw what an event changes."""
        own = not event.path
        match event.kind:
            case "turn.started":
                self._screen.busy(f"{event.agent} is thinking")
            case "text.delta" if own:
                self._streamed = True
                self._screen.busy(f"{event.agent} is writing")
                self._screen.write(str(event.data["text"]))
            case "turn.reset" if own:
                self._reset(str(event.data.get("reason", "")))
            case "model.answered" if own:
                self._answered(event)
            case "tool.called":
                self._screen.busy(lines.call(str(event.data.get("tool") or ""), event.data["call"]["arguments"], 60))
            case "tool.progressed":
                self._screen.busy(lines.shorten(str(event.data.get("message", "")), 60))
            case _:
                pass
        if line := self._narrator.line(event):
            self._screen.note(line, _STYLES.get(line.strip()[0], "dim"))

    def end(self) -> None:
        """Finish what the run left unfinished: its words stay, its open calls are said to have stopped."""
        self._streamed = False
        self._screen.rest()
        for line in self._narrator.unanswered():
            self._screen.note(line, "red")

    def _answered(self, event: Event) -> None:
        message = from_data(event.data["message"])
        if not self._streamed and isinstance(message, AssistantMessage):
            self._screen.write(message.text())
        self._streamed = False
        self._screen.end_text()

    def _reset(self, reason: str) -> None:
        self._streamed = False
        if self._screen.drop_text():
            self._screen.note(f"the answer broke off ({lines.shorten(reason, 100)}); it begins again")
