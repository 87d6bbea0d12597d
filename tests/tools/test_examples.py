"""The example projects run as they are, offline."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.tools.command import ROOT, agent_run

if TYPE_CHECKING:
    from pathlib import Path


SHOP = {
    "Where is order 7?": "Order 7 is lost. I am sorry. Shall I refund it?",
    "Where is order 8?": "Order 8 is delivered.",
    "Where is order 9?": "I cannot find that order: KeyError: 'there is no order 9; try 7, 8'",
    "Hello": "Which order is it about? Try: Where is order 7?",
}
TEAM = {
    "Tell me how high Mont Blanc is": "I asked a colleague: Mont Blanc is 4,806 metres high.",
    "Was my invoice paid?": "Billing here: your last invoice is paid.",
    "And my next invoice?": "Billing here: your last invoice is paid.",
}


@pytest.mark.parametrize(("project", "agent", "talk"), [("shop", "support", SHOP), ("team", "front-desk", TEAM)])
def test_an_example_answers(tmp_path: Path, project: str, agent: str, talk: dict[str, str]) -> None:
    """Python tools, called agents and a handoff that lasts, with a scripted model."""
    folder = shutil.copytree(ROOT / "examples" / project, tmp_path / project)
    done = agent_run("chat", agent, data=tmp_path / "data", cwd=folder, lines=[*talk, "/exit"])
    assert (done.stdout.rstrip("\n").split("\n"), done.returncode) == (list(talk.values()), 0), done.stderr


def test_a_refund_is_asked_for_and_runs_when_the_person_said_yes(tmp_path: Path) -> None:
    """Without an answer it is denied (exit 5); `--yes` answers."""
    folder = shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop")
    denied = agent_run("run", "support", "Please refund it", data=tmp_path / "data", cwd=folder)
    assert denied.returncode == 5
    done = agent_run("run", "support", "Please refund it", "--yes", data=tmp_path / "data", cwd=folder)
    assert (done.stdout.rstrip("\n"), done.returncode) == ("refunded $19.90 for order 7 (lost)", 0)
