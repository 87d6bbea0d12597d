"""A chat drawn on a terminal: an edited line with history, a status line, streamed Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import FuzzyCompleter, WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings

from runner.cli.terminal import commands, tty
from runner.cli.terminal.channel import TerminalChannel
from runner.cli.terminal.clean import clean_line, shorten
from runner.cli.terminal.talk import closing

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from runner.cli.terminal.screen import Screen
    from runner.executor.result import RunResult


class DrawnDesk:
    """A person at a terminal. `footer` is what the status line says before the first run."""

    def __init__(self, screen: Screen, footer: str, *, yes: bool, interrupt: Callable[[], None]) -> None:
        self._screen = screen
        self._name = footer
        self._footer = footer
        self._tokens = 0
        self._cost: float | None = 0.0
        self.channel = TerminalChannel(screen, yes=yes, interrupt=interrupt)
        self._session = PromptSession[str](
            history=InMemoryHistory(),
            completer=FuzzyCompleter(WordCompleter(list(commands.names()), sentence=True), pattern="^/.*"),
            complete_while_typing=Condition(self._typing_command),
            key_bindings=_keys(),
            bottom_toolbar=self._toolbar,
            prompt_continuation="  ",
            reserve_space_for_menu=5,
            enable_open_in_editor=False,
        )

    async def read(self) -> str | None:
        """Return what the person typed; Ctrl-C empties the line, Ctrl-D leaves."""
        while True:
            try:
                return await self._session.prompt_async("> ")
            except KeyboardInterrupt:
                self.say("Ctrl-D or /exit leaves")
            except EOFError:
                return None

    def say(self, text: str) -> None:
        """Print words of ours."""
        self._screen.note(text)

    def recall(self, message: str, answer: str) -> None:
        """Show where the conversation stood."""
        self._screen.note(f"> {shorten(message, 200)}")
        self._screen.write(answer)
        self._screen.end_text()

    def begin(self) -> None:
        """Hide what is typed while the run draws."""
        tty.hide_typing()

    def end(self, result: RunResult | None) -> None:
        """Print the rest of the answer and what belongs under it."""
        self.channel.end()
        tty.show_typing()
        for line in closing(result):
            self._screen.note(line, style="red" if line.startswith("error") else "dim")
        if result:
            self._count(result)

    def _count(self, result: RunResult) -> None:
        self._tokens += result.usage.total()
        self._cost = None if self._cost is None or result.cost is None else self._cost + result.cost
        spent = f" · {self._tokens} tokens" if self._tokens else ""
        spent += f" · ${self._cost:.4f}" if self._cost else ""
        name = f"{result.agent} · {result.model}" if result.model else self._name
        self._footer = name + spent

    def _toolbar(self) -> FormattedText:
        return FormattedText([("noreverse ansibrightblack", f" {clean_line(self._footer)} · /help")])

    def _typing_command(self) -> bool:
        return self._session.default_buffer.text.startswith("/")


def _keys() -> KeyBindings:
    """Return bindings: Enter sends, Alt-Enter begins another line."""
    keys = KeyBindings()

    @keys.add("escape", "enter")
    def another_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    del another_line
    return keys
