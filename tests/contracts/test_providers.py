"""What every provider promises, asked of each file in `runner/providers` through a fake vendor of its own in `tests/contracts/providers`."""

from __future__ import annotations

import asyncio
import importlib
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

import pytest
from pydantic import ValidationError

from runner import registry
from runner.errors import (
    AuthError,
    BadRequestError,
    ContentFiltered,
    ContextOverflow,
    ProviderError,
    QuotaError,
    TransientError,
)
from runner.executor.fold import Folder
from runner.messages import (
    AssistantMessage,
    ModelRequest,
    ReasoningDelta,
    ReasoningPart,
    Stopped,
    TextDelta,
    TextPart,
    ToolCall,
    ToolDefinition,
    ToolMessage,
    ToolResult,
    Usage,
    UserMessage,
)
from tests.contracts.providers._kit import KEY, Answer

if TYPE_CHECKING:
    from runner.messages import Message, ModelEvent, ModelResponse
    from tests.contracts.providers._kit import Fake, Vendor

NAMES = registry.type_names("providers")
TYPES = tuple(name for name in NAMES if registry.runnable("providers", name))
"""Those that have `open`. The others are checked and refused when a run reaches them; of them only the settings are asked here."""

LIMIT = 10
"""Seconds after which a test has hung."""

TOOLS = tuple(
    ToolDefinition(name, f"Ask {name}.", {"type": "object", "properties": {"x": {"type": "integer"}}, "additionalProperties": False})
    for name in ("alpha", "beta", "gamma")
)


@pytest.fixture(params=TYPES)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """The fake of one provider type: a file beside this one, named as the provider's file."""
    return cast("Vendor", importlib.import_module(f"tests.contracts.providers.{request.param.replace('-', '_')}"))


def ask(*messages: Message, model: str = "fake") -> ModelRequest:
    return ModelRequest(model, "Be brief.", messages or (UserMessage((TextPart("Hello?"),)),), tools=TOOLS, session="s", agent="a")


async def collect(fake: Fake, request: ModelRequest) -> list[ModelEvent]:
    async with asyncio.timeout(LIMIT):
        return [event async for event in fake.provider.stream(request)]


async def answer(fake: Fake, request: ModelRequest | None = None) -> ModelResponse:
    folder = Folder("fake/m")
    for event in await collect(fake, request or ask(model=fake.model)):
        folder.feed(event)
    return folder.response()


def test_there_are_providers() -> None:
    """An empty listing would make this suite say nothing."""
    assert {"scripted", "openai-chat", "anthropic"} <= set(TYPES)


async def test_what_is_streamed_is_what_is_folded(vendor: Vendor) -> None:
    """The deltas, joined, are the message; they come in several pieces, and `Stopped` is last."""
    text = "One two three,\n\nfour – fünf 六 and a tail."
    async with vendor.serve([Answer(text)]) as fake:
        events = await collect(fake, ask(model=fake.model))
    deltas = [event.text for event in events if isinstance(event, TextDelta)]
    assert "".join(deltas) == text
    assert len(deltas) > 1
    assert isinstance(events[-1], Stopped)
    assert events[-1].reason == "end"
    assert sum(isinstance(event, Stopped) for event in events) == 1


async def test_thoughts_are_reasoning_and_come_before_the_words(vendor: Vendor) -> None:
    """What a model thinks is never part of its text."""
    async with vendor.serve([Answer("Oslo.", thought="Which city? The one in Norway.")]) as fake:
        response = await answer(fake)
    assert [type(part) for part in response.message.parts] == [ReasoningPart, TextPart]
    assert response.message.parts[0].text == "Which city? The one in Norway."
    assert response.message.text() == "Oslo."


async def test_a_thought_is_shown_as_it_comes(vendor: Vendor) -> None:
    """Reasoning is streamed too."""
    async with vendor.serve([Answer("Oslo.", thought="Which city? Oslo.")]) as fake:
        events = await collect(fake, ask(model=fake.model))
    assert "".join(event.text for event in events if isinstance(event, ReasoningDelta)) == "Which city? Oslo."


async def test_parallel_calls_keep_order_ids_and_raw_arguments(vendor: Vendor) -> None:
    """Three calls of one answer arrive as three, each with an id of its own and its arguments to the letter, broken JSON included."""
    calls = (("call_A", "alpha", '{"x": 1}'), ("call_B", "beta", '{"x": '), ("call_C", "alpha", "{}"))
    async with vendor.serve([Answer("Let me look.", calls=calls)]) as fake:
        response = await answer(fake)
    found = response.message.calls()
    assert [(call.name, call.arguments) for call in found] == [(name, arguments) for _, name, arguments in calls]
    assert len({call.id for call in found}) == 3
    assert response.stop == "tool_calls"
    assert response.message.text() == "Let me look."
    if fake.keeps_ids:
        assert [call.id for call in found] == ["call_A", "call_B", "call_C"]


