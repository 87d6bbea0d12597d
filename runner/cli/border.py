"""The edge of the process: whatever comes out of a verb leaves as an exit code and at most a few clear lines.

No traceback reaches a person unless `--debug` is given; a bug of ours is written to a report file.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from runner.cli import exits

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
    _forgive_encodings()
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
        return exits.BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 – the process border: a bug of ours becomes one line, a report and an exit code
        return _our_bug(error, arguments)


def _our_bug(error: Exception, arguments: Sequence[str]) -> int:
    from runner.cli.bug import write_report
    from runner.cli.show import problem

    message = f"this is a bug in agent-run: {type(error).__name__}: {' '.join(str(error).split())}"
    if "--debug" in arguments:
        traceback.print_exception(error)
    report = write_report(error, arguments)
    problem(message, hint=f"please report it with the file {report}" if report else "run again with --debug and report what it prints")
    if last_words.say:
        last_words.say(message)
    return last_words.code


def _forgive_encodings() -> None:
    """Make a terminal that lacks a letter show `?` instead of ending the program."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")


def _flushed(code: int) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _mute(sys.stdout)
        return exits.BROKEN_PIPE if code == exits.DONE else code
    except OSError as error:
        _mute(sys.stdout)
        sys.stderr.write(f"error: cannot write the output: {error.strerror}\n")
        return code or exits.FAILED
    return code


def _mute(stream: TextIO) -> None:
    """Point a stream nobody reads at nothing, so that the interpreter's own flush at exit stays quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
