"""The source lines that findings stand in, with secrets masked, and what a finding is known by when its line moves."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from runner.compiler.nodes import LINE_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.diagnostics import Diagnostic, Span

_CREDENTIAL = re.compile(r"""((?<!\$\{)\b(?:api_key|token|password|client_secret)['"]?[ \t]*:[ \t]*)([^\s${][^,}]*)""")
_SECRET_RULES = ("plain-secret",)


class Lines:
    """Source lines by place. A file that is not among the `sources` is read; one that cannot be read has no lines."""

    def __init__(self, sources: Mapping[str, str], findings: Iterable[Diagnostic]) -> None:
        self._sources = sources
        self._split: dict[str, list[str]] = {}
        self._masked: dict[tuple[str, int], str | None] = {}
        self._secrets = [finding.span for finding in findings if finding.rule.id in _SECRET_RULES]

    def at(self, span: Span) -> str | None:
        """Return the line a span begins in, or None."""
        place = (span.file, span.line)
        if place not in self._masked:
            self._masked[place] = self._mask(span)
        return self._masked[place]

    def _mask(self, span: Span) -> str | None:
        if span.file not in self._split:
            self._split[span.file] = LINE_BREAK.split(self._text(span.file))
        lines = self._split[span.file]
        line = lines[span.line - 1] if span.line <= len(lines) else ""
        for secret in self._secrets:
            if secret.file == span.file and secret.line <= span.line <= secret.end_line:
                start = secret.column - 1 if secret.line == span.line else 0
                end = secret.end_column - 1 if secret.end_line == span.line else len(line)
                line = line[:start] + "*" * (end - start) + line[end:]
        line = masked(line)
        return line if line.strip() else None

    def _text(self, file: str) -> str:
        if file in self._sources or file.startswith("<"):
            return self._sources.get(file, "")
        try:
            return Path(file).read_text("utf-8-sig")
        except (OSError, ValueError):
            return ""


def masked(line: str) -> str:
    """Return a line with what stands after `api_key:` and its like made unreadable."""
    return _CREDENTIAL.sub(lambda match: match[1] + "*" * len(match[2]), line)


def credentials(text: str) -> set[str]:
    """Return what stands after `api_key:` and its like in a text."""
    return {found[2].rstrip() for found in _CREDENTIAL.finditer(text)}


def fingerprints(findings: Sequence[Diagnostic], sources: Mapping[str, str] | None) -> list[str]:
    """Return a stable identity for each finding: made of file, rule, message and the text of the line, never of its number.

    Equal findings are told apart by a count, in the order given.
    """
    lines = Lines(sources or {}, findings)
    seen: Counter[str] = Counter()
    made: list[str] = []
    for finding in findings:
        parts = (finding.span.file, finding.rule.id, finding.message, (lines.at(finding.span) or "").strip())
        base = "\0".join(parts)
        seen[base] += 1
        made.append(hashlib.sha256(f"{base}\0{seen[base]}".encode("utf-8", "surrogatepass")).hexdigest()[:32])
    return made
