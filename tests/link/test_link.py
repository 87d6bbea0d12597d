"""From definitions to the graph: defaults, references, models, includes, and what cannot run yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import registry, shapes
from runner.compiler import schema
from runner.compiler.definition import Library
from runner.compiler.link import link, not_yet_runnable, reached
from runner.diagnostics import Span
from runner.errors import ConfigError, SecretError, UsageError
from runner.graph import Limits, ModelNode, ModelRef, Price, Retry, ToolUse


@dataclass
class Doc:
    """A definition whose lines are the places of its keys in `lines`."""

    kind: str
    name: str
    data: dict[str, Any]
    root: Path = Path("/p")
    shipped: bool = False
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return f"{self.kind}s.d/{self.name}.yaml"

    @property
    def path(self) -> Path:
        return self.root / self.file

    def span(self, where: tuple[str | int, ...] = (), *, key: bool = False) -> Span:
        del key
        return Span(self.file, self.lines.get(where, 1 + len(where)))

    def base(self, where: tuple[str | int, ...] = ()) -> Path:
        del where
        return self.path.parent


def library(root: Path = Path("/p"), project: dict[str, Any] | None = None, **rooms: dict[str, dict[str, Any]]) -> Library:
    """Return a library of plain documents; providers whose name starts with `shipped` are shipped."""
    made = {
        room: {name: Doc(room[:-1], name, data, root, name.startswith("shipped")) for name, data in rooms.get(room, {}).items()}
        for room in ("agents", "tools", "providers")
    }
    return Library(root, **made, project=Doc("project", "agent-run", project, root) if project is not None else None)


CHAT = {"type": "openai-chat", "base_url": "${env:URL:-http://x}", "api_key": "${secret:KEY}"}
SHIPPED = {"shipped-b": {**CHAT, "auto": "m1"}, "shipped-a": {**CHAT, "auto": "m2"}, "own": {**CHAT, "auto": "m3"}, "plain": CHAT}


def test_three_lines_make_a_whole_agent():
    """Everything that is not said has its default."""
    graph = link(library(agents={"a": {"model": "plain/m/x", "instructions": "Hi"}}, providers=SHIPPED), "a")
    node = graph.agents["a"]
    assert (node.models, node.instructions, node.prompt, node.output) == ((ModelRef("plain", "m/x"),), "Hi", None, None)
    assert node.limits == Limits()
    assert node.inputs["properties"]["message"]["default"] == ""
    assert node.inputs["additionalProperties"] is False
    assert "required" not in node.inputs
    assert list(graph.providers) == ["plain"]
    assert (graph.environment, graph.secrets, graph.root) == (("URL",), ("KEY",), "/p")


def test_auto_takes_every_provider_that_offers_a_model_own_first():
    """Without a model an agent takes `auto`: the project's own providers, then the shipped ones in their order."""
    graph = link(library(agents={"a": {}}, providers=SHIPPED), "a")
    assert graph.agents["a"].models == (ModelRef("auto", ""),)
    assert [(name, node.auto) for name, node in graph.providers.items()] == [("own", "m3"), ("shipped-b", "m1"), ("shipped-a", "m2")]


def test_the_project_gives_the_model_of_agents_that_name_none():
    """An agent's own list stands; else the project's."""
    lib = library(project={"model": ["own/x", "auto"]}, agents={"a": {"agents": ["b"]}, "b": {"model": "plain/y"}}, providers=SHIPPED)
    graph = link(lib, "a")
    assert graph.agents["a"].models == (ModelRef("own", "x"), ModelRef("auto", ""))
    assert graph.agents["b"].models == (ModelRef("plain", "y"),)


@pytest.mark.parametrize(
    ("environ", "model"), [({"M": "own/z"}, ModelRef("own", "z")), ({"M": ""}, ModelRef("plain", "d")), ({}, ModelRef("plain", "d"))]
)
def test_a_model_may_come_from_the_environment(environ, model):
    """`${env:…}` in a model is read when the graph is made; empty counts as unset."""
    lib = library(agents={"a": {"model": "${env:M:-plain/d}"}}, providers=SHIPPED)
    assert link(lib, "a", environ=environ).agents["a"].models == (model,)


