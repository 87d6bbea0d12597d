"""Projects and findings for the tests of reports, mends and baselines."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runner import app
from runner.cli import border
from runner.cli.verbs import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.diagnostics import Diagnostic


@contextlib.contextmanager
def nothing_typed() -> Iterator[None]:
    """Give commands a standard input that is at its end."""
    before = sys.stdin
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        sys.stdin = nothing
        try:
            yield
        finally:
            sys.stdin = before


@dataclass(frozen=True)
class Project:
    """A folder, and `agent-run validate` called in it."""

    root: Path

    def write(self, **files: str) -> Project:
        """Write agents by name: `a="…"` is `agents.d/a.yaml`."""
        (self.root / "agents.d").mkdir(exist_ok=True)
        for name, text in files.items():
            (self.root / "agents.d" / f"{name}.yaml").write_bytes(text.encode())
        return self

    def text(self, name: str = "a") -> str:
        """Return the text of an agent's file, line ends as they are."""
        return (self.root / "agents.d" / f"{name}.yaml").read_bytes().decode()

    def findings(self) -> tuple[Diagnostic, ...]:
        """Return what a check finds."""
        with contextlib.chdir(self.root):
            return app.validate([], app.Options()).findings

    def rules(self) -> list[tuple[int, str]]:
        """Return (line, rule) of what a check finds."""
        return [(finding.span.line, finding.rule.id) for finding in self.findings()]

    def __call__(self, *arguments: str, verb: str = "validate") -> tuple[int, str, str]:
        """Run a verb; return its exit code, standard output and standard error."""
        out, err = io.StringIO(), io.StringIO()
        border.last_words = border.LastWords()
        with nothing_typed(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(self.root):
            code = border.guard(execute, [verb, *arguments])
        return code, out.getvalue(), err.getvalue()
