"""From AGENT on the command line to a graph, or to the findings that stand in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.compiler.compile import compile_agent, needs
from runner.errors import ConfigError, UsageError
from tests.compiler.project import reading_of, write

if TYPE_CHECKING:
    from pathlib import Path

AGENT = "model: openai/gpt-5-mini\ninstructions: Be brief.\n"


def rules(error: ConfigError) -> list[tuple[str, str]]:
    return [(finding.span.label(), finding.rule.id) for finding in error.diagnostics]


def test_a_file_is_compiled_without_a_project(tmp_path: Path) -> None:
    """Two lines and a name from the file."""
    write(tmp_path, {"hello.yaml": AGENT})
    graph = compile_agent("hello.yaml", cwd=tmp_path).graph
    assert (graph.agent, graph.agents["hello"].instructions) == ("hello", "Be brief.")
    assert graph.agents["hello"].source == "hello.yaml:1"


def test_of_several_agents_in_a_file_the_first_runs(tmp_path: Path) -> None:
    """The others can be named by it."""
    text = f"kind: agent\nname: one\nagents: [two]\n{AGENT}---\nkind: agent\nname: two\n{AGENT}"
    write(tmp_path, {"team.yaml": text})
    graph = compile_agent("./team.yaml", cwd=tmp_path).graph
    assert (graph.agent, sorted(graph.agents)) == ("one", ["one", "two"])


def test_a_name_is_looked_up_in_the_project_then_in_what_ships(tmp_path: Path) -> None:
    """From any folder of the project."""
    write(tmp_path, {"agents.d/support.yaml": AGENT, "deep/x.txt": ""})
    assert compile_agent("support", cwd=tmp_path / "deep").graph.root == str(tmp_path)
    assert compile_agent("guide", cwd=tmp_path).graph.agent == "guide"


def test_a_name_beats_a_file_of_that_name_and_a_path_is_a_file(tmp_path: Path) -> None:
    """`support` is a name; a file without an ending is given with its path."""
    write(tmp_path, {"agents.d/support.yaml": AGENT, "other": AGENT.replace("brief", "long")})
    assert compile_agent("support", cwd=tmp_path).graph.agents["support"].instructions == "Be brief."
    assert compile_agent("./other", cwd=tmp_path).graph.agents["other"].instructions == "Be long."


@pytest.mark.parametrize("agent", ["nothing.yaml", "a/b", "agents.d", "my agent"])
def test_a_path_that_leads_nowhere_is_a_usage_error(tmp_path: Path, agent: str) -> None:
    """A folder is not an agent either."""
    write(tmp_path, {"agents.d/support.yaml": AGENT})
    with pytest.raises(UsageError):
        compile_agent(agent, cwd=tmp_path)


def test_an_unknown_name_is_a_finding_with_a_suggestion(tmp_path: Path) -> None:
    """Also when it is a file's name without its ending."""
    write(tmp_path, {"agents.d/support.yaml": AGENT, "hello.yaml": AGENT})
    with pytest.raises(ConfigError) as caught:
        compile_agent("suport", cwd=tmp_path)
    assert (caught.value.diagnostics[0].rule.id, caught.value.diagnostics[0].hint) == ("unresolved-agent", "did you mean `support`?")
    with pytest.raises(ConfigError) as caught:
        compile_agent("hello", cwd=tmp_path)
    assert "`hello.yaml`" in (caught.value.diagnostics[0].hint or "")


def test_errors_that_an_agent_reaches_stop_it(tmp_path: Path) -> None:
    """In itself, its tools, its provider, its parents, the agents it may call, and the project."""
    write(
        tmp_path,
        {
            "agent-run.yaml": "stroe: sqlite\n",
            "agents.d/a.yaml": "extends: base\nmodel: team/x\ntools: [look]\nagents: [b]\n",
            "agents.d/base.yaml": "instructions: x\nlimits: {turn: 1}\n",
            "agents.d/b.yaml": "instructions: x\nmodle: auto\n",
            "agents.d/unrelated.yaml": "nonsense: 1\n",
            "tools.d/look.yaml": "type: python\n",
            "providers.d/team.yaml": "type: openai-chat\nbase_url: https://x.example\nbase_url: https://y.example\n",
        },
    )
    with pytest.raises(ConfigError, match="5 errors") as caught:
        compile_agent("a", cwd=tmp_path)
    assert rules(caught.value) == [
        ("agent-run.yaml:1", "unknown-key"),
        ("agents.d/b.yaml:2", "unknown-key"),
        ("agents.d/base.yaml:2", "unknown-key"),
        ("providers.d/team.yaml:3", "duplicate-key"),
        ("tools.d/look.yaml:1", "missing-key"),
    ]


