"""Calls one tool once, as an agent's turn would, without a model: the same checks, policy, timeout and border; its whole output is kept.

A person named the tool, so what would ask counts as answered. What is denied stays denied.
"""

from __future__ import annotations

import dataclasses
import json
import math
import secrets as random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.channel import ApprovalAnswer
from runner.engines.local import StoreJournal
from runner.errors import ToolError
from runner.executor.call import AgentCall, RunState
from runner.executor.limits import Pot
from runner.executor.loops import LoopWatch
from runner.executor.toolbox import Toolbox
from runner.executor.tools import run_calls
from runner.graph import Limits
from runner.messages import FilePart, TextPart, ToolCall
from runner.redact import redact, redact_data

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.app.tools import OpenTools
    from runner.channel import ApprovalRequest, Question
    from runner.events import Event
    from runner.executor.toolbox import Tool
    from runner.messages import Citation, ToolResult
    from runner.tools import CallContext, Member, ToolOutput, Toolset


@dataclass(frozen=True, slots=True)
class Called:
    """How a call ended. `text` and `data` are whole; of an error, `text` says what went wrong.

    `stop_reason` is `done`, `failed` or `denied`; `files` are what the tool made, with their bytes.
    """

    text: str
    data: Any
    citations: tuple[Citation, ...]
    files: tuple[tuple[FilePart, bytes], ...]
    stop_reason: str
    duration_ms: int


class _Asked:
    """The channel of a person who has asked for this very call; progress is shown."""

    watched = False

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    async def approve(self, request: ApprovalRequest) -> ApprovalAnswer:
        """Allow: the person named the tool and its arguments."""
        del request
        return ApprovalAnswer("allow", by="person")

    async def ask(self, question: Question) -> str | None:
        """Return None: there is no conversation to answer in."""
        del question

    def emit(self, event: Event) -> None:
        """Show what a tool says while it works."""
        if event.kind == "tool.progressed" and event.data["message"]:
            self._show(str(event.data["message"]))


class _Kept:
    """A toolset whose last output is kept before anything of it is cut."""

    def __init__(self, toolset: Toolset) -> None:
        self._toolset = toolset
        self.output: ToolOutput | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """The toolset's own."""
        return self._toolset.warnings

    async def open(self) -> None:
        """Do nothing; it is open."""

    def members(self) -> tuple[Member, ...]:
        """Return the toolset's own."""
        return self._toolset.members()

    async def call(self, member: str, arguments: Mapping[str, Any], context: CallContext) -> ToolOutput:
        """Call, and keep what came back."""
        self.output = await self._toolset.call(member, arguments, context)
        return self.output

    async def close(self) -> None:
        """Do nothing; who opened it closes it."""


async def call(opened: OpenTools, tool: Tool, arguments: Mapping[str, Any], show: Callable[[str], None]) -> Called:
    """Call a tool with arguments that fit its schema and return how that ended; `show` gets lines of progress.

    Raises what would end a run: ConfigError, StoreError, LimitReached. Cancelling the task cancels the tool.
    """
    assert tool.toolset is not None
    kept = _Kept(tool.toolset)
    agent = await _agent(opened, dataclasses.replace(tool, toolset=kept), show)
    began = time.monotonic()
    wish = ToolCall("call", tool.definition.name, json.dumps(arguments))
    (result,) = await run_calls(agent, [wish], _no_agent)
    milliseconds = int((time.monotonic() - began) * 1000)
    if result.is_error or kept.output is None:
        return Called(_text(result), None, (), (), "denied" if agent.state.tally.denied else "failed", milliseconds)
    return await _whole(opened, kept.output, milliseconds)


async def _agent(opened: OpenTools, tool: Tool, show: Callable[[str], None]) -> AgentCall:
    graph, session = opened.compiled.graph, random.token_hex(16)
    await opened.store.create(session, agent=graph.agent, project=graph.root)
    channel = _Asked(show)

    async def put_blob(data: bytes) -> str:
        return await opened.store.put_blob(session, data)

    journal = StoreJournal(opened.store, session, 0, (channel.emit,))
    state = RunState(graph, opened.graph, channel, journal, put_blob, session, random.token_hex(8), {})
    node = opened.agent
    # Only the tool's own timeout counts: an agent's limits are about runs.
    pot = Pot(dataclasses.replace(Limits(), time=math.inf), node.name)
    toolbox = Toolbox({tool.definition.name: tool}, (tool.definition,))
    return AgentCall(state, node, toolbox, "", [], {}, pot, LoopWatch(node.limits.repeats), (graph.policy, node.policy))


async def _no_agent(caller: AgentCall, call_id: str, name: str, inputs: Mapping[str, Any]) -> ToolOutput:
    del caller, call_id, inputs
    raise ToolError(f"the tool asks the agent `{name}`, and a tool that is called by hand has none")


async def _whole(opened: OpenTools, output: ToolOutput, milliseconds: int) -> Called:
    text = "\n".join(redact(part.text) for part in output.parts if isinstance(part, TextPart))
    files = [(part, await opened.store.get_blob(part.blob)) for part in output.parts if isinstance(part, FilePart)]
    return Called(text, redact_data(output.data), output.citations, tuple(files), "done", milliseconds)


def _text(result: ToolResult) -> str:
    return "\n".join(part.text for part in result.parts if isinstance(part, TextPart))