def test_an_unset_variable_in_a_model_is_said():
    """Without a default it is the operator's to set, unless the command line names the model."""
    lib = library(agents={"a": {"model": "${env:M}"}}, providers=SHIPPED)
    with pytest.raises(SecretError, match="not set"):
        link(lib, "a", environ={})
    assert link(lib, "a", model="own/x", environ={}).agents["a"].models == (ModelRef("own", "x"),)
    assert link(lib, "a", provider="own", environ={}).agents["a"].models == (ModelRef("own", "m3"),)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("${env:M}", "set M, or give a default: ${env:M:-…}"),
        ("${env:M:?the model of your team}", "set M: the model of your team"),
        ("${env:M:?M is in the wiki}", "M is in the wiki"),
    ],
)
def test_an_unset_variable_of_a_model_is_named_with_its_place(written: str, hint: str) -> None:
    """The error says which variable and where it is asked for, and hands on what the author says about it."""
    text = f"${{env:P:-own}}/{written}"
    agent = Doc("agent", "a", {"model": ["plain/d", text]}, lines={("model", 1): 4})
    project = Doc("project", "agent-run", {"model": text}, lines={("model",): 2})
    for owner, place in ((agent, "agents.d/a.yaml:4"), (Doc("agent", "a", {}), "projects.d/agent-run.yaml:2")):
        lib = Library(Path("/p"), {"a": owner}, {}, library(providers=SHIPPED).providers, project)
        with pytest.raises(SecretError) as caught:
            link(lib, "a", environ={"M": ""})
        assert caught.value.message == f"{place}: environment variable `M` is not set, and the model needs it"
        assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("model", "provider", "wanted"),
    [
        ("plain/a/b", None, ModelRef("plain", "a/b")),
        ("other", None, ModelRef("plain", "other")),
        ("auto", None, ModelRef("auto", "")),
        ("x/y", "own", ModelRef("own", "x/y")),
        ("own/y", "own", ModelRef("own", "y")),
        (None, "own", ModelRef("own", "m3")),
        (None, "plain", ModelRef("plain", "first")),
    ],
)
def test_the_command_line_chooses_the_root_agents_model_only(model, provider, wanted):
    """`--model` and `--provider` stand in for the list of the agent that is run; what it calls keeps its own."""
    lib = library(agents={"a": {"model": "plain/first", "agents": ["b"]}, "b": {"model": "plain/y"}}, providers=SHIPPED)
    graph = link(lib, "a", model=model, provider=provider)
    assert graph.agents["a"].models == (wanted,)
    assert graph.agents["b"].models == (ModelRef("plain", "y"),)


@pytest.mark.parametrize(
    ("model", "provider", "words"),
    [
        ("plan/x", None, "no provider `plan`"),
        ("x", None, "of which provider"),
        (None, "plan", "no provider `plan`"),
        (None, "plain", "which model"),
    ],
)
def test_a_wrong_choice_is_a_usage_error(model, provider, words):
    """The person at the command line is told what to write."""
    with pytest.raises(UsageError, match=words) as caught:
        link(library(agents={"a": {"model": "auto"}}, providers=SHIPPED), "a", model=model, provider=provider)
    assert caught.value.hint


