"""Small projects for the tests of the compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.compile import check_all, read

if TYPE_CHECKING:
    from pathlib import Path

    from runner.compiler.compile import Reading
    from runner.diagnostics import Diagnostic


def write(root: Path, files: dict[str, str]) -> Path:
    """Write a tree of files and return its root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def reading_of(root: Path, *paths: str, profile: str | None = None) -> Reading:
    """Read paths below a root, the root itself when none is given."""
    return read([root / path for path in paths] or [root], cwd=root, profile=profile)


def findings_of(root: Path, *paths: str, profile: str | None = None) -> list[tuple[str, str]]:
    """Return (place, rule) of every finding, as `file:line rule` parts."""
    return [(finding.span.label(), finding.rule.id) for finding in diagnostics_of(root, *paths, profile=profile)]


def diagnostics_of(root: Path, *paths: str, profile: str | None = None) -> tuple[Diagnostic, ...]:
    """Return every finding."""
    return check_all(reading_of(root, *paths, profile=profile))
