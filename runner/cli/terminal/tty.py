"""The terminal's own settings: what is typed while an answer is drawn must not be echoed into it."""

from __future__ import annotations

import contextlib
import sys
import termios

_ECHO = 3
"""Index of the local flags in what `termios.tcgetattr` returns."""

_before: list[list[object]] = []


def hide_typing() -> None:
    """Stop echoing keys; Ctrl-C still works. Does nothing when standard input is no terminal."""
    with contextlib.suppress(termios.error, OSError, ValueError):
        now = termios.tcgetattr(sys.stdin.fileno())
        if not _before:
            _before.append(list(now))
        now[_ECHO] &= ~termios.ECHO
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, now)


def show_typing() -> None:
    """Put the terminal back as it was; harmless when nothing was changed."""
    with contextlib.suppress(termios.error, OSError, ValueError):
        if _before:
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, _before.pop())  # pyright: ignore[reportArgumentType]
