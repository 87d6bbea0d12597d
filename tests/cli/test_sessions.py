"""`sessions`: list, show, export, title, delete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.kit import Cli


@pytest.fixture
def two(cli: Cli) -> Cli:
    """A project with two sessions."""
    cli("run", "parrot", "hello\x1b[31m there", "--session", "abc1")
    cli("run", "parrot", "wipe it", "--yes", "--session", "abc2")
    return cli


def test_the_list_shows_the_last_used_first(two: Cli) -> None:
    """Id, agent and title on a line, without control characters; as JSON for machines."""
    lines = two("sessions", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["abc2", "abc1"]
    assert lines[1].endswith("parrot  hello there")
    assert [info["id"] for info in two("sessions", "list", "--format", "json").json()] == ["abc2", "abc1"]


def test_other_projects_are_listed_only_with_all(two: Cli, tmp_path: Path) -> None:
    """A store that several projects share shows each its own."""
    other = tmp_path / "other"
    (other / "agents.d").mkdir(parents=True)
    store = str(tmp_path / "sessions.db")
    shown = two("sessions", "list", "--project", str(other), "--store", store)
    assert shown.out == ""
    assert "--all" in shown.err
    assert len(two("sessions", "list", "--all", "--project", str(other), "--store", store).out.splitlines()) == 2


def test_a_session_reads_as_a_conversation(two: Cli) -> None:
    """What was said, what was called, what came back; safe to print."""
    shown = two("sessions", "show", "abc2").out
    assert "# wipe it" in shown
    assert "## You\n\nwipe it" in shown
    assert '> calls `wipe(what="all' in shown
    assert "> `wipe` answered: wiped 7" in shown
    assert "## parrot\n\nwipe: wiped 7" in shown
    assert "\x1b" not in shown + two("sessions", "show", "abc1").out


def test_an_export_has_every_event(two: Cli, tmp_path: Path) -> None:
    """JSON holds the session and its events; `--out` writes the file instead."""
    data = two("sessions", "export", "abc1").json()
    assert data["session"]["id"] == "abc1"
    assert [event["seq"] for event in data["events"]] == list(range(1, len(data["events"]) + 1))
    two("sessions", "export", "abc1", "--format", "markdown", "--out", "out.md")
    assert "## You\n\nhello" in (tmp_path / "out.md").read_text()
    assert two("sessions", "export", "abc1", "--out", "/no/such/folder/x").code == 2


def test_a_unique_beginning_names_a_session(two: Cli) -> None:
    """An ambiguous one is a usage error, an unknown one exit 4."""
    assert json.loads(two("sessions", "export", "abc2").out)["session"]["id"] == "abc2"
    assert two("sessions", "show", "abc").code == 2
    assert two("sessions", "show", "xyz").code == 4


def test_a_title_can_be_changed(two: Cli) -> None:
    """The list shows the new one, on one line."""
    assert two("sessions", "title", "abc1", "A  new\ntitle").code == 0
    assert two("sessions", "list").out.splitlines()[1].endswith("A new title")


def test_deleting_needs_a_yes(two: Cli) -> None:
    """Nobody there and no `--yes`: nothing happens."""
    assert two("sessions", "delete", "abc1").code == 2
    assert two("sessions", "delete", "abc1", "--yes").code == 0
    assert two("sessions", "show", "abc1").code == 4