def test_tools_are_narrowed_bound_and_defined_in_place():
    """A name, a `use` and an inline definition become uses of toolsets; plug-in keys become settings as plain data."""
    tools = {
        "t": {"kind": "tool", "type": "python", "call": "m:f", "inputs": {"id": "integer"}, "timeout": "1.5s", "effect": "read", "x-n": 1},
        "off": {"type": "python", "call": "m:g", "enabled": False},
    }
    inline = {"name": "in", "type": "knowledge", "sources": ["docs"], "with": {"k": "${secret:S}"}, "approve": "never"}
    agent = {"model": "own/m", "tools": ["t", {"use": "t", "only": ["a*"], "with": {"z": None}}, inline, "off"]}
    graph = link(library(agents={"a": agent}, tools=tools, providers=SHIPPED), "a")
    assert graph.agents["a"].tools == (ToolUse("t"), ToolUse("t", ("a*",), (), {"z": None}), ToolUse("in"))
    node, other = graph.toolsets["t"], graph.toolsets["in"]
    assert (node.type, node.settings, node.timeout, node.effect, node.approve) == ("python", {"call": "m:f"}, 1.5, "read", None)
    assert node.inputs == {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"], "additionalProperties": False}
    assert (node.source, node.root, node.base) == ("tools.d/t.yaml:1", "/p", "/p/tools.d")
    assert (other.settings, other.bound, other.source) == ({"sources": ["docs"]}, {"k": "${secret:S}"}, "agents.d/a.yaml:3")
    assert graph.secrets == ("KEY", "S")


def test_two_different_tools_of_one_name_are_refused():
    """A policy on a name must mean one tool."""
    inline = {"name": "t", "type": "python", "call": "m:other"}
    agents = {"a": {"tools": ["t"], "agents": ["b"]}, "b": {"tools": [inline]}}
    with pytest.raises(ConfigError, match=r"two tools `t`: tools\.d/t\.yaml:1 and agents\.d/b\.yaml:3"):
        link(library(agents=agents, tools={"t": {"type": "python", "call": "m:f"}}, providers=SHIPPED), "a")


def test_all_that_an_agent_reaches_is_in_the_graph():
    """Callable agents and handoffs, in a circle too; what is not reached is not."""
    agents = {
        "a": {"agents": ["b", {"use": "c"}]},
        "b": {"handoffs": ["a"], "tools": ["t"]},
        "c": {"knowledge": ["k"]},
        "d": {"tools": ["u"]},
        "f": {"flow": [{"agent": "b"}, {"parallel": [{"tool": "u.m"}, {"agent": "c"}]}]},
    }
    tool = {"type": "python", "call": "m:f"}
    lib = library(agents=agents, tools={"t": tool, "u": tool, "k": tool}, providers=SHIPPED)
    graph = link(lib, "a")
    assert list(graph.agents) == ["a", "b", "c"]
    assert list(graph.toolsets) == ["t"]
    assert (graph.agents["a"].agents, graph.agents["b"].handoffs) == (("b", "c"), ("a",))
    assert (reached(lib, "a").agents, reached(lib, "a").tools) == (("a", "b", "c"), ("t", "k"))
    assert (reached(lib, "f").agents, set(reached(lib, "f").tools)) == (("f", "b", "c", "a"), {"u", "t", "k"})
    assert reached(lib, "a").providers == ("own", "shipped-b", "shipped-a")


@pytest.mark.parametrize("data", [{"tools": 5, "agents": "x", "flow": [1], "model": {}}, {"model": "${", "tools": [{"use": 1}, None]}, {}])
def test_reach_survives_broken_definitions(data):
    """What is reached is asked before findings are told, so nothing about the data may be trusted."""
    assert reached(library(agents={"a": data}, providers=SHIPPED), "a").agents == ("a",)
    assert isinstance(not_yet_runnable(library(agents={"a": data}, providers=SHIPPED), "a"), list)


@pytest.mark.parametrize(
    ("agents", "words"),
    [
        ({"a": {"agents": ["bx"]}, "bb": {}}, "there is no agent `bx`"),
        ({"a": {"tools": ["tx"]}}, "there is no tool `tx`"),
        ({"a": {"model": "nope/x"}}, "there is no provider `nope`"),
    ],
)
def test_a_name_that_nobody_has_is_a_clear_error(agents, words):
    """Linking without checking first still says what is wrong."""
    with pytest.raises(ConfigError, match=words):
        link(library(agents=agents, providers=SHIPPED), "a")


def test_limits_policies_and_providers_are_resolved():
    """Durations are seconds, patterns know their lines, named models are values."""
    provider = {
        "type": "scripted",
        "retry": {"attempts": 2, "within": "1m"},
        "models": {
            "fast": {"id": "v-1", "settings": {"seed": 1}, "price": {"input": 1, "output": 2.5}, "context": 10},
            "s": {"rules": [{"say": "x"}]},
        },
    }
    agent = {"model": "p/fast", "limits": {"turns": 3, "time": "2m", "cost": 1}, "policy": {"deny": ["x", "y"]}, "output": {"v": "number?"}}
    lib = library(
        project={"policy": {"ask": ["z"]}, "python": ["src"], "network": {"allow": ["h:1"]}}, agents={"a": agent}, providers={"p": provider}
    )
    lib.agents["a"].lines[("policy", "deny", 1)] = 9  # pyright: ignore[reportAttributeAccessIssue]
    graph = link(lib, "a")
    node, found = graph.agents["a"], graph.providers["p"]
    assert node.limits == Limits(turns=3, time=120.0, cost=1)
    assert [(rule.pattern, rule.source) for rule in node.policy.deny][1] == ("y", "agents.d/a.yaml:9")
    assert [rule.pattern for rule in graph.policy.ask] == ["z"]
    assert (graph.python, graph.network_allow) == (("src",), ("h:1",))
    assert node.output == {"type": "object", "properties": {"v": {"type": ["number", "null"]}}, "additionalProperties": False}
    assert (found.retry, found.settings) == (Retry(2, 60.0), {})
    assert found.models["fast"] == ModelNode("v-1", {"seed": 1}, Price(1.0, 2.5), 10)
    assert found.models["s"] == ModelNode("s", script={"rules": [{"say": "x"}]})


def test_included_files_are_spliced_in(tmp_path):
    """`${file:…}` is replaced by the file's text, itself a template whose paths start from it."""
    (tmp_path / "agents.d" / "p").mkdir(parents=True)
    (tmp_path / "agents.d" / "p" / "one.md").write_text("one ${inputs.message} $${x} ${file:two.md}|", encoding="utf-8")
    (tmp_path / "agents.d" / "p" / "two.md").write_text("zwei ü ${env:LANG_NAME}", encoding="utf-8")
    agent = {"instructions": "a ${file:p/one.md} b", "prompt": "${file:p/two.md}"}
    graph = link(library(tmp_path, agents={"a": agent}, providers=SHIPPED), "a")
    assert graph.agents["a"].instructions == "a one ${inputs.message} $${x} zwei ü ${env:LANG_NAME}| b"
    assert graph.agents["a"].prompt == "zwei ü ${env:LANG_NAME}"
    assert graph.environment == ("LANG_NAME", "URL")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.md", "cannot read `missing.md`"),
        ("../../outside.md", "outside the project"),
        ("link.md", "outside the project"),
        ("/etc/hostname", "outside the project"),
        ("loop.md", "10 files deep"),
        ("binary", "not UTF-8"),
        ("big", "larger than 1 MiB"),
        (".", "cannot read"),
    ],
)
def test_an_include_that_cannot_be_is_refused(tmp_path, name, words):
    """Nothing outside the root is read, symlinks followed; loops, binaries and giants are errors."""
    root = tmp_path / "root"
    folder = root / "agents.d"
    folder.mkdir(parents=True)
    (tmp_path / "outside.md").write_text("secret", encoding="utf-8")
    (folder / "link.md").symlink_to(tmp_path / "outside.md")
    (folder / "loop.md").write_text("${file:loop.md}", encoding="utf-8")
    (folder / "binary").write_bytes(b"\xff\xfe\x00")
    (folder / "big").write_bytes(b"x" * (1 << 20) + b"x")
    with pytest.raises(ConfigError, match=words):
        link(library(root, agents={"a": {"instructions": f"${{file:{name}}}"}}, providers=SHIPPED), "a")


