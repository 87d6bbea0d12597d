"""Findings for machines that read line by line: one JSON object a line, as in `json`; nothing when there is nothing to say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runner.compiler.report.json import as_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic


def render(
    findings: Sequence[Diagnostic], *, files: int | None = None, sources: Mapping[str, str] | None = None, checked: Sequence[str] = ()
) -> str:
    """Return a line for each finding."""
    del files, sources, checked
    return "".join(json.dumps(as_data(finding), ensure_ascii=True) + "\n" for finding in findings)
