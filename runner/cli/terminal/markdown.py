"""Markdown of a model as rich draws it: cleaned, without blank edges, headings to the left, links with their address shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.markdown import Heading, Markdown
from rich.segment import Segment

from runner.cli.terminal.clean import clean

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import MarkdownElement


class _LeftHeading(Heading):
    """A heading as one bold line, whatever its level."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console, options
        self.text.justify = "left"
        yield self.text


class _House(Markdown):
    """Rich's Markdown with our heading."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "heading_open": _LeftHeading}


class Block:
    """A piece of Markdown; with `most`, only the last lines of it, so that it fits a screen."""

    def __init__(self, text: str, *, most: int | None = None) -> None:
        self._text = clean(text).strip("\n")
        self._most = most

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines without the blank ones at both ends."""
        inner = _House(self._text, hyperlinks=False, code_theme="ansi_dark")
        lines = _without_blank_edges(console.render_lines(inner, options, pad=False))
        for line in lines[-self._most :] if self._most else lines:
            yield from _without_padding(line)
            yield Segment.line()


def _without_blank_edges(lines: list[list[Segment]]) -> list[list[Segment]]:
    full = [number for number, line in enumerate(lines) if any(piece.text.strip() for piece in line)]
    return lines[full[0] : full[-1] + 1] if full else []


def _without_padding(line: list[Segment]) -> list[Segment]:
    """Drop the blanks at the end of a line, so that copied text has none; blanks with a background are drawn."""
    line = list(line)
    while line and not line[-1].text.strip() and not (line[-1].style and line[-1].style.bgcolor):
        line.pop()
    if line and not (line[-1].style and line[-1].style.bgcolor):
        line[-1] = Segment(line[-1].text.rstrip(), line[-1].style, line[-1].control)
    return line
