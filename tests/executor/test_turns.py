"""Turns: the answer, the tool loop, what a model is told when it errs, handoffs and called agents."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from runner.messages import AssistantMessage, ToolMessage
from tests.executor.kit import Functions, World, agent, scripts


def add(a: int, b: int) -> int:
    return a + b


NUMBERS = {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"]}


def call(tool: str, **arguments: object) -> dict:
    return {"tool": tool, "with": arguments}


async def test_an_answer_in_words_ends_the_run() -> None:
    """One turn without calls is the answer; the events tell it in order."""
    world = World([agent(tools=())], [{"say": "Hello.", "usage": {"input": 7, "output": 2}}])
    result = await world.run("hi")
    assert (result.result, result.stop_reason, result.exit_code, result.turns) == ("Hello.", "done", 0, 1)
    assert (result.usage.input, result.usage.output, result.model) == (7, 2, "s/m")
    kinds = [kind for kind in world.kinds() if kind != "text.delta"]
    assert kinds == ["run.started", "message.added", "turn.started", "model.called", "model.answered", "run.stopped"]


async def test_a_tool_result_goes_back_to_the_model() -> None:
    """The result of a call stands after the call, under its id, and templates of the script read its data."""
    world = World([agent()], [{"calls": [call("t_add", a=2, b=3)]}, {"say": "It is ${results.t_add}."}], {"t": Functions(add)})
    result = await world.run()
    assert result.result == "It is 5."
    assert (result.turns, result.tool_calls) == (2, 1)
    history = world.state.root.history
    assert isinstance(history[1], AssistantMessage)
    assert isinstance(history[2], ToolMessage)
    assert history[2].results[0].call_id == history[1].calls()[0].id


async def test_arguments_that_do_not_fit_are_told_to_the_model_and_not_passed_on() -> None:
    """A missing argument and broken JSON reach no tool; the model may mend them."""
    tools = Functions(add)
    steps = [
        {"calls": [call("t_add", a=1)]},
        {"calls": [{"tool": "t_add", "with": "{oops"}]},
        {"calls": [call("t_add", a=1, b=1)]},
        {"say": "2"},
    ]
    world = World([agent()], steps, {"t": tools})
    assert (await world.run()).result == "2"
    assert tools.calls == [("add", {"a": 1, "b": 1})]
    assert "`b`" in world.results()[0]
    assert "not JSON" in world.results()[1]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("[" * 100_000, "nested"),
        ('{"a": ' + "[" * 500 + "]" * 500 + ', "b": 1}', "nested"),
        ('{"a": ' + "9" * 5000 + ', "b": 1}', "too long"),
        ('{"a": NaN, "b": 1}', "NaN"),
        ('{"a": 1e999, "b": 1}', "too large"),
        ('{"a": "\ud800", "b": 1}', "fit"),
    ],
    ids=["open", "deep", "long", "nan", "infinite", "surrogate"],
)
async def test_hostile_arguments_are_told_to_the_model(raw: str, said: str) -> None:
    """What a model writes can neither crash a run nor pass on what is no data."""

    def add(a: int, b: int) -> int:
        return a + b

    tools = Functions(add)
    member = dataclasses.replace(tools.members()[0], input_schema=NUMBERS)
    tools.members = lambda: (member,)
    world = World([agent()], [{"calls": [{"tool": "t_add", "with": raw}]}, {"say": "well"}], {"t": tools})
    assert (await world.run()).result == "well"
    assert said in world.results()[0]
    assert tools.calls == []


async def test_a_tool_that_does_not_exist_is_named_with_the_nearest_one() -> None:
    """The model reads what it could have meant."""
    world = World([agent()], [{"calls": [call("t_ad", a=1)]}, {"say": "ok"}], {"t": Functions(add)})
    await world.run()
    assert world.results() == ["there is no tool `t_ad`; did you mean `t_add`?"]


async def test_a_tool_that_raises_is_a_result_without_traceback() -> None:
    """Type and message reach the model; the run goes on."""

    def broken() -> None:
        raise ValueError("no such order")

    world = World([agent()], [{"calls": [call("t_broken")]}, {"say": "sorry"}], {"t": Functions(broken)})
    assert (await world.run()).result == "sorry"
    assert world.results() == ["ValueError: no such order"]


async def test_reads_of_one_turn_run_together_and_at_most_ten_at_once() -> None:
    """Each read waits until ten have begun, so they can only finish together; the eleventh comes later."""
    running, most, gate = 0, 0, asyncio.Event()

    async def read(n: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 10:
            gate.set()
        await gate.wait()
        running -= 1
        return n

    steps = [{"calls": [call("t_read", n=n) for n in range(12)]}, {"say": "done"}]
    world = World([agent()], steps, {"t": Functions(read, effects={"read": "read"})})
    async with asyncio.timeout(5):
        await world.run()
    assert most == 10
    results = world.state.root.history[2].results
    assert [result.text() for result in results] == [str(n) for n in range(12)]


async def test_writes_run_alone_and_in_order() -> None:
    """A write begins after everything before it has ended, and everything after it waits."""
    trail: list[str] = []

    async def read(n: int) -> int:
        trail.append(f"r{n}")
        await asyncio.sleep(0)
        trail.append(f"/r{n}")
        return n

    async def write(n: int) -> int:
        trail.append(f"w{n}")
        await asyncio.sleep(0)
        trail.append(f"/w{n}")
        return n

    calls = [call("t_read", n=1), call("t_read", n=2), call("t_write", n=3), call("t_write", n=4), call("t_read", n=5)]
    world = World([agent()], [{"calls": calls}, {"say": "ok"}], {"t": Functions(read, write, effects={"read": "read"})})
    await world.run()
    assert trail == ["r1", "r2", "/r1", "/r2", "w3", "/w3", "w4", "/w4", "r5", "/r5"]


async def test_a_handoff_moves_the_conversation_and_keeps_its_history() -> None:
    """The receiver sees what was said, answers, and stays in charge of the session's next run."""
    front = agent("front", tools=(), handoffs=("billing",))
    billing = agent("billing", tools=(), models=("s/b",))
    providers = scripts(
        m=[{"calls": [call("handoff_to_billing", reason="money")]}],
        b=[
            {"when": {"message": "*go*"}, "say": "never"},
            {"when": {"tool": "handoff_to_billing"}, "say": "Billing here."},
            {"say": "Still billing."},
        ],
    )
    world = World([front, billing], providers=providers)
    first = await world.run("go")
    assert (first.result, first.agent) == ("Billing here.", "billing")
    second = await world.run("and now?")
    assert (second.result, second.agent) == ("Still billing.", "billing")


