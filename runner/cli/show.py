"""How the command line speaks on standard error: `error: …`, `hint: …`, warnings and findings. Knows no rich and no colours."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from runner.cli.terminal.clean import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic
    from runner.errors import AgentRunError


def note(text: str) -> None:
    """Print a line on standard error; one that is closed is nobody's problem."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(clean(text) + "\n")
        sys.stderr.flush()


def answer(text: str) -> None:
    """Print an answer on standard output, with exactly one line end, cleaned of control characters."""
    sys.stdout.write(clean(text).rstrip("\n") + "\n")
    sys.stdout.flush()


def problem(message: str, *, hint: str | None = None) -> None:
    """Print what is wrong and what to do next."""
    note(f"error: {clean_line(message)}")
    if hint:
        note(f"hint: {clean_line(hint)}")


def error(problem_: AgentRunError) -> None:
    """Print a named error; for invalid definitions all findings come first."""
    from runner.errors import ConfigError

    if isinstance(problem_, ConfigError) and problem_.diagnostics:
        findings(problem_.diagnostics)
    problem(problem_.message, hint=problem_.hint)


def findings(diagnostics: Sequence[Diagnostic], sources: Mapping[str, str] | None = None) -> None:
    """Print findings on standard error as `validate` would; `sources` are the texts of the files by name."""
    from runner.compiler.report import text

    note(text.render(tuple(diagnostics), sources=sources or {}).rstrip("\n"))