def test_what_cannot_run_yet_is_found_where_it_stands():
    """Keys of this agent, its tools and providers and the project; nothing of what it does not reach."""
    agents = {
        "a": {
            "tools": ["t", {"name": "i", "type": "python", "isolate": "process"}],
            "agents": [{"use": "b", "with": {"x": 1}}],
            "model": "p/m",
            "limits": {"cost": 1},
        },
        "b": {"model": "p/m", "context": {}, "flow": [], "limits": {"cost": 1}},
        "unreached": {"flow": []},
    }
    provider = {"type": "openai-chat", "rate": {}, "models": {"m": {"id": "m"}}}
    lib = library(project={"server": {}}, agents=agents, tools={"t": {"type": "python", "retry": {}}}, providers={"p": provider})
    found = {(d.span.file, d.message) for d in not_yet_runnable(lib, "a")}
    cost = "a cost limit needs the price of every model, and `p/m` has none"
    assert found == {
        ("agents.d/a.yaml", "`isolate` cannot run yet"),
        ("agents.d/a.yaml", "`with` of a callable agent cannot run yet"),
        ("agents.d/a.yaml", cost),
        ("agents.d/b.yaml", cost),
        ("agents.d/b.yaml", "`context` cannot run yet"),
        ("agents.d/b.yaml", "`flow` cannot run yet"),
        ("tools.d/t.yaml", "`retry` cannot run yet"),
        ("providers.d/p.yaml", "`rate` cannot run yet"),
        ("projects.d/agent-run.yaml", "`server` cannot run yet"),
    }
    assert {d.rule.id for d in not_yet_runnable(lib, "a")} == {"not-yet-runnable"}


