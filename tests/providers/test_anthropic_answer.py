"""What the anthropic provider makes of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.errors import ContextOverflow
from runner.messages import CallDelta, CallStarted, ReasoningDelta, ReasoningDone, ReasoningPart, TextPart, ToolCall, Usage
from tests.providers.anthropic_kit import fold, serving
from tests.providers.kit import request
from tests.wire.anthropic_server import Reply, block, message_end, message_start, whole

TEXT = {"type": "text", "text": ""}
CALLED = ToolCall("toolu_1", "t", '{"x":1}')


def stream(*blocks: Any, stop: str | None = "end_turn") -> Reply:
    """A reply of these blocks, each `(start, *deltas)`."""
    events = [event for index, (start, *deltas) in enumerate(blocks) for event in block(index, start, *deltas)]
    return Reply(events=(message_start(), *events, *message_end(stop)))


def call(given: Any = None, *pieces: str) -> tuple[dict[str, Any], ...]:
    start = {"type": "tool_use", "id": "toolu_1", "name": "t", "input": given or {}}
    return (start, *({"type": "input_json_delta", "partial_json": piece} for piece in pieces))


async def events_of(reply: Reply) -> list[Any]:
    async with serving(reply) as (_, made):
        return [event async for event in made.stream(request())]


@pytest.mark.parametrize(
    ("sent", "arguments"),
    [
        (call(None, "", '{"x"', ":1}"), '{"x":1}'),
        (call({"x": 1}), '{"x":1}'),
        (call(None, ""), "{}"),
        (call(), "{}"),
        (call(None, '{"x": '), '{"x": '),
    ],
    ids=["in pieces", "in one piece", "empty", "none", "cut"],
)
async def test_a_calls_arguments_are_kept_to_the_letter(sent: Any, arguments: str) -> None:
    """Streamed, sent at once, or none at all, which is an empty object."""
    async with serving(stream(sent, stop="tool_use")) as (_, made):
        response = await fold(made)
    assert response.message.calls() == (ToolCall("toolu_1", "t", arguments),)
    assert response.stop == "tool_calls"


async def test_a_call_is_announced_before_its_arguments_are_complete() -> None:
    """A person sees what is about to happen."""
    found = await events_of(stream(call(None, '{"x":', "1}"), stop="tool_use"))
    assert found[:3] == [CallStarted(0, "toolu_1", "t"), CallDelta(0, '{"x":'), CallDelta(0, "1}")]


async def test_blocks_that_interleave_stay_apart_and_in_order() -> None:
    """Two calls whose arguments come mixed, with words before and after."""
    first, second = (block(index, *call(None, f'{{"x":{index}}}')) for index in (1, 2))
    (a, b, c), (d, e, f) = list(first), list(second)
    words = [event for index in (0, 3) for event in block(index, TEXT, {"type": "text_delta", "text": f"w{index}"})]
    events = (message_start(), *words[:3], a, d, e, b, f, c, *words[3:], *message_end("tool_use"))
    async with serving(Reply(events=events)) as (_, made):
        parts = (await fold(made)).message.parts
    assert [part.text if isinstance(part, TextPart) else getattr(part, "arguments", "") for part in parts] == [
        "w0",
        '{"x":1}',
        '{"x":2}',
        "w3",
    ]


async def test_thinking_is_kept_with_its_signature() -> None:
    """As the vendor wants it back; what is hidden is kept as it is, and shown to nobody."""
    redacted = {"type": "redacted_thinking", "data": "b3BhcXVl"}
    async with serving(Reply(think="Which city? Oslo.", signature="c2ln", blocks=(redacted,), say="Oslo.")) as (_, made):
        parts = (await fold(made)).message.parts
    assert parts == (
        ReasoningPart("Which city? Oslo.", "team", {"signature": "c2ln"}),
        ReasoningPart("", "team", {"redacted": "b3BhcXVl"}),
        TextPart("Oslo."),
    )


async def test_thinking_whose_words_are_withheld_is_kept_too() -> None:
    """Later models send a signature and no words unless they are asked for; nothing is shown then."""
    start = {"type": "thinking", "thinking": "", "signature": ""}
    found = await events_of(stream((start, {"type": "thinking_delta", "thinking": ""}, {"type": "signature_delta", "signature": "c2ln"})))
    assert ReasoningDone(ReasoningPart("", "team", {"signature": "c2ln"})) in found
    assert not any(isinstance(event, ReasoningDelta) for event in found)


async def test_two_thoughts_in_a_row_stay_two() -> None:
    """Each has a signature of its own."""
    thoughts = [
        ({"type": "thinking", "thinking": ""}, {"type": "thinking_delta", "thinking": name}, {"type": "signature_delta", "signature": name})
        for name in ("one", "two")
    ]
    async with serving(stream(*thoughts)) as (_, made):
        parts = (await fold(made)).message.parts
    assert parts == tuple(ReasoningPart(name, "team", {"signature": name}) for name in ("one", "two"))


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("end_turn", "end"),
        ("stop_sequence", "end"),
        ("max_tokens", "max_tokens"),
        ("model_context_window_exceeded", "max_tokens"),
        ("pause_turn", "pause"),
        ("refusal", "refusal"),
        ("something_new", "unknown"),
    ],
)
async def test_stop_reasons_are_ours(sent: str, reason: str) -> None:
    """Whatever the vendor calls them."""
    async with serving(Reply(say="Well.", stop=sent)) as (_, made):
        assert (await fold(made)).stop == reason


async def test_calls_are_seen_although_the_reason_is_another() -> None:
    """Servers that speak the format less well end with `end_turn` or say nothing."""
    for stop in ("end_turn", None):
        async with serving(stream(call({"x": 1}), stop=stop)) as (_, made):
            assert (await fold(made)).stop == "tool_calls"


async def test_a_window_that_is_full_before_the_first_word_is_an_overflow() -> None:
    """Then a shorter conversation helps; an answer that was merely cut by it stands."""
    async with serving(Reply(stop="model_context_window_exceeded")) as (_, made):
        with pytest.raises(ContextOverflow):
            await fold(made)


async def test_a_refusal_without_words_says_the_vendors_reason() -> None:
    """A person learns why; words of the model's own stand alone."""
    details = {"type": "refusal", "category": "cyber", "explanation": "This may harm."}
    async with serving(Reply(stop="refusal", stop_details=details), Reply(say="No.", stop="refusal", stop_details=details)) as (_, made):
        assert (await fold(made)).message.text() == "This may harm."
        assert (await fold(made)).message.text() == "No."


