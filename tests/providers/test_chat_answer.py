"""What the openai-chat provider makes of the many dialects of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runner.errors import ContentFiltered, TransientError
from runner.messages import CallStarted, ReasoningPart, Usage
from tests.providers.kit import fold, request, serving
from tests.wire.openai_server import Reply, chunk

DONE = {"finish_reason": "stop"}


def called(*deltas: dict[str, Any], finish: str = "tool_calls") -> Reply:
    """A reply whose chunks carry these tool-call deltas, one each."""
    return Reply(events=(*(chunk({"tool_calls": [delta]}) for delta in deltas), chunk({}, finish)))


def function(name: str | None = None, arguments: Any = None) -> dict[str, Any]:
    return {"function": {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}}


CALL_DIALECTS = {
    "by index, id and name first": called(
        {"index": 0, "id": "a", **function("t", "")},
        {"index": 1, "id": "b", **function("u", "")},
        {"index": 0, **function(None, '{"x":')},
        {"index": 1, **function(None, "{}")},
        {"index": 0, **function(None, "1}")},
    ),
    "whole calls in one delta": Reply(
        events=(
            chunk({"tool_calls": [{"index": 0, "id": "a", **function("t", '{"x":1}')}, {"index": 1, "id": "b", **function("u", "{}")}]}),
            chunk({}, "tool_calls"),
        )
    ),
    "no index, whole calls": called({"id": "a", **function("t", '{"x":1}')}, {"id": "b", **function("u", "{}")}),
    "no index, in pieces": called(
        {"id": "a", **function("t")}, {**function(None, '{"x":')}, {**function(None, "1}")}, {"id": "b", **function("u", "{}")}
    ),
    "every call is number 0": called({"index": 0, "id": "a", **function("t", '{"x":1}')}, {"index": 0, "id": "b", **function("u", "{}")}),
    "id and name repeated in every delta": called(
        {"index": 0, "id": "a", **function("t", '{"x":')},
        {"index": 0, "id": "a", **function("t", "1}")},
        {"index": 1, "id": "b", **function("u", "{}")},
    ),
    "name after the arguments": called(
        {"index": 0, "id": "a", **function(None, '{"x":')},
        {"index": 0, **function("t", "1}")},
        {"index": 1, "id": "b", **function("u", "{}")},
    ),
    "arguments as data": called({"index": 0, "id": "a", **function("t", {"x": 1})}, {"index": 1, "id": "b", **function("u", {})}),
    "finished with stop": called(
        {"index": 0, "id": "a", **function("t", '{"x":1}')}, {"index": 1, "id": "b", **function("u")}, finish="stop"
    ),
    "not streamed": Reply(
        body=json.dumps(
            {
                "model": "wire-1",
                "choices": [
                    {
                        "message": {
                            "content": None,
                            "tool_calls": [{"id": "a", **function("t", '{"x":1}')}, {"id": "b", **function("u", "{}")}],
                        },
                        "finish_reason": "tool_calls",
                    }
                ],
            }
        )
    ),
}


@pytest.mark.parametrize("reply", CALL_DIALECTS.values(), ids=CALL_DIALECTS.keys())
async def test_tool_calls_are_understood_in_every_dialect(reply: Reply) -> None:
    """The same two calls, however a server sends them."""
    async with serving(reply) as (_, made):
        response = await fold(made)
    assert [(call.id, call.name, json.loads(call.arguments)) for call in response.message.calls()] == [("a", "t", {"x": 1}), ("b", "u", {})]
    assert response.stop == "tool_calls"


async def test_missing_or_repeated_ids_are_made_unique() -> None:
    """Two calls under one id could not be told apart by their results."""
    reply = called(
        {"index": 0, **function("t", "{}")}, {"index": 1, "id": "a", **function("t", "{}")}, {"index": 2, "id": "a", **function("t", "{}")}
    )
    async with serving(reply) as (_, made):
        ids = [call.id for call in (await fold(made)).message.calls()]
    assert ids[1] == "a"
    assert len({*ids, ""}) == 4


async def test_a_call_is_announced_before_its_arguments_are_complete() -> None:
    """A person sees what is about to happen."""
    reply = called({"index": 0, "id": "a", **function("t", '{"x":')}, {"index": 0, **function(None, "1}")})
    async with serving(reply) as (_, made):
        events = [event async for event in made.stream(request())]
    assert events[0] == CallStarted(0, "a", "t")


@pytest.mark.parametrize(
    "events",
    [
        [{"reasoning_content": "Hm "}, {"reasoning_content": "hm."}, {"content": "Yes."}],
        [{"reasoning": "Hm "}, {"reasoning": "hm."}, {"content": "Yes."}],
        [{"reasoning_content": "Hm hm.", "reasoning": "Hm hm."}, {"content": "Yes."}],
        [
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm hm."}]}]},
            {"content": [{"type": "text", "text": "Yes."}]},
        ],
        [{"reasoning_content": "Hm hm.", "content": ""}, {"reasoning_content": None, "content": "Yes."}],
    ],
    ids=["reasoning_content", "reasoning", "both", "parts", "with empty content"],
)
async def test_thoughts_are_understood_in_every_dialect(events: list[dict[str, Any]]) -> None:
    """One block of reasoning, then the words."""
    async with serving(Reply(events=(*map(chunk, events), chunk({}, "stop")))) as (_, made):
        response = await fold(made)
    assert [(type(part).__name__, getattr(part, "text", "")) for part in response.message.parts] == [
        ("ReasoningPart", "Hm hm."),
        ("TextPart", "Yes."),
    ]
    assert isinstance(part := response.message.parts[0], ReasoningPart)
    assert part.vendor == "team"


USAGE = {"prompt_tokens": 20, "completion_tokens": 7}


@pytest.mark.parametrize(
    ("tail", "usage"),
    [
        ([{"choices": [], "usage": USAGE}], Usage(20, 7)),
        (
            [
                {
                    "choices": [],
                    "usage": {
                        **USAGE,
                        "prompt_tokens_details": {"cached_tokens": 16},
                        "completion_tokens_details": {"reasoning_tokens": 3},
                    },
                }
            ],
            Usage(20, 7, 16, 3),
        ),
        ([{"choices": [], "usage": {**USAGE, "prompt_cache_hit_tokens": 16}}], Usage(20, 7, 16)),
        ([{"choices": [], "usage": {**USAGE, "prompt_tokens_details": None}}], Usage(20, 7)),
        ([{"choices": [], "x_groq": {"usage": USAGE}}], Usage(20, 7)),
        ([{"choices": [], "usage": None}], Usage()),
        ([], Usage()),
    ],
)
async def test_usage_is_understood_in_every_dialect(tail: list[dict[str, Any]], usage: Usage) -> None:
    """In the last chunk without choices, in every chunk, or not at all."""
    async with serving(Reply(events=(chunk({"content": "Yes."}), chunk({}, "stop"), *tail))) as (_, made):
        assert (await fold(made)).usage == usage


async def test_running_usage_counts_once() -> None:
    """Servers that repeat a growing usage in every chunk are not added up."""
    events = [chunk({"content": word}, usage={"prompt_tokens": 5, "completion_tokens": n}) for n, word in enumerate(["a", "b", "c"], 1)]
    async with serving(Reply(events=(*events, chunk({}, "stop")))) as (_, made):
        assert (await fold(made)).usage == Usage(5, 3)


@pytest.mark.parametrize(
    ("finish", "stop"),
    [("stop", "end"), ("length", "max_tokens"), ("eos", "end"), ("something new", "unknown"), ("function_call", "tool_calls")],
)
async def test_the_reason_to_stop(finish: str, stop: str) -> None:
    """In our words."""
    async with serving(Reply(events=(chunk({"content": "Yes."}), chunk({}, finish)))) as (_, made):
        assert (await fold(made)).stop == stop


async def test_a_refusal_is_words_with_a_reason() -> None:
    """What the model says when it refuses is shown."""
    async with serving(Reply(events=(chunk({"refusal": "No."}), chunk({}, "stop")))) as (_, made):
        response = await fold(made)
    assert (response.message.text(), response.stop) == ("No.", "refusal")


async def test_the_content_filter_is_an_error() -> None:
    """Half an answer that a filter stopped is not an answer."""
    async with serving(Reply(events=(chunk({"content": "Well"}), chunk({}, "content_filter")))) as (_, made):
        with pytest.raises(ContentFiltered):
            await fold(made)


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("finish", ["stop", None])
async def test_an_answer_is_complete_with_a_reason_or_with_done(finish: str | None, done: bool) -> None:
    """Some servers forget one of the two; without both the answer broke off."""
    async with serving(Reply(events=(chunk({"content": "Yes."}, finish),), done=done)) as (_, made):
        if finish or done:
            assert (await fold(made)).message.text() == "Yes."
        else:
            with pytest.raises(TransientError) as caught:
                await fold(made)
            assert caught.value.kind == "cut"


FORMS = {
    "comments": b": ping\n\ndata: %s\n\n: ping\n\ndata: [DONE]\n\n",
    "carriage returns": b"data: %s\r\n\r\ndata: [DONE]\r\n\r\n",
    "no space": b"data:%s\n\ndata:[DONE]\n\n",
    "other fields": b"event: chunk\nid: 1\ndata: %s\nretry: 5\n\ndata: [DONE]\n\n",
    "no last line end": b"data: %s\n\ndata: [DONE]",
    "nothing after the answer": b"data: %s",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
async def test_event_streams_are_read_in_every_form(form: bytes) -> None:
    """As the specification allows, and a little beyond."""
    data = json.dumps(chunk({"content": "Yes."}, "stop")).encode()
    async with serving(Reply(body=form % data, content_type="text/event-stream")) as (_, made):
        assert (await fold(made)).message.text() == "Yes."


async def test_data_over_several_lines_is_one_event() -> None:
    """JSON that a server prints over lines arrives whole."""
    lines = json.dumps(chunk({"content": "Yes."}, "stop"), indent=1).encode().replace(b"\n", b"\ndata: ")
    async with serving(Reply(body=b"data: " + lines + b"\n\n", content_type="text/event-stream")) as (_, made):
        assert (await fold(made)).message.text() == "Yes."


async def test_broken_utf8_is_shown_as_such() -> None:
    """One bad byte does not cost an answer."""
    data = json.dumps(chunk({"content": "Ye@s."}, "stop")).encode().replace(b"@", b"\xff")
    async with serving(Reply(body=b"data: " + data + b"\n\n", content_type="text/event-stream")) as (_, made):
        assert (await fold(made)).message.text() == "Ye\ufffds."


async def test_one_connection_serves_many_answers() -> None:
    """An answer is read to its end, so that the connection can be used again."""
    async with serving(*(Reply(say="Yes.") for _ in range(5))) as (server, made):
        for _ in range(5):
            await fold(made)
        assert server.connections == 1


async def test_a_server_that_lingers_after_the_answer_is_not_waited_for() -> None:
    """The answer is complete with `[DONE]`."""
    async with serving(Reply(say="Yes.", hold=True)) as (server, made):
        assert (await fold(made)).message.text() == "Yes."
        await server.hung_up.wait()
