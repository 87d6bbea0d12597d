"""The journal: what is on disk before what, resuming at every point, retries, interruption."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from runner import registry
from runner.channel import Headless
from runner.executor import conversation
from runner.messages import AssistantMessage
from tests.executor.kit import Functions, World, agent, scripts

if TYPE_CHECKING:
    from runner.events import Event


def calls(*names: str) -> dict:
    return {"calls": [{"tool": name, "with": {"n": number}} for number, name in enumerate(names)]}


STEPS = [calls("t_write"), calls("t_read", "t_read", "t_write"), calls("t_write", "t_write"), {"say": "all done"}]


LAST = 27
"""How many events the whole run has; every shorter beginning is resumed."""


class Effects:
    """Writes and reads that remember that they ran."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.tools = Functions(self.read, self.write, effects={"read": "read"})
        self.tools.functions = {"read": self.read, "write": self.write}

    def read(self, n: int) -> str:
        return f"read {n}"

    def write(self, n: int, context) -> str:
        self.done.append(context.call_id)
        return f"wrote {n}"


class Recording:
    """A memory store that remembers its appends and can refuse to go on after some number of them."""

    def __init__(self) -> None:
        self.inner = registry.open_store("memory")
        self.appends: list[list[str]] = []

    def __getattr__(self, name: str):
        return getattr(self.inner, name)

    async def append(self, session: str, expected_seq: int, events: list[Event]) -> int:
        self.appends.append([event.kind for event in events])
        return await self.inner.append(session, expected_seq, events)


async def fresh(world: World, events: tuple[Event, ...] = ()) -> None:
    """Give a world a store of its own that holds these events of session `s1`."""
    store = Recording()
    await store.open()
    await store.create("s1", agent="a", project="/p")
    if events:
        await store.inner.append("s1", 0, events)
    world.store = store


async def test_events_between_two_effects_are_one_append() -> None:
    """A model call and the calls it asks for each follow exactly one append, and nothing is shown as done that is not kept."""
    world = World([agent()], [calls("t_read", "t_read"), {"say": "ok"}], {"t": Effects().tools})
    await fresh(world)
    await world.run()
    assert world.store.appends == [
        ["run.started", "message.added", "turn.started"],
        ["model.called", "model.answered", "tool.called", "tool.called"],
        ["tool.answered", "tool.answered", "turn.started"],
        ["model.called", "model.answered", "run.stopped"],
    ]


async def whole_run() -> tuple[tuple[Event, ...], list[str]]:
    effects = Effects()
    world = World([agent()], STEPS, {"t": effects.tools})
    await fresh(world)
    result = await world.run()
    assert result.result == "all done"
    return await world.store.load("s1"), effects.done


@pytest.mark.parametrize("kept", range(1, LAST))
async def test_a_run_resumed_at_any_event_finishes_and_repeats_no_finished_step(kept: int) -> None:
    """Whatever the last event on disk was: the same end, no finished write again, none left out (a write in flight is asked about)."""
    events, done = await whole_run()
    if kept >= len(events):
        pytest.fail("LAST is larger than the run")
    before = events[:kept]
    answered = [e.data["result"]["call_id"] for e in before if e.kind == "tool.answered"]
    in_flight = [e.data["call"]["id"] for e in before if e.kind == "tool.called" and e.data["effect"] == "write"]
    in_flight = [call for call in in_flight if call not in answered]
    effects = Effects()
    world = World([agent()], STEPS, {"t": effects.tools})
    await fresh(world, before)
    result = await world.run(resume=True)
    assert result.result == "all done"
    assert effects.done == [call for call in done if call not in answered and call not in in_flight]
    assert (result.stop_reason, len(result.denied)) == (("denied", len(in_flight)) if in_flight else ("done", 0))
    ids = [event.id for event in await world.store.load("s1")]
    assert len(ids) == len(set(ids))


