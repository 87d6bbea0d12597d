"""Runs small graphs made by hand: the scripted provider, the memory store and toolsets of plain functions. No YAML."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner import registry
from runner.channel import Headless
from runner.engines.local import StoreJournal
from runner.executor import conversation
from runner.executor.call import RunState
from runner.executor.inputs import from_plain
from runner.executor.opening import OpenGraph
from runner.executor.run import RunRequest, run
from runner.graph import AgentNode, Graph, Limits, ModelNode, ModelRef, Policy, PolicyRule, ProviderNode, Retry, ToolsetNode, ToolUse
from runner.messages import TextPart
from runner.secrets import Secrets
from runner.tools import CallContext, Member, ToolOutput

if TYPE_CHECKING:
    from runner.events import Event
    from runner.executor.result import RunResult
    from runner.stores import Store

INPUTS = {"type": "object", "properties": {"message": {"type": "string", "default": ""}}, "additionalProperties": False}


class Functions:
    """A toolset of plain functions: every parameter is required and may be anything. `effects` by name, `write` unless said."""

    def __init__(self, *functions: Callable[..., Any], effects: Mapping[str, str] | None = None, approve: str = "never") -> None:
        self.functions = {function.__name__: function for function in functions}
        self.effects = effects or {}
        self.approve = approve
        self.calls: list[tuple[str, dict[str, Any]]] = []

    warnings: tuple[str, ...] = ()

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    def members(self) -> tuple[Member, ...]:
        return tuple(self._member(name, function) for name, function in self.functions.items())

    def _member(self, name: str, function: Callable[..., Any]) -> Member:
        names = [n for n in inspect.signature(function).parameters if n != "context"]
        schema = {"type": "object", "properties": {n: {} for n in names}, "required": names, "additionalProperties": False}
        return Member(name, name, schema, self.effects.get(name, "write"), self.approve)  # type: ignore[arg-type]

    async def call(self, member: str, arguments: Mapping[str, Any], context: CallContext) -> ToolOutput:
        self.calls.append((member, dict(arguments)))
        function = self.functions[member]
        value = function(**arguments, **({"context": context} if "context" in inspect.signature(function).parameters else {}))
        value = await value if isinstance(value, Awaitable) else value
        return ToolOutput((TextPart(str(value)),), None if isinstance(value, str) else value)


def agent(name: str = "a", *, models: tuple[str, ...] = ("s/m",), tools: tuple[str, ...] = ("t",), **more: Any) -> AgentNode:
    """An agent node with short words for its models (`provider/model`) and toolsets."""
    refs = tuple(ModelRef(*label.split("/", 1)) for label in models)
    return AgentNode(name, f"{name}.yaml:1", refs, inputs=more.pop("inputs", INPUTS), tools=tuple(ToolUse(t) for t in tools), **more)


def rules(*patterns: str) -> tuple[PolicyRule, ...]:
    return tuple(PolicyRule(pattern, "p.yaml:1") for pattern in patterns)


def scripts(**models: list[dict[str, Any]]) -> dict[str, ProviderNode]:
    """One scripted provider `s` with a script per model name."""
    nodes = {name: ModelNode(name, script={"script": steps}) for name, steps in models.items()}
    return {"s": ProviderNode("s", "scripted", "s.yaml:1", models=nodes, retry=Retry(3, 5.0))}


@dataclass
class World:
    """A graph with its open parts, over one session of one store."""

    agents: list[AgentNode]
    script: list[dict[str, Any]] | None = None
    toolsets: dict[str, Any] = field(default_factory=dict)
    providers: dict[str, ProviderNode] = field(default_factory=dict)
    channel: Any = field(default_factory=Headless)
    policy: Policy = field(default_factory=Policy)
    events: list[Event] = field(default_factory=list)
    store: Store | None = None
    state: RunState | None = None

    def graph(self) -> Graph:
        providers = self.providers or scripts(m=self.script or [])
        toolsets = {name: ToolsetNode(name, "python", f"{name}.yaml:1") for name in self.toolsets}
        return Graph(self.agents[0].name, {node.name: node for node in self.agents}, toolsets, providers, self.policy)

    async def run(self, message: str = "go", *, agent: str | None = None, resume: bool = False, **inputs: Any) -> RunResult:
        """Run one message (or go on with the unfinished run) in session `s1`."""
        graph = self.graph()
        if self.store is None:
            self.store = registry.open_store("memory")
            await self.store.open()
            await self.store.create("s1", agent=graph.agent, project="/p")
        talk = conversation.read(await self.store.load("s1"))
        opened = OpenGraph(graph, Secrets(None), self.store.get_blob)
        opened.toolsets.update(self.toolsets)
        started = talk.unfinished[0] if resume else None
        journal = StoreJournal(self.store, "s1", talk.seq, (self.channel.emit, self.events.append), talk.unfinished if resume else ())
        scope = {"session": {"id": "s1", "user": "u", "date": "2026-01-01"}}
        self.state = RunState(
            graph,
            opened,
            self.channel,
            journal,
            self._blob,
            "s1",
            started.run if started else f"r{talk.runs}",
            scope,
            talk.steps,
        )
        values = from_plain(started.data["inputs"]) if started else {"message": message, **inputs}
        request = RunRequest(agent or talk.agent or graph.agent, values, tuple(talk.messages), first=talk.runs == 0)
        try:
            return await run(self.state, request)
        finally:
            await opened.close()

    async def _blob(self, data: bytes) -> str:
        assert self.store is not None
        return await self.store.put_blob("s1", data)

    def kinds(self) -> list[str]:
        """The kinds of all events shown so far."""
        return [event.kind for event in self.events]

    def results(self) -> list[str]:
        """The texts of all tool results so far, in the order they came."""
        return ["".join(p["text"] for p in e.data["result"]["parts"]) for e in self.events if e.kind == "tool.answered"]


LIMITS = Limits