async def test_results_go_back_under_the_ids_of_their_calls(vendor: Vendor) -> None:
    """A tool loop of two requests: the second one carries the calls and their results, paired by id."""
    calls = (("call_A", "alpha", '{"x": 1}'), ("call_B", "beta", '{"x": 2}'))
    async with vendor.serve([Answer(calls=calls), Answer("Done.")]) as fake:
        first = ask(model=fake.model)
        asked = (await answer(fake, first)).message
        results = tuple(ToolResult(call.id, call.name, (TextPart(f"result of {call.name}"),)) for call in asked.calls())
        final = await answer(fake, ask(*first.messages, asked, ToolMessage(results), model=fake.model))
        sent = fake.sent()
    assert final.message.text() == "Done."
    if sent is not None:
        assert all(sent[1].count(text) == 1 for text in ("result of alpha", "result of beta"))
        assert all(sent[1].count(call.id) == 2 for call in asked.calls())


async def test_a_history_with_another_vendors_reasoning_and_broken_arguments_is_taken(vendor: Vendor) -> None:
    """A conversation begun elsewhere goes on: what the vendor cannot read is left out or mended, never an error of ours."""
    foreign = ReasoningPart("secret thought", vendor="elsewhere", opaque={"signature": "zzz"})
    calls = (ToolCall("functions.alpha:0", "alpha", '{"x": '), ToolCall("functions.alpha:1", "alpha", ""))
    results = (
        ToolResult("functions.alpha:0", "alpha", (TextPart("bad arguments"),), is_error=True),
        ToolResult("functions.alpha:1", "alpha", ()),
    )
    history = (
        UserMessage((TextPart("Hello?"),)),
        AssistantMessage((foreign, *calls), "elsewhere/m", "tool_calls"),
        ToolMessage(results),
    )
    async with vendor.serve([Answer("Fine.")]) as fake:
        assert (await answer(fake, ask(*history, model=fake.model))).message.text() == "Fine."
        sent = fake.sent()
    assert sent is None or "secret thought" not in sent[0]


async def test_own_thoughts_go_back_with_the_calls_they_led_to(vendor: Vendor) -> None:
    """A model that thinks between calls finds its thoughts again, once, when it gets the results."""
    thought = "Alpha knows it, I think."
    async with vendor.serve([Answer(thought=thought, calls=(("call_A", "alpha", "{}"),)), Answer("Done.")]) as fake:
        first = ask(model=fake.model)
        asked = (await answer(fake, first)).message
        result = ToolResult(asked.calls()[0].id, "alpha", (TextPart("yes"),))
        await answer(fake, ask(*first.messages, asked, ToolMessage((result,)), model=fake.model))
        sent = fake.sent()
    assert sent is None or (thought not in sent[0] and sent[1].count(thought) == 1)


async def test_words_may_follow_results_and_blank_words_harm_nothing(vendor: Vendor) -> None:
    """A warning after the results of a turn, an answer that was cut before its first word, an empty line: all are taken."""
    history = (
        UserMessage((TextPart("Hello?"), TextPart(" "))),
        AssistantMessage((TextPart(""), ToolCall("x1", "alpha", "{}")), "elsewhere/m", "tool_calls"),
        ToolMessage((ToolResult("x1", "alpha", (TextPart(""), TextPart("yes"))),)),
        UserMessage((TextPart("You repeat yourself."),)),
        AssistantMessage((TextPart("\n"),), "elsewhere/m", cut=True),
        UserMessage((TextPart("Go on."),)),
    )
    async with vendor.serve([Answer("Fine.")]) as fake:
        assert (await answer(fake, ask(*history, model=fake.model))).message.text() == "Fine."
        sent = fake.sent()
    assert sent is None or all(words in sent[0] for words in ("You repeat yourself.", "Go on."))


async def test_usage_is_reported(vendor: Vendor) -> None:
    """Tokens arrive with their cached and reasoning parts."""
    usage = Usage(120, 9, 100, 4)
    async with vendor.serve([Answer("Yes.", usage=usage)]) as fake:
        assert (await answer(fake)).usage == usage


async def test_usage_that_is_not_told_is_unknown(vendor: Vendor) -> None:
    """Unknown is None, never zero."""
    async with vendor.serve([Answer("Yes.")]) as fake:
        assert (await answer(fake)).usage == Usage()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("auth", AuthError),
        ("quota", QuotaError),
        ("bad_request", BadRequestError),
        ("content_filter", ContentFiltered),
        ("context_overflow", ContextOverflow),
    ],
)
async def test_what_will_not_pass_is_a_provider_error(vendor: Vendor, kind: str, error: type[ProviderError]) -> None:
    """Errors that repeating cannot help have the type of who must act."""
    async with vendor.serve([Answer(error=kind)]) as fake:
        with pytest.raises(ProviderError) as caught:
            await answer(fake)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded", "unavailable"])
