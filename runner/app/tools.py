"""Tools without a model: what a project defines, and the live tools of an agent or of one definition.

Toolsets are opened each for itself, so that one that fails costs the others nothing. Nothing of it reaches a session store.
"""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import registry
from runner.app import Compiled
from runner.app.opening import secrets_of, toolset_context
from runner.app.places import store_location
from runner.errors import AgentRunError, UnavailableError, UsageError
from runner.executor.opening import OpenGraph, open_graph
from runner.policy import decide

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from runner.app import Options
    from runner.compiler.survey import ToolDefinition
    from runner.executor.toolbox import Tool
    from runner.graph import AgentNode, ToolsetNode
    from runner.stores import Store

__all__ = ["LiveTool", "OpenTools", "compile_tool", "definitions", "live", "open_tools"]

_ASKS = {"allow": "no", "ask": "yes", "deny": "denied"}


@dataclass(frozen=True, slots=True)
class LiveTool:
    """One callable as it is now. `name` is the YAML name; `asks` is `no`, `yes` or `denied`, under every policy, whatever the arguments.

    `timeout` is in seconds, None for what has none; `input_schema` is what a model must give.
    """

    name: str
    model_name: str
    type: str
    effect: str
    asks: str
    description: str
    source: str
    timeout: float | None
    input_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenTools:
    """What was opened of an agent's toolsets. `failures` holds, by toolset, why the others were not."""

    compiled: Compiled
    store: Store
    graph: OpenGraph
    failures: Mapping[str, AgentRunError] = field(default_factory=dict[str, AgentRunError])

    @property
    def agent(self) -> AgentNode:
        """The agent whose tools they are."""
        return self.compiled.graph.agents[self.compiled.graph.agent]

    @property
    def tools(self) -> Mapping[str, Tool]:
        """All that the agent can call, by the name that the model uses. Raises ConfigError when two would have one name."""
        return self.graph.toolbox(self.agent.name).tools

    def warnings(self) -> list[str]:
        """Return what the opened toolsets warn of, one line each."""
        return self.graph.new_warnings()

    def find(self, name: str) -> Tool:
        """Return the tool of a YAML name (`toolset.member`). Raises UsageError for none or several, or why its toolset failed."""
        toolset = name.partition(".")[0]
        if toolset in self.failures:
            raise self.failures[toolset]
        if toolset not in self.compiled.graph.toolsets:
            raise UsageError(f"`{self.agent.name}` has no tool `{name}`", hint=f"tools: {_listed(sorted(self.compiled.graph.toolsets))}")
        found = {tool.name: tool for tool in self.tools.values() if tool.kind == "tool"}
        if name in found:
            return found[name]
        members = sorted(known for known in found if known.partition(".")[0] == toolset)
        if len(members) == 1 and name == toolset:
            return found[members[0]]
        if members and name == toolset:
            raise UsageError(f"`{name}` has {len(members)} tools", hint=f"name one: {_listed(members)}")
        if not members and (lines := self.warnings()):
            raise UnavailableError(lines[0], hint=f"`agent-run tools show {toolset}` tries again")
        near = difflib.get_close_matches(name, found, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"tools: {_listed(members or sorted(found))}" if found else "it has no tools"
        raise UsageError(f"there is no tool `{name}`", hint=hint)


def definitions(options: Options) -> tuple[tuple[ToolDefinition, ...], int]:
    """Return all tools that a project can name, its own first, and how many errors in its files may hide others."""
    from runner.compiler import survey

    return survey.tool_definitions(options.workspace, options.project, options.profile)


def compile_tool(tool: str, options: Options) -> Compiled:
    """Return a tool's definition ready to open, without an agent. Raises UsageError for an unknown name, ConfigError with diagnostics."""
    from runner.compiler import compile as compiler

    made = compiler.compile_tool(tool, cwd=options.workspace, project=options.project, profile=options.profile)
    store = options.store or made.project_data.get("store", "sqlite")
    return Compiled(made.graph, made.warnings, options, store_location(store, Path(made.graph.root)), made.project_data, made.sources)


@asynccontextmanager
async def open_tools(compiled: Compiled, toolset: str | None = None) -> AsyncGenerator[OpenTools]:
    """Open an agent's toolsets together, or the one that is named, over a store that forgets; close them again. Asks for no model's key."""
    nodes = [node for node in compiled.graph.toolsets.values() if toolset in (None, node.name)]
    store = registry.open_store("memory")
    await store.open()
    async with AsyncExitStack() as stack:
        done = await asyncio.gather(*(_opened(compiled, node, store, stack) for node in nodes), return_exceptions=True)
        graph = OpenGraph(compiled.graph, secrets_of(compiled), store.get_blob)
        failures: dict[str, AgentRunError] = {}
        for node, result in zip(nodes, done, strict=True):
            if isinstance(result, AgentRunError):
                failures[node.name] = result
            elif isinstance(result, BaseException):
                raise result
            else:
                graph.toolsets |= result.toolsets
        yield OpenTools(compiled, store, graph, failures)


async def _opened(compiled: Compiled, node: ToolsetNode, store: Store, stack: AsyncExitStack) -> OpenGraph:
    alone = dataclasses.replace(compiled.graph, toolsets={node.name: node})
    opened = await open_graph(alone, secrets_of(compiled), toolset_context(compiled), store.get_blob)
    stack.push_async_callback(opened.close)
    return opened


def live(opened: OpenTools) -> tuple[LiveTool, ...]:
    """Return what can be called now, sorted by name; `asks` says what holds for a call that no pattern of arguments singles out."""
    policies = (opened.compiled.graph.policy, opened.agent.policy)
    found = [
        LiveTool(
            tool.name,
            tool.definition.name,
            tool.type,
            tool.effect,
            _ASKS[decide(tool.name, {}, policies, tool.approve).verdict],
            tool.definition.description,
            tool.source,
            tool.timeout,
            tool.definition.input_schema,
        )
        for tool in opened.tools.values()
    ]
    return tuple(sorted(found, key=lambda tool: (tool.name, tool.model_name)))


def _listed(names: list[str], most: int = 12) -> str:
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
