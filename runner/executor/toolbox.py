"""What one agent can call: the members of its toolsets, the agents it may call and those it may hand over to, as models see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from runner.errors import ConfigError
from runner.messages import ToolDefinition
from runner.tools import Member, ToolOutput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.graph import AgentNode, Approve, Effect, Graph, ToolsetNode, ToolUse
    from runner.tools import CallContext, Toolset

DEFAULT_TIMEOUT = 60.0
"""Seconds a tool may take when its YAML says nothing. Called agents have their own limits instead."""

HANDOFF_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"reason": {"type": "string", "description": "Why the conversation moves, in one sentence."}},
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Tool:
    """One callable. `name` is the YAML name (`toolset.member`); `schema` is what arguments of the model must fit; `bound` the author's."""

    name: str
    definition: ToolDefinition
    effect: Effect
    approve: Approve
    source: str
    type: str
    toolset: Toolset | None = None
    member: str = ""
    timeout: float | None = DEFAULT_TIMEOUT
    bound: Mapping[str, Any] = field(default_factory=dict[str, Any])
    kind: Literal["tool", "agent", "handoff"] = "tool"


@dataclass(frozen=True, slots=True)
class Toolbox:
    """All tools of one agent by the name the model uses, and their definitions as one value that never changes."""

    tools: Mapping[str, Tool]
    definitions: tuple[ToolDefinition, ...]


class AgentToolset:
    """A callable agent as a toolset of one member: the call goes to whoever runs agents."""

    def __init__(self, node: AgentNode) -> None:
        self._node = node

    @property
    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    async def open(self) -> None:
        """Do nothing; the graph is there."""

    def members(self) -> tuple[Member, ...]:
        """Return the agent as one member that takes its inputs."""
        schema = {**self._node.inputs, "required": sorted({*self._node.inputs.get("required", ()), "message"})}
        return (Member("", self._node.description or f"Ask the agent {self._node.name}.", schema, "read", "never"),)

    async def call(self, member: str, arguments: Mapping[str, Any], context: CallContext) -> ToolOutput:
        """Run the agent and return its answer."""
        del member
        assert context.call_agent is not None
        return await context.call_agent(self._node.name, arguments)

    async def close(self) -> None:
        """Do nothing."""


def build(node: AgentNode, graph: Graph, toolsets: Mapping[str, Toolset]) -> Toolbox:
    """Return the toolbox of an agent over opened toolsets. Raises ConfigError when two tools would have one name."""
    tools: dict[str, Tool] = {}
    for use in node.tools:
        if use.toolset in toolsets:
            for tool in _members(graph.toolsets[use.toolset], use, toolsets[use.toolset]):
                _put(tools, tool, node)
    for name in node.agents:
        _put(tools, _agent(graph.agents[name]), node)
    for name in node.handoffs:
        _put(tools, _handoff(graph.agents[name]), node)
    return Toolbox(tools, tuple(tool.definition for tool in tools.values()))


def _members(node: ToolsetNode, use: ToolUse, toolset: Toolset) -> list[Tool]:
    return [_tool(node, use, toolset, member) for member in toolset.members() if _wanted(member.name, use)]


def _wanted(member: str, use: ToolUse) -> bool:
    if not member:
        return True
    chosen = use.only is None or any(fnmatchcase(member, glob) for glob in use.only)
    return chosen and not any(fnmatchcase(member, glob) for glob in use.except_)


def _tool(node: ToolsetNode, use: ToolUse, toolset: Toolset, member: Member) -> Tool:
    name = f"{node.name}.{member.name}" if member.name else node.name
    schema = _without(member.input_schema, use.bound)
    definition = ToolDefinition(name.replace(".", "_"), member.description, schema)
    return Tool(
        name,
        definition,
        node.effect or member.effect,
        node.approve or member.approve,
        node.source,
        node.type,
        toolset,
        member.name,
        node.timeout or DEFAULT_TIMEOUT,
        use.bound,
    )


def _without(schema: Mapping[str, Any], bound: Mapping[str, Any]) -> Mapping[str, Any]:
    if not bound:
        return schema
    properties = {name: value for name, value in schema.get("properties", {}).items() if name not in bound}
    required = [name for name in schema.get("required", ()) if name not in bound]
    return {**schema, "properties": properties, "required": required}


def _agent(node: AgentNode) -> Tool:
    toolset = AgentToolset(node)
    member = toolset.members()[0]
    definition = ToolDefinition(node.name, member.description, member.input_schema)
    return Tool(node.name, definition, "read", "never", node.source, "agent", toolset, timeout=None, kind="agent")


def _handoff(node: AgentNode) -> Tool:
    description = f"Hand the conversation over to {node.name}. {node.description}".strip()
    definition = ToolDefinition(f"handoff_to_{node.name}", description, HANDOFF_SCHEMA)
    return Tool(node.name, definition, "read", "never", node.source, "handoff", kind="handoff")


def _put(tools: dict[str, Tool], tool: Tool, node: AgentNode) -> None:
    key = tool.definition.name
    if key in tools:
        raise ConfigError(
            f"two tools of `{node.name}` would be `{key}` to the model: `{tools[key].name}` and `{tool.name}`",
            hint="rename one, or narrow a toolset with `only`",
        )
    tools[key] = tool
