"""One turn: the history goes to the model, its tool calls are run, and one small value says what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.channel import Question
from runner.errors import AgentRunError, ContentFiltered, LimitReached
from runner.executor import answer
from runner.executor.model import ask_model
from runner.executor.tools import run_calls
from runner.messages import AssistantMessage, TextPart, ToolMessage, ToolResult, UserMessage, to_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.executor.call import AgentCall
    from runner.executor.loops import Loop
    from runner.executor.tools import CallAgent
    from runner.messages import Message, ModelResponse, ToolCall


@dataclass(frozen=True, slots=True)
class RunAgain:
    """The model wants to see the results."""


@dataclass(frozen=True, slots=True)
class HandOff:
    """The conversation moves to another agent."""

    to: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The agent answered: words, and data when it has an `output`."""

    text: str
    output: Any = None


@dataclass(frozen=True, slots=True)
class Paused:
    """A person must answer first, and none is there."""

    reason: str


NextStep = RunAgain | HandOff | Finished | Paused


async def take_turn(agent: AgentCall, call_agent: CallAgent) -> NextStep:
    """Take one turn and return what comes next. Raises LimitReached before a call that does not fit what is left."""
    agent.turn += 1
    agent.pot.take_turn(_estimate(agent))
    agent.state.tally.turns += 1
    agent.emit("turn.started")
    response = await ask_model(agent)
    agent.history.append(response.message)
    calls = response.message.calls()
    if calls:
        return await _after_calls(agent, calls, call_agent, response)
    return _after_words(agent, response)


async def _after_calls(agent: AgentCall, calls: Sequence[ToolCall], call_agent: CallAgent, response: ModelResponse) -> NextStep:
    results = await run_calls(agent, calls, call_agent)
    agent.history.append(ToolMessage(results))
    for result in results:
        agent.state.tally.citations.update(dict.fromkeys(citation.label() for citation in result.citations))
    await _watch(agent, calls, results, response.message.text())
    return next((HandOff(to) for call, result in zip(calls, results, strict=True) if (to := _handoff(agent, call, result))), RunAgain())


def _handoff(agent: AgentCall, call: ToolCall, result: ToolResult) -> str | None:
    tool = agent.toolbox.tools.get(call.name)
    return tool.name if tool and tool.kind == "handoff" and not result.is_error else None


def _after_words(agent: AgentCall, response: ModelResponse) -> NextStep:
    text = response.message.text()
    if response.stop == "pause":
        return RunAgain()
    if response.stop == "refusal":
        raise ContentFiltered(f"the model refused: {text or 'no reason given'}")
    if response.stop == "max_tokens":
        agent.emit("warning.raised", "max_tokens", message="the answer was cut at max_output_tokens")
    if agent.node.output is None:
        return Finished(text)
    found = answer.read(text, agent.node.output)
    if found.wrong is None:
        return Finished(text, found.output)
    if agent.repaired:
        raise AgentRunError(f"the answer of `{agent.node.name}` does not fit its `output`, twice: {found.wrong}")
    agent.repaired = True
    say(agent, UserMessage((TextPart(answer.repair(found.wrong)),)), "repair")
    return RunAgain()


def say(agent: AgentCall, message: Message, key: str = "") -> None:
    """Put a message into the history and tell it."""
    agent.history.append(message)
    agent.emit("message.added", key, message=to_data(message))


async def _watch(agent: AgentCall, calls: Sequence[ToolCall], results: Sequence[ToolResult], words: str) -> None:
    pairs = zip(calls, results, strict=True)
    seen = [agent.loops.saw_call(call, result, exists=call.name in agent.toolbox.tools) for call, result in pairs]
    loops = [loop for loop in (*seen, agent.loops.saw_text(words)) if loop is not None]
    for number, loop in enumerate(loops):
        agent.emit("loop.suspected", str(number), pattern=loop.pattern, evidence=loop.evidence, response=loop.response)
    if worst := next((loop for loop in loops if loop.response == "stop"), None):
        await _go_on(agent, worst)
    elif loops:
        _warn(agent, loops)


async def _go_on(agent: AgentCall, loop: Loop) -> None:
    """Ask the person whether a loop may go on. Raises LimitReached when not, or when nobody is there."""
    text = f"`{agent.node.name}` goes in circles: {loop.evidence}"
    with agent.pot.waiting():
        answer = await agent.state.channel.ask(Question(agent.event_id("loop"), f"{text}. Let it go on?", ("stop", "go on")))
    if answer != "go on":
        raise LimitReached(text, stop_reason="loop", hint="say more exactly what is wanted, or see `limits: {repeats: …}`")
    agent.loops.forgive()


def _warn(agent: AgentCall, loops: Sequence[Loop]) -> None:
    evidence = "; ".join(loop.evidence for loop in loops)
    text = f"You are repeating yourself: {evidence}. Do something else, or answer with what you have."
    say(agent, UserMessage((TextPart(text),)), "loop")


def _estimate(agent: AgentCall) -> int:
    """Return about how many tokens the next request has, 4 characters each; 0 when no limit asks for it."""
    if agent.pot.limits.tokens is None:
        return 0
    last = agent.history[-1]
    size = sum(len(str(message)) for message in agent.history) if not isinstance(last, AssistantMessage) else 0
    return (size + len(agent.system)) // 4
