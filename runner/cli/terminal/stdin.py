"""Reads standard input line by line without blocking the run: pipes and terminals through the event loop, files at once."""

from __future__ import annotations

import asyncio
import codecs
import os
import sys

from runner.cli.inputs import MOST_BYTES
from runner.errors import UsageError


class Lines:
    """The lines of a file descriptor, one at a time; the end is None. Bytes that are not UTF-8 become the replacement character."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._text = ""
        self._ended = False

    def prompt(self, text: str) -> None:
        """Show on standard error what is asked for."""
        sys.stderr.write(text)
        sys.stderr.flush()

    async def next(self) -> str | None:
        """Return the next line without its end."""
        while "\n" not in self._text and not self._ended:
            await self._readable()
            piece = self._piece()
            self._ended = not piece
            self._text += self._decoder.decode(piece, final=self._ended)
            if len(self._text) > MOST_BYTES:
                raise UsageError(f"a line of standard input is longer than {MOST_BYTES // 2**20} MiB")
        if not self._text:
            return None
        line, _, self._text = self._text.partition("\n")
        return line.rstrip("\r")

    def _piece(self) -> bytes:
        """Return the bytes that are there; none at the end, also when the terminal has gone."""
        try:
            return os.read(self._descriptor, 65536)
        except OSError:
            return b""

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        try:
            loop.add_reader(self._descriptor, lambda: ready.done() or ready.set_result(None))
        except PermissionError:
            return
        try:
            await ready
        finally:
            loop.remove_reader(self._descriptor)
