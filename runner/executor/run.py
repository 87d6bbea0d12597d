"""A run from its start to its typed end: the loop over turns, handoffs, called agents, and what became of it all."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import AgentRunError, ConfigError, LimitReached, StoreError, ToolError, Waiting, stop_reason
from runner.events import Event
from runner.executor import answer
from runner.executor.call import AgentCall, RunState
from runner.executor.inputs import first_message, plain, scope_of
from runner.executor.limits import Pot
from runner.executor.loops import LoopWatch
from runner.executor.result import RunError, RunResult
from runner.executor.turn import Finished, HandOff, Paused, RunAgain, say, take_turn
from runner.expressions import parse_template
from runner.messages import TextPart
from runner.tools import ToolOutput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.graph import AgentNode, Policy
    from runner.messages import Message


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a run starts with: the agent in charge, its inputs (with `message`), and the messages so far."""

    agent: str
    inputs: Mapping[str, Any]
    history: tuple[Message, ...] = ()
    first: bool = True
    started: Mapping[str, Any] = field(default_factory=dict[str, Any])


async def run(state: RunState, request: RunRequest) -> RunResult:
    """Run to the end and return how it ended. Raises only for bugs; then the run has no end and can be resumed.

    A cancelled task ends the run as `interrupted`; what was shown so far is kept, marked `cut`.
    """
    began = time.monotonic()
    agent, problem, end = None, None, None
    state.journal.emit(
        _fact(state, request.agent, "run.started", {"agent": request.agent, "inputs": plain(request.inputs), **request.started})
    )
    try:
        agent = _root(state, request)
        for line in state.opened.new_warnings():
            agent.emit("warning.raised", line, message=line)
        say(agent, first_message(agent.node, agent.inputs, state.scope, prompt=request.first), "first")
        end = await _converse(agent)
    except AgentRunError as error:
        problem = error
    except asyncio.CancelledError:
        problem = None
    name = agent.node.name if agent else request.agent
    result = _result(state, name, end, problem, began)
    try:
        await _finish(state, result)
    except StoreError as error:
        return _result(state, name, end, error, began)
    return result


async def _finish(state: RunState, result: RunResult) -> None:
    if result.stop_reason.startswith("limit.") and result.error:
        data = {"limit": result.stop_reason, "message": result.error.message}
        state.journal.emit(_fact(state, result.agent, "limit.reached", data))
    state.journal.emit(_fact(state, result.agent, "run.stopped", result.to_data()))
    await state.journal.flush()


def _root(state: RunState, request: RunRequest) -> AgentCall:
    node = state.graph.agents[request.agent]
    pot = Pot(node.limits, node.name)
    state.root = _agent_call(state, node, request.inputs, list(request.history), pot=pot, policies=(state.graph.policy,))
    return state.root


def _agent_call(
    state: RunState,
    node: AgentNode,
    inputs: Mapping[str, Any],
    history: list[Message],
    *,
    pot: Pot,
    policies: tuple[Policy, ...],
    path: str = "",
    depth: int = 0,
) -> AgentCall:
    toolbox = state.opened.toolbox(node.name)
    system = _system(state, node, inputs)
    loops = LoopWatch(node.limits.repeats)
    return AgentCall(state, node, toolbox, system, history, inputs, pot, loops, (*policies, node.policy), path, depth)


def _system(state: RunState, node: AgentNode, inputs: Mapping[str, Any]) -> str:
    text = parse_template(node.instructions).render(scope_of(node, inputs, state.scope), state.opened.special)
    words = text if isinstance(text, str) else str(text)
    return "\n\n".join(filter(None, (words, answer.instruction(node.output) if node.output else "")))


async def _converse(agent: AgentCall) -> Finished:
    while True:
        match await take_turn(agent, _call_agent):
            case RunAgain():
                continue
            case HandOff(to):
                _hand_off(agent, to)
            case Finished() as end:
                return end
            case Paused(reason):
                raise Waiting(reason)


def _hand_off(agent: AgentCall, to: str) -> None:
    node = agent.state.graph.agents[to]
    agent.emit("agent.handed_off", to=to)
    agent.policies = (*agent.policies[:-1], node.policy)
    agent.node, agent.toolbox = node, agent.state.opened.toolbox(to)
    agent.system = _system(agent.state, node, agent.inputs)
    agent.repaired = False


async def _call_agent(caller: AgentCall, call_id: str, name: str, inputs: Mapping[str, Any]) -> ToolOutput:
    """Run another agent with an empty history inside the caller's pot and return its answer as a tool's output."""
    depth = caller.depth + 1
    if depth > caller.pot.limits.depth:
        raise ToolError(f"agents may call each other {caller.pot.limits.depth} deep, not deeper")
    node = caller.state.graph.agents[name]
    pot = Pot(node.limits, name, caller.pot)
    path = f"{caller.path}{call_id}/"
    callee = _agent_call(caller.state, node, inputs, [], pot=pot, policies=caller.policies, path=path, depth=depth)
    caller.emit("agent.called", call_id, call_id=call_id, callee=name)
    say(callee, first_message(node, inputs, caller.state.scope, prompt=True), "first")
    try:
        end = await _converse(callee)
    except LimitReached as error:
        _returned(caller, call_id, name, error.stop_reason)
        if caller.pot.exhausted():
            raise
        raise ToolError(f"{name} stopped: {error.message}") from None
    except (ConfigError, StoreError):
        raise
    except AgentRunError as error:
        _returned(caller, call_id, name, stop_reason(error))
        if isinstance(error, Waiting):
            raise
        raise ToolError(f"{name} failed: {error.message}") from None
    _returned(caller, call_id, name, "done")
    return ToolOutput((TextPart(end.text),), end.output)


def _returned(caller: AgentCall, call_id: str, name: str, reason: str) -> None:
    caller.emit("agent.returned", call_id, call_id=call_id, callee=name, stop_reason=reason)


def _result(state: RunState, agent: str, end: Finished | None, problem: AgentRunError | None, began: float) -> RunResult:
    tally = state.tally
    reason = stop_reason(problem) if problem else "interrupted" if end is None else "denied" if tally.unanswered else "done"
    error = problem and RunError(problem.kind, problem.message, problem.hint)
    return RunResult(
        session_id=state.session,
        run_id=state.run,
        agent=agent,
        stop_reason=reason,
        result=end.text if end else "",
        output=(end.output if end.output is not None else end.text) if end else None,
        error=error,
        usage=tally.usage,
        cost=tally.cost,
        duration_ms=int((time.monotonic() - began) * 1000),
        turns=tally.turns,
        tool_calls=tally.tool_calls,
        denied=tuple(tally.denied),
        model=tally.model,
        citations=tuple(tally.citations),
    )


def _fact(state: RunState, agent: str, kind: str, data: Mapping[str, Any]) -> Event:
    source = state.graph.agents[agent].source
    return Event(kind, f"{state.run}:{kind}", state.session, state.run, agent, digest=state.graph.digest, source=source, data=data)
