"""Findings as GitLab's code quality report: the part of the Code Climate format that GitLab reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from runner.compiler.lines import fingerprints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic

_SEVERITY = {"error": "major", "warning": "minor"}


def render(
    findings: Sequence[Diagnostic], *, files: int | None = None, sources: Mapping[str, str] | None = None, checked: Sequence[str] = ()
) -> str:
    """Return a JSON list with an entry for each finding; its fingerprint stays when its line moves."""
    del files, checked
    issues = [_issue(finding, mark) for finding, mark in zip(findings, fingerprints(findings, sources), strict=True)]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _issue(finding: Diagnostic, fingerprint: str) -> dict[str, Any]:
    span = finding.span
    return {
        "type": "issue",
        "check_name": finding.rule.id,
        "description": f"{finding.message}; {finding.hint}" if finding.hint else finding.message,
        "categories": ["Bug Risk"],
        "severity": _SEVERITY[finding.severity],
        "fingerprint": fingerprint,
        "location": {"path": span.file.replace("\\", "/"), "lines": {"begin": span.line, "end": span.end_line}},
    }
