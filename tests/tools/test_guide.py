"""The guide: the agent that everybody meets first answers from the manual, with places, without a key."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

from tests.tools.command import ROOT, agent_run

if TYPE_CHECKING:
    from pathlib import Path


def ask(question: str, tmp_path: Path, cwd: Path | None = None) -> str:
    done = agent_run("run", "guide", question, data=tmp_path / "data", cwd=cwd or tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.rstrip("\n")


def test_an_answer_begins_with_the_passage_and_ends_with_its_place(tmp_path: Path) -> None:
    """Intro, the best passages, then file, lines and heading of each."""
    answer = ask("How do I add a provider?", tmp_path)
    intro, _, rest = answer.partition("\n\n")
    body, _, sources = rest.rpartition("\n\nSources\n")
    assert intro == "From the manual:"
    assert body.startswith("## How do I add a provider?\n")
    first = re.match(r"- \[1\] (docs/providers\.md):(\d+)-(\d+) \(.+ › How do I add a provider\?\)\n", sources)
    assert first
    lines = (ROOT / first[1]).read_text("utf-8").split("\n")
    assert lines[int(first[2]) - 1] == "## How do I add a provider?"
    assert body.startswith("\n".join(lines[int(first[2]) - 1 : int(first[3])]))


def test_answers_come_from_the_documents(tmp_path: Path) -> None:
    """A document that is added to a copy of the project is what the guide then answers from."""
    project = tmp_path / "project"
    for folder in ("agents.d", "tools.d", "docs"):
        shutil.copytree(ROOT / folder, project / folder)
    question = "How do I feed a wombat?"
    assert "wombat" not in ask(question, tmp_path, project).lower()
    (project / "docs" / "wombats.md").write_text("# Pets\n\n## How do I feed a wombat?\n\nGrass, twice a day.\n")
    answer = ask(question, tmp_path, project)
    assert "Grass, twice a day." in answer
    assert answer.split("\n\nSources\n")[1].startswith("- [1] docs/wombats.md:3-5 (Pets › How do I feed a wombat?)")


POLITE = {
    "hello": "Hello! Ask me anything about agent-run",
    "Hi there": "Hello!",
    "help": "Ask a question in your own words",
    "Thanks!": "You are welcome.",
    "who are you?": "I am the guide",
    "Goodbye.": "Goodbye.",
    "zxqv wvut": "The manual has nothing on that.",
}


def test_the_guide_is_polite(tmp_path: Path) -> None:
    """Greetings need no search, and finding nothing is said with what can be asked."""
    done = agent_run("chat", "guide", data=tmp_path / "data", cwd=tmp_path, lines=[*POLITE, "/exit"])
    said = iter(done.stdout.split("\n"))
    assert [begin for begin in POLITE.values() if not any(line.startswith(begin) for line in said)] == []


QUESTIONS = (
    "thank god, how are logs configured?",
    "hello world what is a flow?",
    "hi, how do I add a provider",
    "hey how do I add a tool",
    "help me with a provider",
    "what can you do about secrets",
    "bye bye keys: where is a secret kept",
)


def test_a_question_with_polite_words_is_searched(tmp_path: Path) -> None:
    """However a question begins, the manual answers it."""
    done = agent_run("chat", "guide", data=tmp_path / "data", cwd=tmp_path, lines=[*QUESTIONS, "/exit"])
    assert sum(line.startswith("From the manual:") for line in done.stdout.split("\n")) == len(QUESTIONS)


def test_the_search_is_a_real_tool_call(tmp_path: Path) -> None:
    """Two turns and one call, as with any model."""
    done = agent_run("run", "guide", "What is a toolset?", "--output-format", "json", data=tmp_path / "data", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert {name: result[name] for name in ("stop_reason", "turns", "tool_calls", "agent")} == {
        "stop_reason": "done",
        "turns": 2,
        "tool_calls": 1,
        "agent": "guide",
    }
