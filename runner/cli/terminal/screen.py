"""The drawn part of a chat: finished blocks stay above, one live region below holds the block being written and what goes on.

Everything that reaches rich has been cleaned, and is passed as `Text` or `Markdown`, never as rich's own markup.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from runner.cli.terminal.blocks import split_finished
from runner.cli.terminal.clean import clean, clean_line
from runner.cli.terminal.markdown import Block

if TYPE_CHECKING:
    from typing import TextIO

    from rich.console import RenderableType

_FRAME = 0.1
"""Seconds between two drawings of the live region; also the pace of the spinner."""

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_PLAIN_SPINNER = "|/-\\"


class Screen:
    """Draws on one terminal. `busy` starts the live region and `rest` ends it; between them text can be streamed into it."""

    def __init__(self, file: TextIO | None = None, *, width: int | None = None) -> None:
        self.console = Console(file=file, width=width, highlight=False, emoji=False, markup=False)
        self._live: Live | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._text = ""
        self._began_block = False
        self._status = ""
        self._since = 0.0
        letters = (self.console.encoding or "").lower().startswith("utf")
        self._spinner = _SPINNER if letters else _PLAIN_SPINNER

    def note(self, text: str, style: str = "dim") -> None:
        """Print one line or more above the live region."""
        self.console.print(Text(clean(text), style=style), soft_wrap=False)

    def busy(self, status: str) -> None:
        """Show that something goes on; starts the live region."""
        self._status = clean_line(status)
        if self._live is None:
            self._since = time.monotonic()
            self._live = Live(
                get_renderable=self._drawn, console=self.console, auto_refresh=False, transient=True, vertical_overflow="crop"
            )
            self._live.start()
        self._draw()

    def rest(self) -> None:
        """End the live region; what was being written is printed for good."""
        self.end_text()
        self.pause()

    def pause(self) -> None:
        """Take the live region away, keeping what is being written, so that a person can be asked."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._live is not None:
            self._live.stop()
            self._live = None

    def write(self, text: str) -> None:
        """Add streamed words; finished blocks are printed for good."""
        self._text += text
        finished, self._text = split_finished(self._text)
        if finished:
            self._print_block(finished)

    def end_text(self) -> None:
        """Print the rest of the streamed words; the next ones are another text."""
        text, self._text = self._text, ""
        if text.strip():
            self._print_block(text)
        self._began_block = False

    def drop_text(self) -> bool:
        """Forget words that were not printed for good; True when some of the text was printed already."""
        printed, self._text, self._began_block = self._began_block, "", False
        return printed

    def _print_block(self, text: str) -> None:
        if self._began_block:
            self.console.print()
        self._began_block = True
        self.console.print(Block(text))

    def _draw(self) -> None:
        self._timer = None
        if self._live is not None:
            self._live.refresh()
            self._timer = asyncio.get_running_loop().call_later(_FRAME, self._draw)

    def _drawn(self) -> RenderableType:
        status = Text(f"{self._frame()} {self._status}  {int(time.monotonic() - self._since)} s · Ctrl-C stops", style="dim", no_wrap=True)
        status.truncate(max(self.console.width - 1, 1), overflow="ellipsis")
        if not self._text.strip():
            return status
        gap: list[RenderableType] = [Text()] if self._began_block else []
        return Group(*gap, Block(self._text, most=max(self.console.height - 3, 1)), status)

    def _frame(self) -> str:
        return self._spinner[int(time.monotonic() / _FRAME) % len(self._spinner)]
