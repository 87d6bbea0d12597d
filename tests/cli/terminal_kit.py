"""A real pseudo-terminal with a screen, to sit at a chat as a person does."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING

import pyte

from tests.cli.kit import environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 20.0
"""Seconds to wait for something to appear; only a failing test waits that long."""


class Terminal:
    """A command at a terminal of its own. Use as a context manager."""

    def __init__(self, folder: Path, *arguments: str, columns: int = 90, rows: int = 30, **variables: str) -> None:
        self._screen = pyte.HistoryScreen(columns, rows, history=1000, ratio=1)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._master, slave = os.openpty()
        self._screen.write_process_input = self.type
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "runner", *arguments],
            cwd=folder,
            env={**environment(), "TERM": "xterm-256color", **variables},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 – no threads here
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def text(self) -> str:
        """Return what is on the screen and above it, without empty lines."""
        above = ["".join(line[column].data for column in range(self._screen.columns)) for line in self._screen.history.top]
        return "\n".join(line.rstrip() for line in [*above, *self._screen.display] if line.strip())

    def wait_for(self, words: str) -> str:
        """Return the text once it has these words."""
        return self._until(lambda: words in self.text(), f"`{words}` to appear")

    def wait_gone(self, words: str) -> str:
        """Return the text once it has these words no more."""
        return self._until(lambda: words not in self.text(), f"`{words}` to disappear")

    def prompt(self, times: int) -> str:
        """Return the text once the person has been asked that often for a message."""
        return self._until(lambda: sum(line.startswith(">") for line in self.text().splitlines()) >= times, f"{times} prompts")

    def ended(self) -> int:
        """Return the exit code once the command has ended."""
        self._until(lambda: self.process.poll() is not None, "the command to end")
        return self.process.returncode

    def _until(self, done: Callable[[], bool], what: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while not done():
            ended = self.process.poll() is not None
            if not self._read(0.2) and ended and not done():
                raise AssertionError(f"ended while waiting for {what}:\n{self.text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain for {what}:\n{self.text()}")
        return self.text()

    def _read(self, patience: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], patience)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:
            return False
        self.raw += data
        self._stream.feed(data)
        return True