def test_a_type_without_code_is_found_at_its_type():
    """Tools by name, in place and in steps, and providers; one finding for each, whatever else they say. Tools switched off do not count."""
    agents = {
        "a": {
            "tools": ["s", "off", {"name": "w", "type": "web"}],
            "model": ["g/m", "p/m"],
            "flow": [{"tool": "f.read"}],
        },
    }
    tools = {
        "s": {"type": "shell", "run": ["ls"], "retry": {}},
        "f": {"type": "files"},
        "off": {"type": "code", "enabled": False, "isolate": "process"},
        "unreached": {"type": "todo"},
    }
    providers = {"g": {"type": "gemini", "rate": {}}, "p": {"type": "scripted"}, "unreached": {"type": "llama-cpp"}}
    lib = library(agents=agents, tools=tools, providers=providers)
    lib.tools["s"].lines[("type",)] = 7  # pyright: ignore[reportAttributeAccessIssue]
    found = {(d.span.label(), d.message) for d in not_yet_runnable(lib, "a")}
    assert found == {
        ("agents.d/a.yaml:2", "`flow` cannot run yet"),
        ("agents.d/a.yaml:4", "tools of type `web` cannot run yet"),
        ("tools.d/s.yaml:7", "tools of type `shell` cannot run yet"),
        ("tools.d/f.yaml:2", "tools of type `files` cannot run yet"),
        ("providers.d/g.yaml:2", "providers of type `gemini` cannot run yet"),
    }
    assert "providers" not in {d.message.split()[0] for d in not_yet_runnable(lib, "a", ("p/m",))}


def test_keys_of_a_type_that_cannot_run_yet_are_found_where_they_stand():
    """Also inside maps; the type's other keys are none of it."""
    tools = {
        "k": {"type": "knowledge", "sources": ["."], "search": {"rerank": "p/m", "top": 3}},
        "m": {"type": "mcp", "url": "https://x", "oauth": {}, "headers": {}},
        "plain": {"type": "knowledge", "sources": ["."]},
    }
    lib = library(agents={"a": {"tools": list(tools), "model": "p/m"}}, tools=tools, providers={"p": {"type": "scripted"}})
    found = {(d.span.label(), d.message) for d in not_yet_runnable(lib, "a")}
    assert found == {
        ("tools.d/k.yaml:3", "`search.rerank` of type `knowledge` cannot run yet"),
        ("tools.d/m.yaml:2", "`oauth` of type `mcp` cannot run yet"),
    }


def test_every_type_of_the_language_is_there():
    """Those of the chapters on tools and providers, whether they can run or not; a type that nobody has is an error."""
    tools = "python http openapi shell mcp files web code knowledge memory huggingface todo ask_user"
    providers = "openai openai-chat anthropic gemini huggingface scripted recorded llama-cpp"
    assert set(registry.type_names("tools")) == set(tools.split())
    assert set(registry.type_names("providers")) == set(providers.split())
    assert registry.runnable("tools", "python")
    assert registry.runnable("providers", "openai-chat")
    with pytest.raises(ConfigError, match="no tool type"):
        registry.runnable("tools", "_search")


