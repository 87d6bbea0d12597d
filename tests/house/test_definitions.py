"""Schemas are what the classes say, and every definition in this repository is one that a person can copy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from runner import app
from runner.compiler import schema
from tests.house.tree import PACKAGE, ROOT, nothing

if TYPE_CHECKING:
    from pathlib import Path

MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")
FOLDERS = ("agents.d", "tools.d", "examples")
SHIPPED = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.y*ml"))


def test_there_are_definitions_to_check() -> None:
    """An empty listing would make the tests below say nothing."""
    assert {path.relative_to(ROOT).parts[0] for path in SHIPPED} == set(FOLDERS)


def test_committed_schemas_are_the_generated_ones(tmp_path: Path) -> None:
    """`schemas/` is written by `agent-run schema --out schemas`, never by hand."""
    schema.write(tmp_path)
    fresh = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert fresh == {path.name: path.read_bytes() for path in (ROOT / "schemas").iterdir()}


@pytest.mark.parametrize("path", [*SHIPPED, PACKAGE / "providers" / "catalog.yaml"], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_definition_names_its_schema(path: Path) -> None:
    """An editor completes and checks every definition here: the modeline leads to a committed schema."""
    modeline = MODELINE.match(path.read_text("utf-8"))
    assert modeline, "the first line is not a modeline"
    assert (path.parent / modeline[1]).resolve().parent == ROOT / "schemas"
    assert (path.parent / modeline[1]).is_file()


PROJECTS = sorted({*(ROOT / "examples").iterdir(), ROOT / "agents.d", ROOT / "tools.d"})


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_definitions_have_no_findings(folder: Path) -> None:
    """What we ship validates, warnings included."""
    found = app.validate([folder], app.Options())
    assert found.files
    nothing([f"{finding.span.label()}: {finding.message} [{finding.rule.id}]" for finding in found.findings])
