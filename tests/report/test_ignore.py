"""Comments that silence: where they count, what they must say, and what only looks like one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.compiler.ignore import IGNORE_REASON, UNUSED_IGNORE

if TYPE_CHECKING:
    from tests.report.kit import Project

GOOD = "model: auto\ninstructions: Hi.\n"


@pytest.mark.parametrize(
    "text",
    [
        "team: x  # agent-run: ignore=unknown-key read by another program\n",
        "# agent-run: ignore=unknown-key read by another program\nteam: x\n",
        "# agent-run: ignore=unknown-key read by another program\n# a second comment\n\nteam: x\n",
        "limits: {turn: x, turns: 1.5} # agent-run: ignore=unknown-key, wrong-type both are mended next week\n",
        '"te#am": "a # b"  #agent-run:ignore = unknown-key read by another program\n',
        "team: |  # agent-run: ignore=unknown-key read by another program\n  text\n",
        "# agent-run: ignore=unknown-key for Windows\r\nteam: y\r\n",
        "# about this key: # agent-run: ignore=unknown-key a comment in a comment\nteam: y\n",
    ],
)
def test_a_comment_silences_its_line_or_the_next(text: str, project: Project) -> None:
    """Behind the line, or alone above it; several rules at once."""
    assert project.write(a=GOOD + text).rules() == []


@pytest.mark.parametrize(
    "text",
    [
        "prompt: |\n  a # agent-run: ignore=unknown-key no\nteam: x\n",
        "prompt: 'a # agent-run: ignore=unknown-key no'\nteam: x\n",
        'prompt: "a\n  # agent-run: ignore=unknown-key no"\nteam: x\n',
        "prompt: >-\n  a\n  # agent-run: ignore=unknown-key no\nteam: x\n",
        "prompt: a#b # agent-runs: ignore=unknown-key no\nteam: x\n",
    ],
)
def test_what_stands_inside_a_text_is_no_comment(text: str, project: Project) -> None:
    """It silences nothing, and nobody complains about it."""
    assert [rule for _, rule in project.write(a=GOOD + text).rules()] == ["unknown-key"]


def test_a_comment_without_a_reason_silences_and_is_an_error(project: Project) -> None:
    """One cause, one finding: the one about the comment."""
    project.write(a=f"{GOOD}team: x # agent-run: ignore=unknown-key\n")
    assert project.rules() == [(3, IGNORE_REASON.id)]


def test_a_comment_without_a_rule_is_an_error(project: Project) -> None:
    """It could mean any."""
    project.write(a=f"{GOOD}team: x # agent-run: ignore because I say so\n")
    assert project.rules() == [(3, "unknown-key"), (3, IGNORE_REASON.id)]


def test_an_unknown_rule_is_told_with_what_was_meant(project: Project) -> None:
    """At the word itself, with a certain mend."""
    project.write(a=f"{GOOD}team: x # agent-run: ignore=unknwon-key for a reason\n")
    about = project.findings()[1]
    assert (about.rule, about.hint, about.span.column) == (IGNORE_REASON, "did you mean `unknown-key`?", 29)
    assert about.fix is not None
    assert about.fix.text == "unknown-key"


def test_a_comment_in_vain_is_a_warning(project: Project) -> None:
    """Each rule that has nothing to say there, and only these."""
    project.write(a=f"{GOOD}team: x # agent-run: ignore=unknown-key,wrong-type for a reason\n")
    assert project.rules() == [(3, UNUSED_IGNORE.id)]
    assert project.findings()[0].message == "there is no `wrong-type` here to silence"


def test_a_comment_does_not_reach_further_than_one_line(project: Project) -> None:
    """The next finding speaks."""
    project.write(a=f"{GOOD}# agent-run: ignore=unknown-key for a reason\nteam: x\nteams: y\n")
    assert project.rules() == [(5, "unknown-key")]


def test_yaml_that_cannot_be_read_is_never_silent(project: Project) -> None:
    """And in a broken file no comment is called unused: what it silences may be in the part that was not read."""
    project.write(a="limits: {turns: # agent-run: ignore=yaml-syntax I like it\nteam: x # agent-run: ignore=unknown-key why not\n")
    assert "yaml-syntax" in [rule for _, rule in project.rules()]
    assert UNUSED_IGNORE.id not in [rule for _, rule in project.rules()]


@pytest.mark.parametrize("rule", ["yaml-syntax", "ignore-reason", "unused-ignore"])
def test_some_rules_cannot_be_silenced(rule: str, project: Project) -> None:
    """Saying so is an error."""
    project.write(a=f"{GOOD}# agent-run: ignore={rule} because\nmeta: {{}}\n")
    assert project.rules() == [(3, IGNORE_REASON.id)]


def test_a_comment_in_one_file_says_nothing_about_another(project: Project) -> None:
    """Lines are those of its own file; the second document of a file counts too."""
    second = "---\nkind: agent\nname: two\nteam: x # agent-run: ignore=unknown-key read by another program\n"
    project.write(a=f"kind: agent\nname: one\n{GOOD}{second}", b=f"kind: agent\nname: three\n{GOOD}---\nkind: agent\nname: four\nteam: x\n")
    assert [(finding.span.label(), finding.rule.id) for finding in project.findings()] == [("agents.d/b.yaml:8", "unknown-key")]


RUNS = "kind: agent\nname: echo\nmodel: parrot/polly\n---\nkind: provider\nname: parrot\ntype: scripted\n"
MODELS = "models: {polly: {rules: [{say: Hello.}]}}\n"


def run(project: Project) -> tuple[int, str, str]:
    return project("echo", "hi", "--store", "memory", verb="run")


def test_a_run_does_not_tell_what_is_silenced(project: Project) -> None:
    """Neither a warning, nor an error that it can run with."""
    tool = "---\nkind: tool\nname: call\ntype: http\nurl: https://x.example\nheaders: {authorization: dummy}"
    project.write(a=RUNS + MODELS + tool + "\n")
    assert "plain-secret" in [rule for _, rule in project.rules()]
    project.write(a=RUNS.replace("polly\n", "polly\ntools: [call]\n") + MODELS + tool + " # agent-run: ignore=plain-secret a dummy\n")
    assert "plain-secret" not in run(project)[2]


def test_a_run_stops_on_errors_that_it_cannot_run_with(project: Project) -> None:
    """Silenced or not: a key that nobody knows asks for something that would not happen."""
    project.write(a=RUNS + MODELS + "zzz: 1 # agent-run: ignore=unknown-key read by another program\n")
    assert project.rules() == []
    code, out, err = run(project)
    assert (code, out) == (3, "")
    assert "[unknown-key]" in err


def test_a_file_full_of_comments_costs_no_more_than_others(project: Project) -> None:
    """Each comment is looked at once, only so many count, and only so many are told."""
    project.write(a=GOOD + "# agent-run: ignore=unknown-key x\n" * 20_000)
    assert len(project.findings()) <= 101
