"""Limits, approvals and loops: how runs stop, and that they say why."""

from __future__ import annotations

import asyncio
import time

from runner.channel import ApprovalAnswer, Headless
from runner.graph import Limits, Policy
from tests.executor.kit import Functions, World, agent, rules, scripts


def ping() -> str:
    return "pong"


PING = {"calls": [{"tool": "t_ping", "with": {}}]}


class Person(Headless):
    """Somebody who gives prepared answers and remembers the questions."""

    def __init__(self, *answers: ApprovalAnswer) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[str] = []

    async def approve(self, request):
        self.asked.append(request.tool)
        await asyncio.sleep(0.03)
        return self.answers.pop(0)


async def test_turns_run_out() -> None:
    """The turn that would be too many is not made."""
    world = World([agent(limits=Limits(turns=3))], [{**PING, "times": "any"}], {"t": Functions(ping)})
    result = await world.run()
    assert (result.stop_reason, result.exit_code, result.turns) == ("limit.turns", 6, 3)
    assert "3 turns" in result.error.message
    assert result.error.hint


async def test_tool_calls_run_out() -> None:
    """The call that would be too many is not made."""
    tools = Functions(ping)
    world = World([agent(limits=Limits(tool_calls=2))], [{**PING, "times": "any"}], {"t": tools})
    assert (await world.run()).stop_reason == "limit.tool_calls"
    assert len(tools.calls) == 2


async def test_of_parallel_calls_those_that_fit_are_made_and_the_others_are_said_not_to_be() -> None:
    """Three reads with room for two: two results, one that says why it was not made, and a count of what happened."""
    tools = Functions(ping, effects={"ping": "read"})
    world = World([agent(limits=Limits(tool_calls=2))], [{"calls": [*PING["calls"] * 3]}, {"say": "no"}], {"t": tools})
    result = await world.run()
    assert (result.stop_reason, result.tool_calls, len(tools.calls)) == ("limit.tool_calls", 2, 2)
    assert sorted(world.results())[1:] == ["pong", "pong"]
    assert world.results()[0].startswith("not made: `a` reached its limit of 2 tool calls")


async def test_time_runs_out_while_a_tool_works() -> None:
    """The run ends by its own clock, not by the tool's."""

    async def forever() -> None:
        await asyncio.Event().wait()

    world = World([agent(limits=Limits(time=0.05))], [{"calls": [{"tool": "t_forever", "with": {}}]}], {"t": Functions(forever)})
    assert (await world.run()).stop_reason == "limit.time"


async def test_time_runs_out_while_the_model_thinks() -> None:
    """A model that never answers is left."""
    world = World([agent(tools=(), limits=Limits(time=0.05))], [{"say": "late", "delay": "1m"}])
    assert (await world.run()).stop_reason == "limit.time"


async def test_waiting_for_a_person_takes_no_time_out_of_the_pot() -> None:
    """What the person took to think is missing from the time that counted."""
    person = Person(ApprovalAnswer("allow"))
    world = World([agent(limits=Limits(time=60))], [PING, {"say": "ok"}], {"t": Functions(ping, approve="ask")}, channel=person)
    began = time.monotonic()
    assert (await world.run()).stop_reason == "done"
    counted = 60 - world.state.root.pot.seconds_left()
    assert time.monotonic() - began - counted >= 0.03


async def test_tokens_are_one_pot_with_called_agents() -> None:
    """What the callee used stops the caller."""
    providers = scripts(
        m=[{"calls": [{"tool": "h", "with": {"message": "x"}}], "usage": {"input": 10, "output": 0}}, {"say": "no"}],
        h=[{"say": "used much", "usage": {"input": 1000, "output": 0}}],
    )
    world = World([agent(tools=(), agents=("h",), limits=Limits(tokens=1000)), agent("h", tools=(), models=("s/h",))], providers=providers)
    assert (await world.run()).stop_reason == "limit.tokens"


async def test_a_called_agents_own_ceiling_is_an_answer_to_the_caller() -> None:
    """The callee stops, the caller reads why and goes on."""
    providers = scripts(m=[{"calls": [{"tool": "h", "with": {"message": "x"}}]}, {"say": "fine"}], h=[{**PING, "times": "any"}])
    helper = agent("h", models=("s/h",), limits=Limits(turns=2))
    world = World([agent(tools=(), agents=("h",)), helper], providers=providers, toolsets={"t": Functions(ping)})
    result = await world.run()
    assert (result.result, result.stop_reason) == ("fine", "done")
    assert "h stopped" in world.results()[-1]


async def test_nobody_there_means_denied_and_exit_code_5() -> None:
    """The model is told, the run goes on, the end says what was denied."""
    tools = Functions(ping, approve="ask")
    world = World([agent()], [PING, {"say": "then not"}], {"t": tools})
    result = await world.run()
    assert (result.result, result.stop_reason, result.exit_code, result.denied) == ("then not", "denied", 5, ("t.ping",))
    assert tools.calls == []
    assert "nobody is there" in world.results()[0]


