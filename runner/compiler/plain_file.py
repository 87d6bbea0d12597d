"""Reads files as a definition names them: never waits for a pipe, never drinks from a device. Knows nothing of what is in them."""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_HANDED_OVER = re.compile(r"/dev/stdin|/dev/fd/\d+|/proc/(?:self|\d+)/fd/\d+")
_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISSOCK, "it is a socket"),
)


def read_plain(path: Path, most: int, *, given: bool = False) -> bytes:
    """Return at most `most` bytes of a regular file; with `given`, also of standard input and of what a shell hands over by its number.

    Raises OSError, whose `strerror` says it in words, for all else; ValueError for a path that cannot be one.
    """
    if given and _HANDED_OVER.fullmatch(str(path)):
        with path.open("rb") as stream:
            return stream.read(most)
    _refuse_odd(path.stat().st_mode)
    with os.fdopen(os.open(path, os.O_RDONLY | _AT_ONCE), "rb") as stream:
        _refuse_odd(os.fstat(stream.fileno()).st_mode)
        return stream.read(most)


def reason(error: OSError | ValueError) -> str:
    """Return in words why a file cannot be read."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    return "the path is not valid"


def _refuse_odd(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, next((words for is_kind, words in _KINDS if is_kind(mode)), "it is a device"))
