"""`validate`: findings on standard output, what a run needs on standard error, four exit codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.kit import HEAVY, loaded_by

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.kit import Cli


def test_a_good_project_is_exit_0(cli: Cli) -> None:
    """No finding; the default is this folder."""
    shown = cli("validate")
    assert shown.code == 0, shown.out
    assert "error" not in shown.out.replace("0 errors", "")


def test_findings_are_exit_1_on_standard_output(cli: Cli) -> None:
    """Text with place and caret, JSON with the same facts."""
    (cli.root / "agents.d" / "bad.yaml").write_text("model: script/parrot\ninstrutions: hi\n")
    shown = cli("validate")
    assert shown.code == 1
    assert "agents.d/bad.yaml:2:1: error:" in shown.out
    assert "^" in shown.out
    data = cli("validate", "--format", "json").json()
    assert [(found["file"], found["line"], found["rule"]) for found in data["findings"]] == [("agents.d/bad.yaml", 2, "unknown-key")]


def test_a_missing_path_is_exit_2(cli: Cli) -> None:
    """The path is named."""
    shown = cli("validate", "no/such.yaml")
    assert shown.code == 2
    assert "no/such.yaml" in shown.err


def test_an_empty_path_is_exit_2(cli: Cli) -> None:
    """A variable of the shell that is not set does not mean this folder."""
    result = cli("validate", "")
    assert (result.code, result.out) == (2, "")
    assert "a path is empty" in result.err


def test_what_a_run_needs_is_told_without_reading_it(cli: Cli) -> None:
    """Names of variables and secrets, never a value."""
    (cli.root / "agents.d" / "needy.yaml").write_text("model: script/parrot\ninstructions: I am ${env:MOOD}.\n")
    assert "MOOD" in cli("validate").err
    assert "MOOD" not in cli("validate", "--format", "json").err


def test_validate_loads_nothing_heavy(project: Path) -> None:
    """No SDK, no rich, no pydantic, and none of the project's code."""
    loaded = loaded_by("validate", folder=project)
    assert not loaded & HEAVY
    assert "acts" not in loaded
