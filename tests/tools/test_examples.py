"""The example projects run as they are, offline."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.tools.command import ROOT, agent_run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("project", "agent", "message", "answer", "code"),
    [
        ("shop", "support", "Where is order 7?", "Order 7 is lost. I am sorry. Shall I refund it?", 0),
        ("shop", "support", "Where is order 8?", "Order 8 is delivered.", 0),
        ("shop", "support", "Where is order 9?", "I cannot find that order: KeyError: 'there is no order 9; try 7, 8'", 0),
        ("shop", "support", "Hello", "Which order is it about? Try: Where is order 7?", 0),
        ("team", "front-desk", "Was my invoice paid?", "Billing here: your last invoice is paid.", 0),
        ("team", "front-desk", "Tell me how high Mont Blanc is", "I asked a colleague: Mont Blanc is 4,806 metres high.", 0),
    ],
)
def test_an_example_answers(tmp_path: Path, project: str, agent: str, message: str, answer: str, code: int) -> None:
    """Python tools, handoffs and called agents, with a scripted model."""
    folder = shutil.copytree(ROOT / "examples" / project, tmp_path / project)
    done = agent_run("run", agent, message, data=tmp_path / "data", cwd=folder)
    assert (done.stdout.rstrip("\n"), done.returncode) == (answer, code), done.stderr


def test_a_refund_is_asked_for_and_runs_when_the_person_said_yes(tmp_path: Path) -> None:
    """Without an answer it is denied (exit 5); `--yes` answers."""
    folder = shutil.copytree(ROOT / "examples" / "shop", tmp_path / "shop")
    denied = agent_run("run", "support", "Please refund it", data=tmp_path / "data", cwd=folder)
    assert denied.returncode == 5
    done = agent_run("run", "support", "Please refund it", "--yes", data=tmp_path / "data", cwd=folder)
    assert (done.stdout.rstrip("\n"), done.returncode) == ("refunded $19.90 for order 7 (lost)", 0)