async def test_a_yes_from_before_a_crash_does_not_hold_for_a_write_in_flight() -> None:
    """The write was allowed and may have happened: it is asked about again, and the model reads why it was not repeated."""
    tools = Effects().tools
    tools.approve = "ask"
    first = World([agent()], STEPS, {"t": tools}, channel=Headless(yes=True))
    await fresh(first)
    await first.run()
    events = await first.store.load("s1")
    called = next(number for number, event in enumerate(events, 1) if event.kind == "tool.called")
    effects = Effects()
    effects.tools.approve = "ask"
    world = World([agent()], STEPS, {"t": effects.tools})
    await fresh(world, events[:called])
    result = await world.run(resume=True)
    assert (result.stop_reason, effects.done) == ("denied", [])
    assert "may have happened already" in world.results()[0]


async def test_the_number_of_events_is_covered_by_the_resume_test() -> None:
    """The range above reaches the last event but one, so that no point is left out."""
    events, _ = await whole_run()
    assert len(events) == LAST


async def test_an_answer_that_breaks_off_is_taken_back_and_made_again() -> None:
    """After a shown delta the turn is reset; the stored message is the second one only."""
    steps = [{"say": "Half an ans", "error": {"kind": "cut", "after": 4, "retry_after": "0ms"}}, {"say": "Whole."}]
    world = World([agent(tools=())], steps)
    world.channel.watched = True
    result = await world.run()
    assert result.result == "Whole."
    kinds = world.kinds()
    assert kinds.index("text.delta") < kinds.index("turn.reset") < kinds.index("model.retried")
    assert [e.data["kind"] for e in world.events if e.kind == "model.retried"] == ["cut"]


async def test_the_next_model_of_the_list_answers_when_the_first_cannot() -> None:
    """A refused key is not retried; the fallback is told."""
    providers = scripts(m=[{"error": {"kind": "auth"}}], n=[{"say": "second"}])
    world = World([agent(tools=(), models=("s/m", "s/n"))], providers=providers)
    result = await world.run()
    assert (result.result, result.model) == ("second", "s/n")
    assert "model.fell_back" in world.kinds()
    assert "model.retried" not in world.kinds()


async def test_the_last_models_trouble_is_the_runs_end() -> None:
    """Without a fallback the operator's problem ends the run with exit code 4."""
    result = await World([agent(tools=())], [{"error": {"kind": "quota"}}]).run()
    assert (result.stop_reason, result.exit_code, result.error.kind) == ("provider", 4, "quota")


async def test_an_interrupted_answer_is_kept_and_marked() -> None:
    """What was shown stays in the history, marked as cut; the session can go on."""
    world = World([agent(tools=())], [{"when": {"message": "go"}, "say": "one two three four", "pace": "20ms"}, {"say": "on we go"}])
    world.channel.watched = True
    task = asyncio.ensure_future(world.run())
    while "text.delta" not in world.kinds():
        await asyncio.sleep(0.001)
    task.cancel()
    result = await task
    assert (result.stop_reason, result.exit_code) == ("interrupted", 130)
    last = conversation.read(await world.store.load("s1")).messages[-1]
    assert isinstance(last, AssistantMessage)
    assert last.cut
    assert (await world.run("go on")).result == "on we go"


async def test_a_tool_cut_in_the_middle_has_a_stand_in_result() -> None:
    """Every call in the history has a result, so that any vendor takes the conversation back."""
    begun = asyncio.Event()

    async def forever() -> None:
        begun.set()
        await asyncio.Event().wait()

    world = World([agent()], [{"calls": [{"tool": "t_forever", "with": {}}]}, {"say": "back"}], {"t": Functions(forever)})
    task = asyncio.ensure_future(world.run())
    await begun.wait()
    task.cancel()
    assert (await task).stop_reason == "interrupted"
    messages = conversation.read(await world.store.load("s1")).messages
    assert "interrupted" in messages[-1].results[0].text()
    assert (await world.run("again")).result == "back"
