"""`extends` and profiles: what the child says stays, what it leaves open comes from the parent, each with its own place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.compile import project_data
from tests.compiler.project import diagnostics_of, findings_of, reading_of, write

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
description: The base.
instructions: ${file:base.md}
settings: {temperature: 0.2, reasoning: high}
tools: [manual]
policy: {deny: [manual], ask: ["man*"]}
"""


def test_a_child_is_laid_over_its_parent(tmp_path: Path) -> None:
    """Maps go key by key, other values replace, `key+` appends, both policies apply; kind and name stay the child's."""
    child = "extends: base\nsettings: {temperature: 1}\ntools+: [guide_tool]\npolicy: {deny: [guide_tool], allow: ['guide*']}\n"
    tool = "kind: tool\ntype: knowledge\nsources: [.]\n"
    write(
        tmp_path,
        {"agents.d/sub/base.yaml": BASE, "agents.d/sub/base.md": "Hi.", "agents.d/child.yaml": child, "tools.d/guide_tool.yaml": tool},
    )
    definition = reading_of(tmp_path).library.agents["child"]
    assert definition.data == {
        "description": "The base.",
        "instructions": "${file:base.md}",
        "settings": {"temperature": 1, "reasoning": "high"},
        "tools": ["manual", "guide_tool"],
        "policy": {"deny": ["manual", "guide_tool"], "ask": ["man*"], "allow": ["guide*"]},
    }
    assert definition.name == "child"
    assert findings_of(tmp_path) == []


def test_every_value_keeps_its_file_and_folder(tmp_path: Path) -> None:
    """An include that the parent wrote starts from the parent's folder."""
    write(
        tmp_path,
        {"agents.d/sub/base.yaml": BASE, "agents.d/sub/base.md": "Hi.", "agents.d/child.yaml": "extends: base\ntools+: [manual2]\n"},
    )
    definition = reading_of(tmp_path).library.agents["child"]
    assert definition.base(("instructions",)) == tmp_path / "agents.d" / "sub"
    assert definition.span(("instructions",)).label() == "agents.d/sub/base.yaml:2"
    assert definition.span(("tools", 0)).label() == "agents.d/sub/base.yaml:4"
    assert definition.span(("tools", 1)).label() == "agents.d/child.yaml:2"
    assert definition.span().label() == "agents.d/child.yaml:1"
    assert definition.span(("policy", "deny", 0)).label() == "agents.d/sub/base.yaml:5"


def test_parents_have_parents(tmp_path: Path) -> None:
    """A chain is folded from its far end."""
    write(tmp_path, {f"agents.d/a{n}.yaml": f"extends: a{n + 1}\nmeta: {{m{n}: {n}}}\n" for n in range(60)})
    write(tmp_path, {"agents.d/a60.yaml": "instructions: Be brief.\n"})
    assert findings_of(tmp_path) == []
    data = reading_of(tmp_path).library.agents["a0"].data
    assert len(data["meta"]) == 60
    assert data["instructions"] == "Be brief."


def test_extending_its_own_name_means_the_shipped_one(tmp_path: Path) -> None:
    """A project adapts what ships."""
    write(tmp_path, {"agents.d/assistant.yaml": "extends: assistant\nmodel: ollama/x\n", "agents.d/mine.yaml": "extends: mine\n"})
    definition = reading_of(tmp_path).library.agents["assistant"]
    assert (definition.data["model"], definition.data["tools"]) == ("ollama/x", ["manual"])
    (finding,) = diagnostics_of(tmp_path)
    assert (finding.span.label(), finding.rule.id) == ("agents.d/mine.yaml:1", "unresolved-parent")
    assert "extends its own name" in finding.message


def test_what_a_missing_parent_would_have_said_is_not_missed(tmp_path: Path) -> None:
    """One cause, one finding: no `call` is missing when the parent is."""
    write(tmp_path, {"tools.d/a.yaml": "type: python\nextends: nobody\n", "tools.d/b.yaml": "extends: a\ntimout: 1s\n"})
    assert findings_of(tmp_path) == [("tools.d/a.yaml:2", "unresolved-parent"), ("tools.d/b.yaml:2", "unknown-key")]


def test_what_neither_parent_nor_child_says_is_missing(tmp_path: Path) -> None:
    """The shape is checked after the merge."""
    write(
        tmp_path, {"tools.d/a.yaml": "type: knowledge\nsources: [.]\n", "tools.d/b.yaml": "extends: a\n", "tools.d/c.yaml": "extends: d\n"}
    )
    write(tmp_path, {"tools.d/d.yaml": "type: python\n"})
    assert findings_of(tmp_path) == [("tools.d/c.yaml:1", "missing-key"), ("tools.d/d.yaml:1", "missing-key")]


def test_a_profile_patches_the_project(tmp_path: Path) -> None:
    """One at a time; what it does not mention stays."""
    text = "store: sqlite\npolicy: {deny: [a]}\nlog: {level: info}\nprofiles: {ci: {policy: {deny: [b]}, log: {format: json}}}\n"
    write(tmp_path, {"agent-run.yaml": text})
    data = project_data(tmp_path, "ci")
    assert (data["policy"], data["log"], data["store"]) == ({"deny": ["a", "b"]}, {"level": "info", "format": "json"}, "sqlite")
    assert project_data(tmp_path)["policy"] == {"deny": ["a"]}


def test_an_unknown_profile_is_a_finding(tmp_path: Path) -> None:
    """With a suggestion, where the profiles are."""
    write(tmp_path, {"agent-run.yaml": "profiles: {prod: {}}\n", "agents.d/a.yaml": "instructions: x\n"})
    (finding,) = diagnostics_of(tmp_path, profile="prdo")
    assert (finding.rule.id, finding.span.label(), finding.hint) == ("unresolved-profile", "agent-run.yaml:1", "did you mean `prod`?")


def test_a_profile_without_a_project_file_is_a_matter_of_the_command_line(tmp_path: Path) -> None:
    """No place in a file that does not exist is cited."""
    write(tmp_path, {"agents.d/a.yaml": "instructions: Be brief.\n"})
    assert findings_of(tmp_path, profile="zzz") == [("<command line>:1", "unresolved-profile")]
