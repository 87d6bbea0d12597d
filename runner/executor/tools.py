"""Schedules the tool calls of one turn: checks arguments, asks, runs reads together and everything else in order, cuts what is too long."""

from __future__ import annotations

import asyncio
import difflib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner import shapes
from runner.channel import Question
from runner.errors import AgentRunError, ConfigError, LimitReached, StoreError, ToolError, Waiting
from runner.executor import approval, jsontext
from runner.executor.output import to_error, to_result
from runner.messages import FilePart, TextPart, ToolResult, result_data, result_from_data
from runner.tools import CallContext, ToolOutput

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from runner.executor.call import AgentCall
    from runner.executor.toolbox import Tool
    from runner.messages import ToolCall

    CallAgent = Callable[[AgentCall, str, str, Mapping[str, Any]], Awaitable[ToolOutput]]

AT_ONCE = 10
"""How many reads of one turn run at the same time."""


@dataclass(slots=True)
class _Prepared:
    """A call on its way: `result` is set as soon as it is known, without or after running."""

    call: ToolCall
    tool: Tool | None
    arguments: Mapping[str, Any]
    result: ToolResult | None = None


async def run_calls(agent: AgentCall, calls: Sequence[ToolCall], call_agent: CallAgent) -> tuple[ToolResult, ...]:
    """Return the results of all calls, in their order. Every trouble of a tool is a result.

    Raises LimitReached when a pot is empty; calls that still fit its `tool_calls` have been made, the others have a result that says so.
    """
    results: list[ToolResult] = []
    over: list[LimitReached] = []
    for group in _groups(agent, calls):
        prepared = [await _prepare(agent, call, over) for call in group]
        waiting = [item for item in prepared if item.result is None]
        for item in waiting:
            _announce(agent, item)
        if waiting:
            await agent.state.journal.flush()
        gate = asyncio.Semaphore(AT_ONCE)
        await _all(_run(agent, item, call_agent, gate) for item in waiting)
        results.extend(item.result for item in prepared if item.result is not None)
    if over:
        raise over[0]
    return tuple(results)


def _groups(agent: AgentCall, calls: Sequence[ToolCall]) -> Iterator[list[ToolCall]]:
    group: list[ToolCall] = []
    for call in calls:
        tool = agent.toolbox.tools.get(call.name)
        if tool is not None and tool.effect != "read":
            if group:
                yield group
            yield [call]
            group = []
        else:
            group.append(call)
    if group:
        yield group


async def _all(work: Iterator[Awaitable[None]]) -> None:
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _prepare(agent: AgentCall, call: ToolCall, over: list[LimitReached]) -> _Prepared:
    try:
        agent.pot.take_call()
    except LimitReached as limit:
        over.append(limit)
        return _refuse(agent, _Prepared(call, None, {}), f"not made: {limit.message}")
    agent.state.tally.tool_calls += 1
    if past := agent.state.journal.recorded(agent.event_id("tool.answered", call.id)):
        approval.recall(agent, call)
        return _Prepared(call, None, {}, result_from_data(past["result"]))
    tool = agent.toolbox.tools.get(call.name)
    if tool is None:
        return _refuse(agent, _Prepared(call, None, {}), _no_such_tool(agent, call.name))
    prepared = _Prepared(call, tool, {})
    try:
        prepared.arguments = _arguments(tool, call)
    except ToolError as error:
        return _refuse(agent, prepared, error.message)
    if evidence := agent.loops.forbidden(call):
        return _refuse(agent, prepared, f"this call is no longer made: {evidence}; do something else")
    in_flight = tool.effect == "write" and agent.state.journal.recorded(agent.event_id("tool.called", call.id)) is not None
    if denied := await approval.check(agent, tool, call, prepared.arguments, in_flight=in_flight):
        return _refuse(agent, prepared, denied)
    return prepared


def _refuse(agent: AgentCall, prepared: _Prepared, why: str) -> _Prepared:
    call = prepared.call
    prepared.result = ToolResult(call.id, call.name, (TextPart(why),), is_error=True)
    agent.emit("tool.answered", call.id, result=result_data(prepared.result), duration_ms=0)
    return prepared


def _announce(agent: AgentCall, item: _Prepared) -> None:
    assert item.tool is not None
    call = {"id": item.call.id, "name": item.call.name, "arguments": item.call.arguments}
    agent.emit("tool.called", item.call.id, call=call, tool=item.tool.name, effect=item.tool.effect)


