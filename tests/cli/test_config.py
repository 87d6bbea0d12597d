"""`config show`: what an agent amounts to, and where each value was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.compiler.builder import Source
from runner.compiler.source import read_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.kit import Cli

BASE = 'name: base\ninstructions: |\n  Be kind: always.\n\n    Even here. # no comment\nlimits: {turns: 7}\nmeta: {note: "no", odd: "a\\u2028b", empty: [], "on": 1}\n'
CHILD = "extends: base\nlimits:\n  tool_calls: 3\n"


@pytest.fixture
def family(cli: Cli) -> Cli:
    """A child that extends a base, and a project whose profile chooses the model."""
    (cli.root / "agents.d/base.yaml").write_text(BASE)
    (cli.root / "agents.d/child.yaml").write_text(CHILD)
    (cli.root / "agent-run.yaml").write_text("kind: project\npython: [.]\nmodel: auto\nprofiles:\n  ci: {model: script/parrot}\n")
    return cli


def test_every_value_has_the_place_it_was_written_at(family: Cli) -> None:
    """Of the parent, the child, the profile, or nobody."""
    shown = family("config", "show", "child", "--origins", "--format", "json", "--profile", "ci")
    assert (shown.code, shown.err) == (0, "")
    data = shown.json()
    origins = data["origins"]
    assert data["agent"]["limits"]["turns"] == 7
    assert data["agent"]["model"] == "script/parrot"
    assert origins["/agent/limits/turns"] == "agents.d/base.yaml:6"
    assert origins["/agent/limits/tool_calls"] == "agents.d/child.yaml:3"
    assert origins["/agent/limits/time"] == "default"
    assert origins["/agent/model"] == "agent-run.yaml:5"
    assert data["project"]["model"] == "script/parrot"


def test_what_is_shown_is_yaml_that_means_the_same(family: Cli, tmp_path: Path) -> None:
    """Read again, with and without origins, it is the data that `--format json` gives."""
    wanted = family("config", "show", "child", "--format", "json").json()
    for flags in ([], ["--origins"]):
        shown = family("config", "show", "child", *flags)
        source = read_bytes(shown.out.encode(), Source("shown", tmp_path / "shown"))
        assert source.findings == []
        assert [tree.data for tree in source.trees] == [wanted["agent"], wanted["project"]]
    assert "  turns: 7  # agents.d/base.yaml:6\n" in family("config", "show", "child", "--origins").out


def test_secrets_stay_references_and_plain_ones_are_never_shown(family: Cli) -> None:
    """A reference is shown as it is written; a key in plain text is a finding, and no part of it is printed."""
    agent = "tools:\n  - {name: api, type: http, url: 'https://example.com', headers: {Authorization: 'Bearer ${secret:TOKEN}'}}\n"
    (family.root / "agents.d/safe.yaml").write_text("instructions: x\n" + agent)
    assert "Bearer ${secret:TOKEN}" in family("config", "show", "safe").out
    (family.root / "agents.d/bad.yaml").write_text("instructions: x\n" + agent.replace("${secret:TOKEN}", "hunter2hunter2"))
    shown = family("config", "show", "bad")
    assert "hunter2hunter2" not in shown.out


def test_findings_are_told_and_nothing_is_shown(family: Cli) -> None:
    """As with `validate`: exit 1, findings at their place."""
    (family.root / "agents.d/child.yaml").write_text(CHILD + "modle: auto\n")
    shown = family("config", "show", "child")
    assert (shown.code, shown.out) == (1, "")
    assert "agents.d/child.yaml:4" in shown.err


def test_config_validate_is_validate(family: Cli) -> None:
    """The same findings, the same exit code."""
    (family.root / "agents.d/child.yaml").write_text(CHILD + "modle: auto\n")
    assert family("config", "validate") == family("validate")
    assert family("config", "validate").code == 1
