"""Bad definitions beside what people read about them: every folder of `tests/cases` is checked and compared byte for byte.

`UPDATE_CASES=1 pytest tests/compiler/test_cases.py` writes the outputs anew; read the difference before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runner.compiler.compile import check_all, read
from runner.compiler.report import text
from runner.compiler.rules import checks

CASES = Path(__file__).parent.parent / "cases"
FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())


def output_of(case: Path) -> str:
    """Return what `validate` prints for a case: for its `bad.yaml`, else for its whole folder. What ships may change and is not known."""
    bad = case / "bad.yaml"
    reading = read([bad if bad.exists() else case], root=case, cwd=case, shipped="shadowed-shipped" in case.name)
    return text.render(check_all(reading), files=reading.files, sources=reading.sources)


@pytest.mark.parametrize("case", FOLDERS, ids=lambda case: case.name)
def test_a_bad_definition_is_answered_as_written_down(case: Path) -> None:
    """The words, places and carets of each finding are those in `expected.txt`."""
    expected = case / "expected.txt"
    output = output_of(case)
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(output, encoding="utf-8", newline="")
    assert output == expected.read_text("utf-8")


def test_every_rule_has_a_case() -> None:
    """A rule that nobody has seen speak is not finished."""
    from runner.compiler.findings import RULES

    spoken = "\n".join((case / "expected.txt").read_text("utf-8") for case in FOLDERS)
    rules = {*RULES, *(rule for check in checks() for rule in check.RULES)} - {rule for rule in RULES if rule.id == "unresolved-profile"}
    assert [rule.id for rule in sorted(rules, key=lambda rule: rule.id) if f"[{rule.id}]" not in spoken] == []