def test_a_priced_model_may_have_a_cost_limit():
    """A price in the provider's document is enough."""
    provider = {"type": "openai-chat", "models": {"m": {"id": "m", "price": {"input": 1, "output": 1}}}}
    lib = library(agents={"a": {"model": "p/m", "limits": {"cost": 1}}}, providers={"p": provider})
    assert not_yet_runnable(lib, "a") == []


def test_the_digest_is_the_same_for_the_same_definitions_and_another_for_others():
    """Where a project stands on disk does not count; a changed instruction does."""

    def digest(root: str, text: str) -> str:
        return link(library(Path(root), agents={"a": {"model": "own/x", "instructions": text}}, providers=SHIPPED), "a").digest

    assert digest("/p", "one") == digest("/q", "one") != digest("/p", "two")


def examples_of(kind: str, type_name: str | None = None) -> dict[str, list[Any]]:
    """Return the examples of each key of a kind (of a plug-in type), as the schemas show them."""
    whole = schema.load(kind)
    if type_name is not None:
        whole = next(rule["then"] for rule in whole["allOf"] if rule["if"]["properties"]["type"]["const"] == type_name)
    return {key: value["examples"] for key, value in whole["properties"].items() if not key.endswith("+") and key != "extends"}


def documents(kind: str, type_name: str | None = None, always: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Return documents made of the examples that the schemas show."""
    keys = {key: st.sampled_from(values) for key, values in examples_of(kind, type_name).items()}
    required = {key: keys.pop(key) for key in always}
    return st.fixed_dictionaries(required, optional=keys)


@pytest.mark.parametrize("kind", ["tool", "provider"])
def test_settings_of_every_type_come_out_as_they_went_in(kind):
    """What the schema of a type shows as examples is taken by its class, under the names that people write."""
    for name in registry.type_names(f"{kind}s"):
        values = {key: examples[0] for key, examples in examples_of(kind, name).items()} | {"type": name}
        assert list(shapes.problems(schema.load(kind), values)) == []
        room = {"a": {**values, "enabled": True}} if kind == "tool" else {"a": values}
        agent = {"tools": ["a"], "model": "x/y"} if kind == "tool" else {"model": f"a/{next(iter(values['models']))}"}
        graph = link(library(agents={"b": agent}, **{f"{kind}s": room}, **({"providers": {"x": CHAT}} if kind == "tool" else {})), "b")
        node = (graph.toolsets if kind == "tool" else graph.providers)["a"]
        plugin = registry.tool_type(name) if kind == "tool" else registry.provider_type(name)
        made = plugin.Settings.model_validate(dict(node.settings))
        assert made.model_dump(by_alias=True, exclude_unset=True) == node.settings


@settings(max_examples=60, deadline=None)
@given(
    documents("agent"),
    documents("tool", "python", ("type", "call")),
    documents("provider", "openai-chat", ("type",)),
    documents("provider", "scripted", ("type",)),
    documents("project"),
)
def test_what_fits_the_schemas_links(agent, tool, chat, scripted, project):
    """Definitions whose names all exist link, whatever else they say, and the plug-ins take the settings that come out."""
    for kind, data in (("agent", agent), ("tool", tool), ("provider", chat), ("provider", scripted), ("project", project)):
        assert list(shapes.problems(schema.load(kind), data)) == []
    others = {name: {"model": "openai/x"} for name in ("researcher", "billing", "writer", "base")}
    tools = dict.fromkeys(("lookup_order", "handbook", "github", "mailer"), tool)
    agent = {**agent, "instructions": "Hi"}
    lib = library(project=project, agents={"a": agent, **others}, tools=tools, providers={"openai": chat, "team": scripted})
    graph = link(lib, "a", environ={})
    assert graph.agents["a"].models
    assert len(graph.digest) == 16
    for node in graph.toolsets.values():
        assert registry.tool_type(node.type).Settings.model_validate(node.settings)
    for node in graph.providers.values():
        assert registry.provider_type(node.type).Settings.model_validate(node.settings)
    assert {finding.rule.id for finding in not_yet_runnable(lib, "a")} <= {"not-yet-runnable"}