async def test_a_called_agent_answers_as_a_tool_with_an_empty_history() -> None:
    """The callee sees only what it was asked; its use counts in the caller's run."""
    boss = agent("boss", tools=(), agents=("helper",))
    helper = agent("helper", tools=(), models=("s/h",), description="Knows things.")
    providers = scripts(
        m=[{"calls": [call("helper", message="what is 6*7?")], "usage": {"input": 1, "output": 1}}, {"say": "So: ${results.helper}"}],
        h=[{"when": {"message": "what is 6*7?"}, "say": "42", "usage": {"input": 5, "output": 1}}],
    )
    world = World([boss, helper], providers=providers)
    result = await world.run("ask")
    assert result.result == "So: 42"
    assert (result.usage.input, result.turns) == (6, 3)
    assert [bool(event.path) for event in world.events if event.kind == "model.answered"] == [False, True, False]
    assert "agent.called" in world.kinds()
    assert "agent.returned" in world.kinds()


async def test_agents_that_call_each_other_stop_at_the_depth_limit() -> None:
    """An agent that calls itself for ever is told so, and answers."""
    steps = [
        {"when": {"message": "*"}, "calls": [call("a", message="again")], "times": "any"},
        {"when": {"result": "*deep*"}, "say": "enough"},
    ]
    providers = scripts(m=[*steps, {"say": "back", "times": "any"}])
    world = World([agent(tools=(), agents=("a",))], providers=providers)
    result = await world.run("go")
    assert result.stop_reason == "done"
    assert any("3 deep" in text for text in world.results())


async def test_structured_output_is_read_and_checked() -> None:
    """The answer becomes data; a fence around it does no harm."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    world = World([agent(tools=(), output=schema)], [{"say": '```json\n{"n": 3}\n```'}])
    assert (await world.run()).output == {"n": 3}


async def test_a_wrong_answer_is_repaired_once() -> None:
    """The model is told what does not fit and answers again."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}
    world = World([agent(tools=(), output=schema)], [{"say": "three"}, {"when": {"message": "*does not fit*"}, "say": {"n": 3}}])
    assert (await world.run()).output == {"n": 3}


async def test_an_answer_that_is_wrong_twice_fails_the_run() -> None:
    """No third try: the run failed and says what was wrong."""
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    world = World([agent(tools=(), output=schema)], [{"say": "three"}, {"say": "four"}])
    result = await world.run()
    assert (result.stop_reason, result.exit_code) == ("failed", 1)
    assert "twice" in result.error.message


async def test_a_long_output_is_cut_for_the_model_and_kept_whole() -> None:
    """Ten megabytes reach the model as 25,000 characters; the blob has them all."""

    def flood() -> str:
        return "x" * 10_000_000

    world = World([agent()], [{"calls": [call("t_flood")]}, {"say": "much"}], {"t": Functions(flood)})
    await world.run()
    result = world.state.root.history[2].results[0]
    assert len(result.text()) < 26_000
    assert len(await world.store.get_blob(result.blob)) == 10_000_000


async def test_a_long_error_is_cut_like_any_output() -> None:
    """Five million characters of a failure reach the model as 25,000."""

    def flood() -> str:
        raise ValueError("m" * 5_000_000)

    world = World([agent()], [{"calls": [call("t_flood")]}, {"say": "much"}], {"t": Functions(flood)})
    await world.run()
    assert len(world.results()[0]) < 26_000


async def test_a_tool_that_takes_too_long_is_given_up() -> None:
    """The model reads that it timed out; the run goes on."""

    async def forever() -> None:
        await asyncio.Event().wait()

    world = World([agent()], [{"calls": [call("t_forever")]}, {"say": "ok"}], {"t": Functions(forever)})
    graph = world.graph
    world.graph = lambda: _with_timeout(graph())
    assert (await world.run()).result == "ok"
    assert "took longer than 0.01 s" in world.results()[0]


def _with_timeout(graph):
    import dataclasses

    return dataclasses.replace(graph, toolsets={"t": dataclasses.replace(graph.toolsets["t"], timeout=0.01)})


async def test_a_secret_in_a_tools_output_reaches_neither_model_nor_store() -> None:
    """Text and structured data are both cleaned before they are told or kept."""
    from runner import redact

    def leak() -> dict:
        return {"key": "s3cr3t-value-123"}

    redact.register("s3cr3t-value-123", "LEAK")
    try:
        world = World([agent()], [{"calls": [call("t_leak")]}, {"say": "ok"}], {"t": Functions(leak)})
        await world.run()
        assert "s3cr3t" not in str([event.data for event in world.events])
        assert world.state.root.history[2].results[0].data == {"key": "[secret:LEAK]"}
    finally:
        redact.clear()
