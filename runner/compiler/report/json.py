"""Findings for machines: one JSON object, its keys always present."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic, Span


def render(
    findings: Sequence[Diagnostic], *, files: int | None = None, sources: Mapping[str, str] | None = None, checked: Sequence[str] = ()
) -> str:
    """Return the findings as JSON text; `sources` are not needed and not shown."""
    del sources, checked
    return json.dumps({"files": files or 0, "findings": [as_data(finding) for finding in findings]}, indent=2, ensure_ascii=False) + "\n"


def as_data(finding: Diagnostic) -> dict[str, Any]:
    """Return one finding as plain data."""
    related = [
        {"file": item.span.file, "line": item.span.line, "column": item.span.column, "message": item.message} for item in finding.related
    ]
    return {
        "file": finding.span.file,
        **_place(finding.span),
        "severity": finding.severity,
        "rule": finding.rule.id,
        "message": finding.message,
        "hint": finding.hint,
        "fix": finding.fix and {**_place(finding.fix.span), "text": finding.fix.text},
        "related": related,
    }


def _place(span: Span) -> dict[str, int]:
    return {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}
