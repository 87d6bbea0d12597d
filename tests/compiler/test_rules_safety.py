"""What rules about models, tools and safety must not say, and what holds them to the code that they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.compiler.rules.capability import _lacks
from runner.providers._messages_models import traits
from tests.compiler.project import diagnostics_of, findings_of, write

if TYPE_CHECKING:
    from pathlib import Path

CLAUDES = (
    *("claude-3-haiku-20240307", "claude-3-5-sonnet-latest", "claude-3-7-sonnet-20250219", "claude-sonnet-4-20250514", "claude-opus-4-1"),
    *(
        "claude-sonnet-4-5",
        "claude-opus-4-6",
        "claude-opus-4-7",
        "claude-opus-4-10",
        "claude-sonnet-5",
        "claude-sonnet-5-5",
        "claude-fable-6",
    ),
)
NOTES = "  - {name: notes, type: files, root: notes}\n"
WEB = "  - {name: browse, type: web}\n"


@pytest.mark.parametrize("model", CLAUDES)
def test_the_table_of_capabilities_agrees_with_the_provider(model: str) -> None:
    """What the compiler warns of is what the provider refuses."""
    lacks, known = _lacks({"type": "anthropic"}, model), traits(model)
    found = ("temperature" in lacks, "reasoning" in lacks, "structured_output" in lacks)
    assert found == (not known.sampling, known.thinking == "none", not known.structured)


@pytest.mark.parametrize("model", ["my-own-model", "gpt-5.1", "gpt-5-turbo-of-ours", "claude-next", "x/gpt-5"])
def test_nothing_is_said_of_unknown_models(model: str, tmp_path: Path) -> None:
    """An id that nobody knows may take anything."""
    agent = f"model: openai/{model}\nsettings: {{temperature: 0.2, reasoning: high}}\noutput: {{answer: string}}\n"
    write(tmp_path, {"agents.d/a.yaml": agent})
    assert findings_of(tmp_path) == []


@pytest.mark.parametrize(
    "closed",
    [
        "policy: {ask: [browse]}\n",
        "policy: {deny: ['browse.*']}\n",
        "policy: {ask: ['*']}\n",
        "policy: {deny: [notes]}\n",
        "policy: {ask: [notes.read, notes.search]}\n",
    ],
)
def test_a_policy_that_closes_one_side_is_enough(closed: str, tmp_path: Path) -> None:
    """The three that are lethal together are fine when a person or a denial stands before one of them."""
    write(tmp_path, {"agents.d/a.yaml": f"instructions: Hi.\ntools:\n{NOTES}{WEB}{closed}"})
    assert findings_of(tmp_path) == []


@pytest.mark.parametrize(
    "open_", ["policy: {ask: ['browse.fetch(url=http*)']}\n", "policy: {ask: [notes.read]}\n", "policy: {allow: [notes]}\n"]
)
def test_a_policy_for_some_calls_is_not_enough(open_: str, tmp_path: Path) -> None:
    """Some calls of each side still run unasked."""
    write(tmp_path, {"agents.d/a.yaml": f"instructions: Hi.\ntools:\n{NOTES}{WEB}{open_}"})
    assert [rule for _, rule in findings_of(tmp_path)] == ["lethal-trifecta"]


def test_the_project_s_policy_closes_too(tmp_path: Path) -> None:
    """What holds for every agent holds for this one."""
    write(tmp_path, {"agent-run.yaml": "policy: {ask: [browse.fetch]}\n", "agents.d/a.yaml": f"instructions: Hi.\ntools:\n{NOTES}{WEB}"})
    assert findings_of(tmp_path) == []


def test_agents_in_a_circle_are_told_once(tmp_path: Path) -> None:
    """Handing over in a circle puts all that the circle has into one reach, and gives one finding."""
    agents = {f"agents.d/a{n}.yaml": f"instructions: Hi.\nhandoffs: [a{(n + 1) % 5}]\n" for n in range(5)}
    agents["agents.d/a1.yaml"] += f"tools:\n{NOTES}"
    agents["agents.d/a3.yaml"] += f"tools:\n{WEB}"
    write(tmp_path, agents)
    assert findings_of(tmp_path) == [("agents.d/a0.yaml:2", "lethal-trifecta")]


def test_a_secret_is_never_in_a_finding(tmp_path: Path) -> None:
    """Neither message nor hint holds what was found."""
    key = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
    write(tmp_path, {"agents.d/a.yaml": f"instructions: Use {key} for it.\nmeta: {{note: {key}}}\n"})
    found = diagnostics_of(tmp_path)
    assert [finding.rule.id for finding in found] == ["plain-secret", "plain-secret"]
    assert not any(key in str((finding.message, finding.hint, finding.related)) for finding in found)


def test_no_python_is_imported(tmp_path: Path) -> None:
    """A module that would end the process is read, and fine."""
    source = 'raise SystemExit("imported")\n\n\ndef look(order: int) -> str:\n    return str(order)\n'
    agent = "instructions: Hi.\ntools:\n  - {name: look, type: python, call: 'shop:look'}\n"
    write(tmp_path, {"shop.py": source, "agents.d/a.yaml": agent})
    assert findings_of(tmp_path) == []


@pytest.mark.parametrize(
    "text",
    [
        "instructions: Answer briefly.  # the house style\n",
        "instructions: Answer briefly. # the house style\n",
        "instructions: 'Answer in #support'\n",
        "instructions: |\n  Answer in #support\n",
        "instructions: Answer C#-questions\n",
        'description: Answers (all) "of" it  # TODO(x)\ninstructions: Hi.\n',
    ],
)
def test_comments_and_whole_texts_are_left_alone(text: str, tmp_path: Path) -> None:
    """What looks like a comment is one; what is quoted, folded or without a space before its `#` is whole."""
    write(tmp_path, {"agents.d/a.yaml": text})
    assert findings_of(tmp_path) == []


def test_words_are_text_where_text_stands(tmp_path: Path) -> None:
    """Choices, defaults of text and environment variables mean what they show."""
    agent = (
        "instructions: Hi ${inputs.flag}.\ninputs: {flag: {type: string, default: no}}\n"
        "output: {verdict: {enum: [yes, no]}}\n"
        "tools:\n  - {name: desk, type: mcp, command: [desk, on], env: {DEBUG: yes, AT: '12:30'}}\n"
    )
    write(tmp_path, {"agents.d/a.yaml": agent})
    assert findings_of(tmp_path) == []
