"""From checked definitions to the frozen graph: every default resolved, every reference followed, every include spliced in.

Reads no YAML and no secret. Environment variables are read in one place only: where a `model` names one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from runner.compiler.fields import fields_schema
from runner.compiler.findings import suggestion
from runner.compiler.link_providers import chosen, model_refs, provider_nodes
from runner.compiler.link_reach import Reached, agents_of, listed, mapped, reached
from runner.compiler.link_runnable import not_yet_keys, not_yet_runnable
from runner.compiler.link_text import needed, plain, spliced
from runner.compiler.link_tools import tool_uses
from runner.errors import ConfigError
from runner.graph import AgentNode, Graph, Limits, Policy, PolicyRule, ToolsetNode
from runner.spec.units import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.compiler.definition import Definition, Library
    from runner.graph import ModelRef

__all__ = ["Reached", "link", "not_yet_runnable", "reached"]

MESSAGE: dict[str, Any] = {"type": "string", "default": "", "description": "What to do or answer, in words."}
"""The input that every agent has."""


def link(
    library: Library, agent: str, *, model: str | None = None, provider: str | None = None, environ: Mapping[str, str] | None = None
) -> Graph:
    """Return the graph of all that an agent reaches. `model` and `provider` stand in for the root agent's own models only.

    `environ` is what `${env:…}` in a `model` reads, the process's environment unless given; every other variable stays a reference.
    A library without error findings links. Raises ConfigError for what cannot be, UsageError for a model or provider that the command
    line names and nobody has, SecretError for an unset variable in a `model`.
    """
    agents: dict[str, AgentNode] = {}
    toolsets: dict[str, ToolsetNode] = {}
    waiting = [agent]
    while waiting:
        name = waiting.pop(0)
        if name not in agents:
            definition = _agent(library, name)
            own = partial(model_refs, definition, library, environ)
            agents[name] = _agent_node(library, definition, chosen(library, own, model, provider) if name == agent else own(), toolsets)
            waiting.extend(agents_of(definition.data))
    return _graph(library, agent, agents, toolsets)


def _agent(library: Library, name: str) -> Definition:
    definition = library.agents.get(name)
    if definition is None:
        raise ConfigError(f"there is no agent `{name}`", hint=suggestion(name, library.agents, "agents"))
    return definition


def _graph(library: Library, agent: str, agents: dict[str, AgentNode], toolsets: dict[str, ToolsetNode]) -> Graph:
    providers = provider_nodes(library, {ref for node in agents.values() for ref in node.models})
    project = library.project
    data: Mapping[str, Any] = project.data if project else {}
    texts = [(node.instructions, node.prompt) for node in agents.values()]
    values = [(node.settings, node.bound) for node in toolsets.values()]
    bound = [use.bound for node in agents.values() for use in node.tools]
    environment, secrets = needed([texts, values, bound, [node.settings for node in providers.values()]])
    return Graph(
        agent=agent,
        agents=agents,
        toolsets=toolsets,
        providers=providers,
        policy=_policy(project) if project else Policy(),
        network_allow=tuple(plain(mapped(data.get("network")).get("allow") or [])),
        python=tuple(plain(data.get("python") or [])),
        environment=environment,
        secrets=secrets,
        root=str(library.root),
    )


def _agent_node(library: Library, definition: Definition, models: tuple[ModelRef, ...], toolsets: dict[str, ToolsetNode]) -> AgentNode:
    data = definition.data
    return AgentNode(
        name=definition.name,
        source=definition.span().label(),
        models=models,
        instructions=_text(definition, "instructions") or "",
        description=str(data.get("description", "")),
        prompt=_text(definition, "prompt"),
        inputs=inputs_schema(mapped(data.get("inputs"))),
        output=fields_schema(data["output"]) if "output" in data else None,
        settings=plain(mapped(data.get("settings"))),
        tools=tool_uses(library, definition, toolsets),
        agents=tuple(_names(data.get("agents"))),
        handoffs=tuple(_names(data.get("handoffs"))),
        limits=_limits(mapped(data.get("limits"))),
        policy=_policy(definition),
        not_yet_runnable=not_yet_keys(definition),
    )


def inputs_schema(field_map: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an agent's inputs: the declared fields and `message`, which every agent has."""
    schema = fields_schema(field_map)
    schema["properties"] = {"message": MESSAGE, **schema["properties"]}
    return schema


def _text(definition: Definition, key: str) -> str | None:
    value = definition.data.get(key)
    return spliced(str(value), definition.base((key,)), definition.root) if value is not None else None


def _names(value: Any) -> list[str]:
    return list(dict.fromkeys(str(mapped(item).get("use", item)) for item in listed(value)))


def _limits(data: Mapping[str, Any]) -> Limits:
    own = plain(data)
    if "time" in own:
        own["time"] = seconds(own["time"])
    return Limits(**own)


def _policy(definition: Definition) -> Policy:
    data = mapped(definition.data.get("policy"))
    rules = {
        key: tuple(
            PolicyRule(str(pattern), definition.span(("policy", key, at)).label()) for at, pattern in enumerate(listed(data.get(key)))
        )
        for key in ("allow", "ask", "deny")
    }
    return Policy(**rules)
