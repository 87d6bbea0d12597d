"""Findings as workflow commands: GitHub Actions shows each as an annotation beside its line in a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic


def render(
    findings: Sequence[Diagnostic], *, files: int | None = None, sources: Mapping[str, str] | None = None, checked: Sequence[str] = ()
) -> str:
    """Return a line for each finding. Paths start from the folder of the call, which should be the repository's."""
    del files, sources, checked
    return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Diagnostic) -> str:
    properties = {**_place(finding), "title": finding.rule.id}
    words = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{finding.severity} {words}::{_data(_message(finding))}"


def _place(finding: Diagnostic) -> dict[str, str | int]:
    """Return where it stands; columns are for places within one line only."""
    span = finding.span
    if span.file.startswith("<"):
        return {}
    place: dict[str, str | int] = {"file": span.file.replace("\\", "/"), "line": span.line, "endLine": span.end_line}
    return {**place, "col": span.column, "endColumn": span.end_column} if span.line == span.end_line else place


def _message(finding: Diagnostic) -> str:
    related = [f"{item.span.file}:{item.span.line}:{item.span.column}: {item.message}" for item in finding.related]
    return "\n".join([finding.message, *related, *([f"hint: {finding.hint}"] if finding.hint else [])])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
