"""The state of one call of an agent within a run, and what all agent calls of a run share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.events import Event
from runner.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from runner.channel import Channel
    from runner.executor.journal import Journal
    from runner.executor.limits import Pot
    from runner.executor.loops import LoopWatch
    from runner.executor.opening import OpenGraph
    from runner.executor.toolbox import Toolbox
    from runner.graph import AgentNode, Graph, Policy
    from runner.messages import Message


@dataclass(slots=True)
class Tally:
    """What a run used, over all its agents. `cost` is None from the first call whose price is unknown."""

    usage: Usage = field(default_factory=Usage)
    cost: float | None = 0.0
    turns: int = 0
    tool_calls: int = 0
    denied: list[str] = field(default_factory=list[str])
    unanswered: bool = False
    citations: dict[str, None] = field(default_factory=dict[str, None])
    model: str = ""


@dataclass(slots=True)
class RunState:
    """What every agent call of one run shares.

    `steps` are the scripted steps the session has used, by `provider/model`; `allowed` the tools a person allowed for the whole session;
    `asking` is held while a person is asked, one question at a time.
    """

    graph: Graph
    opened: OpenGraph
    channel: Channel
    journal: Journal
    put_blob: Callable[[bytes], Awaitable[str]]
    session: str
    run: str
    scope: Mapping[str, Any]
    steps: dict[str, set[int]] = field(default_factory=dict[str, "set[int]"])
    tally: Tally = field(default_factory=Tally)
    allowed: set[str] = field(default_factory=set[str])
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    root: AgentCall | None = None


@dataclass(slots=True)
class AgentCall:
    """One agent at work: its node, its history, its pot. A handoff replaces node, toolbox and system text; the rest goes on."""

    state: RunState
    node: AgentNode
    toolbox: Toolbox
    system: str
    history: list[Message]
    inputs: Mapping[str, Any]
    pot: Pot
    loops: LoopWatch
    policies: tuple[Policy, ...]
    path: str = ""
    depth: int = 0
    turn: int = 0
    repaired: bool = False

    def event_id(self, kind: str, key: str = "") -> str:
        """Return the id of an event at this place of the run: the same on every replay."""
        return f"{self.state.run}:{self.path}{self.turn}:{kind}" + (f":{key}" if key else "")

    def event(self, kind: str, data: Mapping[str, Any], key: str = "") -> Event:
        """Return an event that belongs to this call and turn."""
        return Event(
            kind,
            self.event_id(kind, key),
            self.state.session,
            self.state.run,
            self.node.name,
            self.path,
            self.turn,
            self.state.graph.digest,
            self.node.source,
            data=data,
        )

    def emit(self, kind: str, key: str = "", /, **data: Any) -> None:
        """Tell a fact of this call."""
        self.state.journal.emit(self.event(kind, data, key))
