"""Findings for people: the place, what is wrong, the source line with a caret under the user's own text, and what to do next."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from runner.compiler.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic, Span

WIDEST = 120
"""Cells of a source line that are shown; of a longer line the part around the caret."""

_BEFORE_CARET = 40
_TAB = "    "


def render(
    findings: Sequence[Diagnostic], *, files: int | None = None, sources: Mapping[str, str] | None = None, checked: Sequence[str] = ()
) -> str:
    """Return the findings as text; with the number of `files` that were checked, also a line at the end that counts both.

    `sources` are texts by the name that spans use; a file that is not among them is read, and when it cannot be
    read its finding has no source line. What a `plain-secret` points at, and what stands after `api_key:` and its like, is masked.
    """
    del checked
    lines = Lines(sources or {}, findings)
    blocks = [block(finding, lines) for finding in findings]
    return "\n".join([*blocks, summary(findings, files) + "\n"] if files is not None else blocks)


def summary(findings: Sequence[Diagnostic], files: int) -> str:
    """Return the line that counts findings: `2 errors and 1 warning in 14 files`."""
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in ("error", "warning")}
    words = [_count(number, severity) for severity, number in counts.items() if number]
    return f"{' and '.join(words) or 'no findings'} in {_count(files, 'file')}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def block(finding: Diagnostic, lines: Lines) -> str:
    """Return one finding as text: its place and message, the source line with a caret, related places, the hint."""
    span = finding.span
    place = f"{_clean(span.file)}:{span.line}:{span.column}: " if not span.file.startswith("<") else ""
    parts = [f"{place}{finding.severity}: {_clean(finding.message)} [{finding.rule.id}]"]
    line = lines.at(span)
    if line is not None:
        parts += _excerpt(line, span)
    parts += [
        f"  {_clean(related.span.file)}:{related.span.line}:{related.span.column}: {_clean(related.message)}" for related in finding.related
    ]
    if finding.hint:
        parts.append(f"  hint: {_clean(finding.hint)}")
    return "\n".join([*parts, ""])


def _excerpt(line: str, span: Span) -> list[str]:
    end = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    start = min(span.column - 1, len(line))
    first, last = _window(line, start)
    cut = ("…" if first else "", "…" if last < len(line) else "")
    number = str(span.line)
    shown = cut[0] + "".join(map(_cell, line[first:last])) + cut[1]
    before = len(cut[0]) + sum(map(_width, line[first:start]))
    under = max(1, sum(map(_width, line[start : min(end, last)])))
    gutter = " " * len(number)
    return [f"{number} | {shown}", f"{gutter} | {' ' * before}{'^' * under}"]


def _window(line: str, start: int) -> tuple[int, int]:
    """Return the part of a line that is shown, as indexes."""
    if len(line) <= WIDEST:
        return 0, len(line)
    first = max(0, min(start - _BEFORE_CARET, len(line) - WIDEST))
    return first, first + WIDEST


def _cell(sign: str) -> str:
    if sign == "\t":
        return _TAB
    return sign if sign.isprintable() or unicodedata.combining(sign) else "·"


def _width(sign: str) -> int:
    if sign == "\t":
        return len(_TAB)
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in ("W", "F") else 1


def _clean(text: str) -> str:
    return "".join(sign if sign.isprintable() else "·" for sign in text)
