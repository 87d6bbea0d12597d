"""Asks whether a tool call may run: policy first, then the person. What was answered is an event and holds after a resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.channel import ApprovalAnswer, ApprovalRequest
from runner.policy import Decision, decide

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.executor.call import AgentCall
    from runner.executor.toolbox import Tool
    from runner.messages import ToolCall

IN_FLIGHT = Decision("ask", "in flight when the run was cut off: it may have happened already")


async def check(agent: AgentCall, tool: Tool, call: ToolCall, arguments: Mapping[str, Any], *, in_flight: bool) -> str | None:
    """Return None when the call may run, else why not, in words for the model."""
    decision = decide(tool.name, arguments, agent.policies, tool.approve)
    if in_flight and decision.verdict != "deny":
        decision = IN_FLIGHT
    if decision.verdict == "allow":
        if not decision.rule.startswith("approve:"):
            _tell(agent, call, ApprovalAnswer("allow", by="policy"), decision)
        return None
    if decision.verdict == "deny":
        _tell(agent, call, ApprovalAnswer("deny", by="policy"), decision)
        return _denied(agent, tool, f"denied by policy ({decision.rule})")
    answer = await _ask(agent, tool, call, arguments, decision)
    if answer.decision == "allow":
        return None
    again = " This call was " + IN_FLIGHT.rule + "; look before you make it again." if in_flight else ""
    if answer.by == "nobody":
        agent.state.tally.unanswered = True
        return _denied(agent, tool, "denied: it needs a person's approval and nobody is there." + again)
    return _denied(agent, tool, "denied by the person" + (f": {answer.words}" if answer.words else ".") + again)


def recall(agent: AgentCall, call: ToolCall) -> None:
    """Count a denial from before a crash again: the run's end tells of it."""
    past = agent.state.journal.recorded(agent.event_id("approval.answered", call.id))
    if past and past["decision"] == "deny":
        tool = agent.toolbox.tools.get(call.name)
        agent.state.tally.denied.append(tool.name if tool else call.name)
        agent.state.tally.unanswered |= past["by"] == "nobody"


async def _ask(agent: AgentCall, tool: Tool, call: ToolCall, arguments: Mapping[str, Any], decision: Decision) -> ApprovalAnswer:
    key = _key(agent, call, decision)
    if past := agent.state.journal.recorded(agent.event_id("approval.answered", key)):
        return ApprovalAnswer(past["decision"], by=past["by"], words=past.get("words", ""))
    remembered = tool.name in agent.state.allowed and decision.rule == f"approve: {tool.approve}" and tool.approve == "ask"
    if remembered:
        answer = ApprovalAnswer("allow", by="person", remember="session")
    else:
        answer = await _put_question(agent, tool, call, arguments, decision=decision, key=key)
    if answer.decision == "allow" and answer.remember == "session":
        agent.state.allowed.add(tool.name)
    _tell(agent, call, answer, decision, key)
    return answer


async def _put_question(
    agent: AgentCall, tool: Tool, call: ToolCall, arguments: Mapping[str, Any], *, decision: Decision, key: str
) -> ApprovalAnswer:
    request = ApprovalRequest(call.id, tool.name, agent.node.name, tool.effect, arguments, decision.rule, decision.where or tool.source)
    shown = {"id": call.id, "name": call.name, "arguments": dict(arguments)}
    agent.emit("approval.asked", key, call=shown, tool=tool.name, rule=decision.rule, where=request.where)
    async with agent.state.asking:
        with agent.pot.waiting():
            return await agent.state.channel.approve(request)


def _key(agent: AgentCall, call: ToolCall, decision: Decision) -> str:
    """Return under which key an answer is kept. A call in flight is asked about anew after every crash: no earlier yes holds for it."""
    if decision is not IN_FLIGHT:
        return call.id
    times = 1
    while agent.state.journal.recorded(agent.event_id("approval.answered", f"{call.id}:again{times}")):
        times += 1
    return f"{call.id}:again{times}"


def _tell(agent: AgentCall, call: ToolCall, answer: ApprovalAnswer, decision: Decision, key: str = "") -> None:
    agent.emit(
        "approval.answered",
        key or call.id,
        call_id=call.id,
        decision=answer.decision,
        by=answer.by,
        rule=decision.rule,
        words=answer.words,
    )


def _denied(agent: AgentCall, tool: Tool, why: str) -> str:
    agent.state.tally.denied.append(tool.name)
    return why
