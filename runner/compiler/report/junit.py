"""Findings as a JUnit report: one suite, a test case for each file; a file with an error has failed, one with warnings only has not."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from runner.compiler.lines import Lines
from runner.compiler.report.text import block, summary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic

_SUITE = "agent-run validate"


def render(
    findings: Sequence[Diagnostic], *, files: int | None = None, sources: Mapping[str, str] | None = None, checked: Sequence[str] = ()
) -> str:
    """Return the report as XML. Findings in files that were not asked for, such as a parent's, have cases of their own."""
    del files
    lines = Lines(sources or {}, findings)
    by_file = {file: list(group) for file, group in groupby(sorted(findings, key=_file), key=_file)}
    names = list(dict.fromkeys([*checked, *by_file]))
    failed = [name for name in names if any(finding.severity == "error" for finding in by_file.get(name, ()))]
    counts = {"tests": str(len(names)), "failures": str(len(failed)), "errors": "0", "skipped": "0"}
    root = ElementTree.Element("testsuites", {"name": _SUITE, **counts})
    suite = ElementTree.SubElement(root, "testsuite", {"name": _SUITE, **counts})
    for name in names:
        _case(suite, name, by_file.get(name, []), lines)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _file(finding: Diagnostic) -> str:
    return finding.span.file


def _case(suite: ElementTree.Element, name: str, findings: Sequence[Diagnostic], lines: Lines) -> None:
    case = ElementTree.SubElement(suite, "testcase", {"classname": _SUITE, "name": _legal(name), "file": _legal(name)})
    if not findings:
        return
    text = _legal("\n".join(block(finding, lines) for finding in findings))
    if any(finding.severity == "error" for finding in findings):
        rules = ",".join(sorted({finding.rule.id for finding in findings if finding.severity == "error"}))
        words = summary(findings, 1).removesuffix(" in 1 file")
        ElementTree.SubElement(case, "failure", {"message": words, "type": rules}).text = text
    else:
        ElementTree.SubElement(case, "system-out").text = text


def _legal(text: str) -> str:
    """Return a text with what XML cannot hold made visible."""
    return "".join(sign if sign in "\t\n\r" or sign.isprintable() else "·" for sign in text)