async def test_what_may_pass_is_transient_and_not_repeated_here(vendor: Vendor, kind: str) -> None:
    """One request is one request: repeating is decided elsewhere, with the vendor's wish."""
    async with vendor.serve([Answer(error=kind, retry_after=7), Answer("Yes.")]) as fake:
        with pytest.raises(TransientError) as caught:
            await answer(fake)
        assert (caught.value.kind, caught.value.retry_after) == (kind, 7.0)
        assert fake.asked() == 1
        assert (await answer(fake)).message.text() == "Yes."


async def test_a_vendor_without_a_wish_leaves_the_wait_to_us(vendor: Vendor) -> None:
    """No header, no `retry_after`."""
    async with vendor.serve([Answer(error="rate_limit")]) as fake:
        with pytest.raises(TransientError) as caught:
            await answer(fake)
    assert caught.value.retry_after is None


async def test_a_stream_that_breaks_off_is_transient(vendor: Vendor) -> None:
    """Words that came before the break were shown; the error says `cut`."""
    shown = ""
    async with vendor.serve([Answer("One two three four five six.", cut=13)]) as fake:
        with pytest.raises(TransientError) as caught:
            async for event in fake.provider.stream(ask(model=fake.model)):
                shown += event.text if isinstance(event, TextDelta) else ""
    assert caught.value.kind == "cut"
    assert shown
    assert "One two three four five six.".startswith(shown)


async def test_closing_the_iterator_gives_the_request_up(vendor: Vendor) -> None:
    """A person who looks away costs nothing more: the vendor sees the connection go."""
    async with vendor.serve([Answer("One two three", hold=True)]) as fake, asyncio.timeout(LIMIT):
        async with aclosing(fake.provider.stream(ask(model=fake.model))) as events:  # pyright: ignore[reportArgumentType]
            assert isinstance(await anext(events), TextDelta)
        await fake.cancelled()


async def test_cancelling_the_task_gives_the_request_up(vendor: Vendor) -> None:
    """A cancelled turn leaves no request behind."""
    first = asyncio.Event()

    async def listen(fake: Fake) -> None:
        async for _ in fake.provider.stream(ask(model=fake.model)):
            first.set()

    async with vendor.serve([Answer("One two three", hold=True)]) as fake, asyncio.timeout(LIMIT):
        task = asyncio.create_task(listen(fake))
        await first.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await fake.cancelled()


async def test_eight_requests_at_once_do_not_mix(vendor: Vendor) -> None:
    """One provider serves all agents of a process."""
    texts = [f"Answer number {number} of eight." for number in range(8)]
    async with vendor.serve([Answer(text) for text in texts]) as fake:
        found = await asyncio.gather(*(answer(fake, ask(model=fake.model)) for _ in range(8)))
    assert sorted(response.message.text() for response in found) == texts


@pytest.mark.parametrize("kind", ["auth", "rate_limit", "bad_request"])
async def test_no_error_shows_the_key(vendor: Vendor, kind: str) -> None:
    """Even when the vendor repeats it."""
    async with vendor.serve([Answer(error=kind)]) as fake:
        with pytest.raises((ProviderError, TransientError)) as caught:
            await answer(fake)
    assert KEY not in f"{caught.value} {caught.value.hint} {caught.value!r}"


async def test_closing_twice_is_harmless(vendor: Vendor) -> None:
    """Also before anything was asked."""
    async with vendor.serve([Answer("Yes.")]) as fake:
        await answer(fake)
        await fake.provider.close()
        await fake.provider.close()
    async with vendor.serve([]) as fake:
        await fake.provider.close()


async def test_capabilities_need_no_network(vendor: Vendor) -> None:
    """What a model can do is known without asking."""
    async with vendor.serve([]) as fake:
        assert fake.provider.capabilities(fake.model).tools
        assert fake.asked() == 0


@pytest.mark.parametrize("name", NAMES)
def test_settings_refuse_what_they_do_not_know(name: str) -> None:
    """A mistyped key is an error, and no value is shown in it."""
    with pytest.raises(ValidationError) as caught:
        registry.provider_type(name).Settings.model_validate({"api_kye": KEY})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_described(name: str) -> None:
    """Editors show what the class says: each key has a description and an example."""
    fields = registry.provider_type(name).Settings.model_fields
    assert [key for key, field in fields.items() if not field.description or not field.examples] == []
