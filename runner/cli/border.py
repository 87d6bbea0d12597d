"""The edge of the process: whatever comes out of a verb leaves as an exit code and at most a few clear lines.

No traceback reaches a person unless `--debug` is given; a bug of ours is written to a report file.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.cli import exits, show

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(slots=True)
class LastWords:
    """What a verb wants when it breaks on a bug of ours: its exit code, and how its machine format says so."""

    code: int = exits.FAILED
    say: Callable[[str], None] | None = None


last_words = LastWords()
"""Set by the verb that runs; one process runs one verb."""


def leave(execute: Callable[[Sequence[str]], int]) -> None:
    """Run the verb of `sys.argv` and leave the process with its exit code."""
    _ready_streams()
    show.own_process()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    code = guard(execute, sys.argv[1:])
    sys.exit(_flushed(code))


def guard(execute: Callable[[Sequence[str]], int], arguments: Sequence[str]) -> int:
    """Return the exit code of a verb, whatever it raises."""
    try:
        return execute(arguments)
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        show.mute(show.out())
        return exits.BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 – the process border: a bug of ours becomes one line, a report and an exit code
        return _our_bug(error, arguments)


def _our_bug(error: Exception, arguments: Sequence[str]) -> int:
    from runner.cli.bug import write_report

    message = f"this is a bug in agent-run: {type(error).__name__}: {' '.join(str(error).split())}"
    if "--debug" in arguments:
        import traceback

        traceback.print_exception(error)
    report = write_report(error, arguments)
    show.problem(message, hint=f"please report it with the file {report}" if report else "run again with --debug and report what it prints")
    if last_words.say:
        last_words.say(message)
    return last_words.code


def _ready_streams() -> None:
    """Give a closed stream a place to lead to, and make one that lacks a letter show `?` instead of ending the program."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
        if reconfigure := getattr(getattr(sys, name), "reconfigure", None):
            reconfigure(errors="replace")


def _flushed(code: int) -> int:
    """Return the exit code after what is still buffered has gone out, or could not."""
    try:
        show.out().flush()
    except OSError:
        show.mute(show.out())
        return code or exits.BROKEN_PIPE
    return code
