"""What a check has to say and exactly where. One type for every finding; how it is shown is `compiler/report`'s affair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file. Lines and columns are 1-based and count characters; the end is exclusive. `file` is as the person wrote it."""

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def label(self) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Rule:
    """A stable word for one kind of finding, with its fixed severity."""

    id: str
    severity: Severity
    summary: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to a finding: "first defined here"."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that is certain: replace `span` by `text`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. The message is lower case, without a final stop, the user's word in backticks."""

    rule: Rule
    span: Span
    message: str
    hint: str | None = None
    fix: Fix | None = None
    related: tuple[Related, ...] = ()

    @property
    def severity(self) -> Severity:
        """The severity of its rule."""
        return self.rule.severity

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order of a report: file, place, rule, message."""
        return (self.span.file, self.span.line, self.span.column, self.rule.id, self.message)


def in_order(findings: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the findings sorted and without repetitions."""
    unique = {(d.sort_key(), d.span): d for d in findings}
    return tuple(sorted(unique.values(), key=Diagnostic.sort_key))