async def _run(agent: AgentCall, item: _Prepared, call_agent: CallAgent, gate: asyncio.Semaphore) -> None:
    call, tool = item.call, item.tool
    assert tool is not None
    began = time.monotonic()

    async def effect() -> ToolResult:
        async with gate:
            return await _call(agent, tool, call, item.arguments, call_agent)

    def end(result: ToolResult) -> Any:
        data = {"result": result_data(result), "duration_ms": int((time.monotonic() - began) * 1000)}
        return agent.event("tool.answered", data, call.id)

    item.result = await agent.state.journal.step(
        end, agent.event_id("tool.answered", call.id), effect, lambda data: result_from_data(data["result"])
    )


async def _call(agent: AgentCall, tool: Tool, call: ToolCall, arguments: Mapping[str, Any], call_agent: CallAgent) -> ToolResult:
    try:
        output = await _timed(agent, tool, _output(agent, tool, call, arguments, call_agent))
    except (LimitReached, Waiting, StoreError, ConfigError):
        raise
    except ToolError as error:
        return await to_error(call, error.message, agent.state.put_blob)
    except AgentRunError as error:
        return await to_error(call, f"{error.kind}: {error.message}", agent.state.put_blob)
    except Exception as error:  # noqa: BLE001 – the border to plug-ins: whatever a tool raises is its result, never our crash
        return await to_error(call, f"{type(error).__name__}: {error}", agent.state.put_blob)
    return await to_result(call, output, agent.state.put_blob)


async def _timed(agent: AgentCall, tool: Tool, work: Awaitable[ToolOutput]) -> ToolOutput:
    if tool.timeout is None:
        return await work
    left = agent.pot.seconds_left()
    clock = asyncio.timeout(min(tool.timeout, left))
    try:
        async with clock:
            return await work
    except TimeoutError:
        if not clock.expired():
            raise
        if left <= tool.timeout:
            raise agent.pot.out_of_time() from None
        raise ToolError(f"`{tool.name}` took longer than {tool.timeout:g} s and was given up") from None


async def _output(agent: AgentCall, tool: Tool, call: ToolCall, arguments: Mapping[str, Any], call_agent: CallAgent) -> ToolOutput:
    if tool.toolset is None:
        return ToolOutput((TextPart(f"the conversation is now with {tool.name}"),))
    # Filled in here and not before: what is asked, judged and stored names a secret and never holds it.
    filled = {**arguments, **agent.state.opened.resolve(dict(tool.bound))} if tool.bound else arguments
    return await tool.toolset.call(tool.member, filled, _context(agent, call, call_agent))


def _context(agent: AgentCall, call: ToolCall, call_agent: CallAgent) -> CallContext:
    state = agent.state

    def progress(message: str, done: float | None, total: float | None) -> None:
        agent.emit("tool.progressed", call.id, call_id=call.id, message=message, progress=done, total=total)

    async def put_blob(data: bytes, media_type: str, name: str) -> FilePart:
        return FilePart(name, media_type, await state.put_blob(data))

    async def callee(name: str, inputs: Mapping[str, Any]) -> ToolOutput:
        return await call_agent(agent, call.id, name, inputs)

    async def ask(question: str, choices: tuple[str, ...]) -> str | None:
        with agent.pot.waiting():
            return await state.channel.ask(Question(call.id, question, choices))

    return CallContext(call.id, state.session, state.run, agent.node.name, progress, put_blob, callee, ask)


def _arguments(tool: Tool, call: ToolCall) -> dict[str, Any]:
    try:
        given = jsontext.read(call.arguments or "{}")
    except ValueError as error:
        raise ToolError(f"the arguments are not JSON: {error}; call `{call.name}` again with one JSON object") from None
    if not isinstance(given, dict):
        raise ToolError(f"the arguments must be one JSON object, not {type(given).__name__}")
    wrong = shapes.check(tool.definition.input_schema, given)
    if wrong:
        raise ToolError(f"the arguments do not fit `{call.name}`: " + "; ".join(problem.message for problem in wrong[:5]))
    return {**given, **tool.bound}


def _no_such_tool(agent: AgentCall, name: str) -> str:
    names = sorted(agent.toolbox.tools)
    close = difflib.get_close_matches(name, names, 1)
    hint = f"; did you mean `{close[0]}`?" if close else f"; there are: {', '.join(names)}" if names else "; there are no tools"
    return f"there is no tool `{name}`{hint}"