def test_errors_elsewhere_are_one_warning(tmp_path: Path) -> None:
    """They do not stop an agent that does not reach them."""
    write(tmp_path, {"agents.d/a.yaml": AGENT, "agents.d/b.yaml": "x: 1\ny: [\n", "agents.d/c.yaml": "z: 1\n", "tools.d/d.yaml": "\0"})
    made = compile_agent("a", cwd=tmp_path)
    (warning,) = made.warnings
    assert (warning.rule.id, warning.severity) == ("errors-elsewhere", "warning")
    assert warning.message.startswith("3 errors in 3 other files")


def test_another_document_of_the_same_file_does_not_stop_an_agent_with_a_name(tmp_path: Path) -> None:
    """Findings belong to documents, not to files."""
    text = f"kind: agent\nname: a\n{AGENT}---\nkind: agent\nname: b\nmodle: auto\ninstructions: x\ninstructions: y\n"
    write(tmp_path, {"agents.d/both.yaml": text})
    assert [warning.rule.id for warning in compile_agent("a", cwd=tmp_path).warnings] == ["errors-elsewhere"]
    with pytest.raises(ConfigError) as caught:
        compile_agent("b", cwd=tmp_path)
    assert [rule for _, rule in rules(caught.value)] == ["unknown-key", "duplicate-key"]


def test_a_file_without_an_agent_says_what_it_holds(tmp_path: Path) -> None:
    """Somebody ran a tool."""
    write(tmp_path, {"look.yaml": "kind: tool\ntype: knowledge\nsources: [.]\n"})
    with pytest.raises(ConfigError) as caught:
        compile_agent("look.yaml", cwd=tmp_path)
    assert "the tool `look`" in (caught.value.diagnostics[0].hint or "")


@pytest.mark.parametrize("content", ["", "\0\1", "[" * 1000, "just text", "- a", "a: b: c", "kind: [agent]\n"])
def test_a_file_that_is_no_definition_is_a_configuration_error(tmp_path: Path, content: str) -> None:
    """With a place in it."""
    write(tmp_path, {"bad.yaml": content})
    with pytest.raises(ConfigError) as caught:
        compile_agent("bad.yaml", cwd=tmp_path)
    assert {finding.span.file for finding in caught.value.diagnostics} == {"bad.yaml"}


def test_the_command_line_chooses_the_model(tmp_path: Path) -> None:
    """Also for an agent whose own model is fine."""
    write(tmp_path, {"agents.d/a.yaml": AGENT})
    graph = compile_agent("a", cwd=tmp_path, model="qwen", provider="ollama").graph
    assert [ref.label() for ref in graph.agents["a"].models] == ["ollama/qwen"]
    with pytest.raises(UsageError, match="no provider"):
        compile_agent("a", cwd=tmp_path, provider="olama")


def test_a_profile_reaches_the_graph(tmp_path: Path) -> None:
    """Its policy is beside the project's."""
    write(tmp_path, {"agent-run.yaml": "policy: {deny: [a]}\nprofiles: {ci: {policy: {deny: [b]}}}\n", "agents.d/a.yaml": AGENT})
    made = compile_agent("a", cwd=tmp_path, profile="ci")
    assert [rule.pattern for rule in made.graph.policy.deny] == ["a", "b"]
    with pytest.raises(ConfigError):
        compile_agent("a", cwd=tmp_path, profile="prod")


def test_needs_names_variables_and_secrets_and_reads_none(tmp_path: Path) -> None:
    """Those with a default are not needed; those of shipped providers are not the project's."""
    write(
        tmp_path,
        {
            "agents.d/a.yaml": 'instructions: ${file:a.md}\nprompt: "${env:B_VAR:-none} ${inputs.message}"\n',
            "agents.d/a.md": "Hello ${env:A_VAR}.\n",
            "providers.d/team.yaml": "type: openai-chat\nbase_url: ${env:URL:?set it}\napi_key: ${secret:TEAM_KEY}\n",
        },
    )
    assert needs(reading_of(tmp_path).library) == (("A_VAR", "URL"), ("TEAM_KEY",))


def test_a_model_of_the_command_line_is_all_that_must_be_runnable(tmp_path: Path) -> None:
    """An agent whose own model cannot run yet runs with another one, and no agent runs with a model that cannot."""
    write(
        tmp_path,
        {
            "agents.d/a.yaml": "instructions: Hi\nmodel: gem/x\n",
            "providers.d/gem.yaml": "type: gemini\napi_key: ${secret:GEM}\n",
            "agents.d/b.yaml": "instructions: Hi\nmodel: ollama/x\n",
        },
    )
    assert compile_agent("a", cwd=tmp_path, model="ollama/qwen").graph.agent == "a"
    for agent, model, provider in (("a", None, None), ("b", "gem/x", None), ("b", "x", "gem")):
        with pytest.raises(ConfigError) as caught:
            compile_agent(agent, cwd=tmp_path, model=model, provider=provider)
        assert rules(caught.value) == [("providers.d/gem.yaml:1", "not-yet-runnable")]
    assert caught.value.diagnostics[0].span.column == 7