async def test_yes_answers_asks_and_never_denies() -> None:
    """The flag allows what asks; a deny rule holds."""
    asks = World([agent()], [PING, {"say": "ok"}], {"t": Functions(ping, approve="ask")}, channel=Headless(yes=True))
    assert (await asks.run()).stop_reason == "done"
    denies = World([agent()], [PING, {"say": "ok"}], {"t": Functions(ping)}, channel=Headless(yes=True), policy=Policy(deny=rules("t.*")))
    result = await denies.run()
    assert (result.stop_reason, result.denied) == ("done", ("t.ping",))
    assert "deny: t.*" in denies.results()[0]


async def test_an_answer_for_the_session_is_not_asked_again() -> None:
    """Once for the session is enough; the words of a denial reach the model."""
    person = Person(ApprovalAnswer("allow", remember="session"))
    world = World([agent()], [PING, PING, {"say": "ok"}], {"t": Functions(ping, approve="ask")}, channel=person)
    assert (await world.run()).stop_reason == "done"
    assert person.asked == ["t.ping"]


async def test_a_persons_words_go_to_the_model() -> None:
    """A denial with words is a result the model can act on, and no failure of the run."""
    person = Person(ApprovalAnswer("deny", words="use the other one"))
    world = World([agent()], [PING, {"say": "ok"}], {"t": Functions(ping, approve="ask")}, channel=person)
    result = await world.run()
    assert (result.stop_reason, result.denied) == ("done", ("t.ping",))
    assert "use the other one" in world.results()[0]


async def test_the_policy_of_the_caller_holds_for_the_called_agent() -> None:
    """An agent cannot do through another what it may not do itself."""
    providers = scripts(m=[{"calls": [{"tool": "h", "with": {"message": "x"}}]}, {"say": "end"}], h=[PING, {"say": "could not"}])
    boss = agent(tools=(), agents=("h",), policy=Policy(deny=rules("t")))
    tools = Functions(ping)
    await World([boss, agent("h", models=("s/h",))], providers=providers, toolsets={"t": tools}).run()
    assert tools.calls == []


async def test_the_policy_of_the_one_who_handed_over_ends_and_the_projects_stays() -> None:
    """After a handoff the receiver's own policy and the project's apply."""
    providers = scripts(m=[{"calls": [{"tool": "handoff_to_b", "with": {}}]}], b=[PING, {"say": "end"}])
    front = agent(tools=(), handoffs=("b",), policy=Policy(deny=rules("t")))
    tools = Functions(ping)
    await World([front, agent("b", models=("s/b",))], providers=providers, toolsets={"t": tools}).run()
    assert len(tools.calls) == 1
    denied = Functions(ping)
    await World([front, agent("b", models=("s/b",))], providers=providers, toolsets={"t": denied}, policy=Policy(deny=rules("t"))).run()
    assert denied.calls == []


async def test_the_same_call_with_the_same_result_is_warned_forbidden_and_stopped() -> None:
    """Five identical calls bring a warning, then the call is forbidden, then the run stops."""
    tools = Functions(ping)
    world = World([agent(limits=Limits(turns=50))], [{**PING, "times": "any"}], {"t": tools})
    result = await world.run()
    assert (result.stop_reason, result.exit_code) == ("loop", 6)
    assert [event.data["response"] for event in world.events if event.kind == "loop.suspected"] == ["warn", "forbid", "stop"]
    assert len(tools.calls) == 6


async def test_a_person_may_let_a_loop_go_on() -> None:
    """Who is there is asked before the run stops; "go on" forgives what was held against the agent."""

    class Patient(Headless):
        async def ask(self, question):
            return question.choices[1]

    steps = [{**PING, "times": 8}, {"say": "got there"}]
    world = World([agent()], steps, {"t": Functions(ping)}, channel=Patient())
    assert (await world.run()).result == "got there"


async def test_a_changed_result_is_progress() -> None:
    """Polling whose result changes is never stopped."""
    count = iter(range(100))

    def poll() -> str:
        return f"{next(count)} %"

    steps = [{"calls": [{"tool": "t_poll", "with": {}}], "times": 15}, {"say": "done"}]
    world = World([agent()], steps, {"t": Functions(poll)})
    assert (await world.run()).stop_reason == "done"
    assert "loop.suspected" not in world.kinds()


async def test_two_calls_in_turn_are_seen_as_a_loop() -> None:
    """Three cycles of the same pair with the same results bring the warning."""

    def tick() -> str:
        return "tock"

    pair = [{"calls": [{"tool": "t_ping", "with": {}}]}, {"calls": [{"tool": "t_tick", "with": {}}]}]
    world = World([agent()], [*pair, *pair, *pair, {"say": "ok"}], {"t": Functions(ping, tick)})
    assert (await world.run()).stop_reason == "done"
    assert [event.data["pattern"] for event in world.events if event.kind == "loop.suspected"] == ["alternating"]