async def test_input_is_the_sum_of_what_was_new_and_what_was_cached() -> None:
    """The vendor counts them apart; a report at the end stands over that of the start, and what it leaves out still holds."""
    events = (
        message_start({"input_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20, "output_tokens": 1}),
        *block(0, TEXT, {"type": "text_delta", "text": "Yes."}),
        *message_end("end_turn", {"input_tokens": 6, "cache_read_input_tokens": None, "output_tokens": 9}),
    )
    async with serving(Reply(events=events), Reply(say="ok", usage={"output_tokens": 3})) as (_, made):
        assert (await fold(made)).usage == Usage(126, 9, 100, None)
        assert (await fold(made)).usage == Usage(None, 3, None, None)


async def test_what_later_versions_add_is_passed_over() -> None:
    """New events, blocks and deltas harm nothing."""
    events = (
        message_start(),
        {"type": "message_news", "index": 0},
        *block(0, {"type": "server_tool_use", "id": "s", "name": "web", "input": {}}, {"type": "input_json_delta", "partial_json": "{}"}),
        *block(1, TEXT, {"type": "citations_delta", "citation": {}}, {"type": "text_delta", "text": "Yes."}, {"type": "glitter"}),
        *message_end("end_turn"),
    )
    async with serving(Reply(events=events)) as (_, made):
        message = (await fold(made)).message
    assert (message.text(), message.calls()) == ("Yes.", ())


async def test_an_answer_that_was_not_streamed_is_the_same() -> None:
    """Some gateways answer in one piece."""
    reply = Reply(think="Hm.", signature="c2ln", say="Look:", calls=(("toolu_1", "t", '{"x":1}'),))
    async with serving(reply, Reply(body=json.dumps(whole(reply)))) as (_, made):
        streamed, at_once = await fold(made), await fold(made)
    assert at_once == streamed
    assert at_once.message.parts == (ReasoningPart("Hm.", "team", {"signature": "c2ln"}), TextPart("Look:"), CALLED)


async def test_the_model_that_answered_is_named() -> None:
    """An alias is answered by the model behind it."""
    assert (await events_of(Reply(say="ok")))[-1].model == "wire-1"
