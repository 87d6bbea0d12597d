"""Writes the report of a bug of ours: versions, the command and the traceback, with secrets removed."""

from __future__ import annotations

import os
import platform
import shlex
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING

from runner import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_report(error: BaseException, arguments: Sequence[str]) -> str | None:
    """Write a report that only its owner can read and return its path; None when no folder takes it."""
    from runner.redact import redact

    text = "\n".join(
        [
            f"agent-run {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"command: agent-run {shlex.join(arguments)}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    try:
        handle, path = tempfile.mkstemp(prefix="agent-run-bug-", suffix=".txt")
        with os.fdopen(handle, "w", encoding=sys.getfilesystemencoding(), errors="replace") as file:
            file.write(redact(text))
    except OSError:
        return None
    return path
