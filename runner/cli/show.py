"""How the command line speaks on standard error: `error: …`, `hint: …`, warnings and findings. Knows no rich and no colours."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.cli.terminal.clean import clean, clean_line
from runner.errors import AgentRunError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from runner.diagnostics import Diagnostic


def note(text: str) -> None:
    """Print a line on standard error; one that is closed is nobody's problem."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(clean(text) + "\n")
        sys.stderr.flush()


def answer(text: str) -> None:
    """Print an answer on standard output, with exactly one line end, cleaned of control characters."""
    put(clean(text).rstrip("\n") + "\n")


def put(text: str) -> None:
    """Write to standard output at once. Raises BrokenPipeError when the reader has gone, AgentRunError when it cannot be written."""
    try:
        out().write(text)
        out().flush()
    except BrokenPipeError:
        raise
    except OSError as error_:
        mute(out())
        raise AgentRunError(f"cannot write the output: {(error_.strerror or str(error_)).lower()}") from None


@dataclass(slots=True)
class _Streams:
    """Whether the process is ours to rearrange, and where answers go once standard output has been claimed for them."""

    ours: bool = False
    answers: TextIO | None = None


_streams = _Streams()


def own_process() -> None:
    """Say that this process runs the command line and nothing else, so that its streams may be rearranged."""
    _streams.ours = True


def out() -> TextIO:
    """Return the stream that answers go to."""
    return _streams.answers or sys.stdout


def claim() -> None:
    """Keep standard output for answers alone: what a tool prints, or a process it starts, goes to standard error from now on."""
    if _streams.ours and _streams.answers is None:
        sys.stdout.flush()
        _streams.answers = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors="replace")
        os.dup2(2, 1)


def mute(stream: TextIO) -> None:
    """Point a stream that cannot be written at nothing, so that the interpreter's own flush at exit stays quiet."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def problem(message: str, *, hint: str | None = None) -> None:
    """Print what is wrong and what to do next."""
    note(f"error: {clean_line(message)}")
    if hint:
        note(f"hint: {clean_line(hint)}")


def error(problem_: AgentRunError) -> None:
    """Print a named error; for invalid definitions all findings come first."""
    if isinstance(problem_, ConfigError) and problem_.diagnostics:
        findings(problem_.diagnostics)
    problem(problem_.message, hint=problem_.hint)


def findings(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
    """Print findings on standard error as `validate` would; `sources` are the texts of the files by name."""
    from runner.compiler.report import text

    note(text.render(tuple(diagnostics), sources=sources or {}).rstrip("\n"))
