"""Findings as SARIF 2.1.0: what code scanning services, editors and other tools read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runner import __version__
from runner.compiler.catalogue import catalogue
from runner.compiler.lines import fingerprints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic, Fix, Rule, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(
    findings: Sequence[Diagnostic], *, files: int | None = None, sources: Mapping[str, str] | None = None, checked: Sequence[str] = ()
) -> str:
    """Return a SARIF log with one run. Paths are relative to the folder of the call, which stands for the repository's root."""
    del files
    rules = {**catalogue(), **{finding.rule.id: finding.rule for finding in findings}}
    numbers = {name: number for number, name in enumerate(rules)}
    marks = fingerprints(findings, sources)
    run = {
        "tool": {"driver": _driver(list(rules.values()))},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder that agent-run was called in."}}},
        "artifacts": [{"location": _file(name)} for name in checked],
        "results": [_result(finding, numbers[finding.rule.id], mark) for finding, mark in zip(findings, marks, strict=True)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _driver(rules: Sequence[Rule]) -> dict[str, Any]:
    return {"name": "agent-run", "version": __version__, "rules": [_rule(rule) for rule in rules]}


def _rule(rule: Rule) -> dict[str, Any]:
    page = f"docs/rules/{rule.id}.md"
    return {
        "id": rule.id,
        "shortDescription": {"text": f"{rule.summary[:1].upper()}{rule.summary[1:]}."},
        "help": {
            "text": f"`agent-run explain {rule.id}` shows {page}: what it means, why, a bad and a good example.",
            "markdown": f"`agent-run explain {rule.id}` shows `{page}`: what it means, why, a bad and a good example.",
        },
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Diagnostic, number: int, fingerprint: str) -> dict[str, Any]:
    text = f"{finding.message}\nhint: {finding.hint}" if finding.hint else finding.message
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "ruleIndex": number,
        "level": finding.severity,
        "message": {"text": text},
        "partialFingerprints": {"agentRunFinding/v1": fingerprint},
    }
    if not finding.span.file.startswith("<"):
        result["locations"] = [{"physicalLocation": _place(finding.span)}]
    if finding.related:
        result["relatedLocations"] = [
            {"id": at, "physicalLocation": _place(related.span), "message": {"text": related.message}}
            for at, related in enumerate(finding.related, 1)
        ]
    if finding.fix:
        result["fixes"] = [_fix(finding.fix, finding.hint)]
    return result


def _fix(fix: Fix, hint: str | None) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(fix.span), "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": _file(fix.span.file), "replacements": [replacement]}
    return {"description": {"text": hint or "mend it"}, "artifactChanges": [change]}


def _place(span: Span) -> dict[str, Any]:
    return {"artifactLocation": _file(span.file), "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    return {"startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}


def _file(name: str) -> dict[str, str]:
    path = Path(name)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix(), errors="surrogateescape"), "uriBaseId": "%SRCROOT%"}
