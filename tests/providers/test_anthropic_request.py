"""What the anthropic provider writes on the wire."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import BadRequestError
from runner.graph import ModelNode
from runner.messages import (
    AssistantMessage,
    FilePart,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolDefinition,
    ToolMessage,
    ToolResult,
    UserMessage,
)
from runner.providers._messages_models import Traits, traits
from runner.providers._messages_request import RequestWriter
from tests.providers.anthropic_kit import fold, provider, serving
from tests.providers.kit import KEY, request, user
from tests.wire.anthropic_server import BINDING, NEWEST, OLDER, Reply

if TYPE_CHECKING:
    from tests.wire.http import Received

TOOL = ToolDefinition("weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
CALL = ToolCall("c1", "weather", '{"city": "Oslo"}')
ANSWERED = ToolMessage((ToolResult("c1", "weather", (TextPart("Snow."),)),))
OWN = ReasoningPart("Hm.", "team", {"signature": "c2ln"})
CACHE = {"type": "ephemeral"}
NEW, BUDGET = "claude-sonnet-5-5", "claude-haiku-4-5"


async def received(**more: Any) -> Received:
    """Return a request as it arrives."""
    messages = more.pop("messages", (user(),))
    blobs = more.pop("blobs", {})
    settings = more.pop("provider", {})

    async def get_blob(key: str) -> bytes:
        return blobs[key]

    async with serving(Reply(say="ok"), get_blob=get_blob, **settings) as (server, made):
        await fold(made, request(*messages, **more))
        return server.requests[0]


async def sent(**more: Any) -> dict[str, Any]:
    """Return the body that a request becomes."""
    return (await received(**more)).data


async def content(*parts: Any, **more: Any) -> list[dict[str, Any]]:
    """Return the blocks that a person's message becomes."""
    return (await sent(messages=(UserMessage(parts),), **more))["messages"][0]["content"]


async def test_the_smallest_request_has_nothing_to_spare() -> None:
    """What nobody asked for is not sent; caching is on."""
    assert await sent() == {
        "model": "wire-1",
        "max_tokens": 8192,
        "stream": True,
        "cache_control": CACHE,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }


async def test_caching_can_be_switched_off() -> None:
    """Then nothing carries a mark."""
    assert "cache_control" not in json.dumps(await sent(system="Be brief.", provider={"prompt_caching": False}))


async def test_system_and_tools_are_sent_in_the_format() -> None:
    """Instructions have a cache mark of their own, so that conversations which begin alike share it."""
    body = await sent(system="Be brief.", tools=(TOOL,))
    assert body["system"] == [{"type": "text", "text": "Be brief.", "cache_control": CACHE}]
    assert body["tools"] == [{"name": "weather", "description": "The weather.", "input_schema": dict(TOOL.input_schema)}]
    assert "tool_choice" not in body


async def test_blank_instructions_are_not_sent() -> None:
    """The vendor refuses a blank text."""
    assert "system" not in await sent(system=" \n")


@pytest.mark.parametrize(
    ("choice", "wire"), [("none", {"type": "none"}), ("required", {"type": "any"}), ("weather", {"type": "tool", "name": "weather"})]
)
async def test_tool_choice(choice: str, wire: Any) -> None:
    """A word of the format, or one tool."""
    assert (await sent(tools=(TOOL,), tool_choice=choice))["tool_choice"] == wire


async def test_a_model_that_cannot_be_made_to_call_is_not_asked_to() -> None:
    """Later models refuse a forced call; they still take `none`."""
    assert (await sent(model=NEW, tools=(TOOL,), tool_choice="none"))["tool_choice"] == {"type": "none"}
    with pytest.raises(BadRequestError, match="cannot be made to call"):
        await sent(model=NEW, tools=(TOOL,), tool_choice="required")


async def test_settings_get_the_vendors_names() -> None:
    """And sampling goes with the version of the API that still takes it."""
    found = await received(settings={"temperature": 0.2, "top_p": 0.9, "max_output_tokens": 50, "stop": ["END"]})
    assert found.headers["anthropic-version"] == OLDER
    body = found.data
    assert (body["temperature"], body["top_p"], body["max_tokens"], body["stop_sequences"]) == (0.2, 0.9, 50, ["END"])
    assert (await received()).headers["anthropic-version"] == NEWEST


@pytest.mark.parametrize(("model", "name"), [(NEW, "temperature"), ("claude-opus-4-7", "top_p"), ("wire-1", "seed"), ("wire-1", "top_k")])
async def test_a_setting_that_the_model_refuses_is_named(model: str, name: str) -> None:
    """Before anything is sent, and in the capabilities too."""
    async with serving() as (server, made):
        with pytest.raises(BadRequestError, match=f"`{name}`") as caught:
            await fold(made, request(model=model, settings={name: 1}))
        assert name == "top_k" or name in made.capabilities(model).refused_settings
        assert server.requests == []
    assert model in str(caught.value)
    assert name in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("model", "settings", "thinking", "effort"),
    [
        (NEW, {}, None, None),
        (NEW, {"reasoning": "high"}, {"type": "adaptive", "display": "summarized"}, "high"),
        (NEW, {"reasoning": "minimal"}, {"type": "adaptive", "display": "summarized"}, "low"),
        (NEW, {"reasoning": "none"}, {"type": "between_tools"}, None),
        ("claude-opus-5", {"reasoning": "none"}, {"type": "disabled"}, None),
        ("claude-haiku-5-5", {"reasoning": "none"}, {"type": "disabled"}, None),
        ("claude-sonnet-4-6", {"reasoning": "none"}, None, None),
        ("claude-sonnet-4-6", {"reasoning": "low"}, {"type": "adaptive", "display": "summarized"}, "low"),
        (BUDGET, {"reasoning": "none"}, None, None),
        (BUDGET, {"reasoning": "high"}, {"type": "enabled", "budget_tokens": 16000}, None),
        (BUDGET, {"reasoning": "low"}, {"type": "enabled", "budget_tokens": 2048}, None),
        (BUDGET, {"reasoning": "low", "max_output_tokens": 2000}, {"type": "enabled", "budget_tokens": 1024}, None),
    ],
)
async def test_reasoning_is_said_as_the_model_takes_it(model: str, settings: Any, thinking: Any, effort: str | None) -> None:
    """An effort for models that decide themselves, a budget below the answer's limit for older ones."""
    body = await sent(model=model, settings=settings)
    assert body.get("thinking") == thinking
    assert body.get("output_config") == ({"effort": effort} if effort else None)


@pytest.mark.parametrize(
    ("model", "settings", "words"),
    [
        ("claude-opus-5-5", {"reasoning": "none"}, "always thinks"),
        ("claude-fable-5-1", {"reasoning": "none"}, "always thinks"),
        ("claude-3-5-haiku-20241022", {"reasoning": "low"}, "does not think"),
        (BUDGET, {"reasoning": "low", "max_output_tokens": 1000}, "cannot think within 1000"),
    ],
)
async def test_reasoning_that_cannot_be_had_is_refused(model: str, settings: Any, words: str) -> None:
    """Nothing is silently ignored."""
    with pytest.raises(BadRequestError, match=words):
        await sent(model=model, settings=settings)


async def test_thinking_does_not_begin_in_the_middle_of_a_turn() -> None:
    """Models with a budget refuse to think after calls that were made without thinking: by another vendor, say."""
    history = (user(), AssistantMessage((CALL,)), ANSWERED)
    assert "thinking" not in await sent(model=BUDGET, settings={"reasoning": "low"}, messages=history)
    own = (user(), AssistantMessage((OWN, CALL)), ANSWERED)
    assert "thinking" in await sent(model=BUDGET, settings={"reasoning": "low"}, messages=own)
    assert "thinking" in await sent(
        model=BUDGET, settings={"reasoning": "low"}, messages=(*history, AssistantMessage(()), user("and now?"))
    )


async def test_own_thinking_goes_back_as_it_came_and_no_other() -> None:
    """Signed and hidden thoughts, in their order; those of other vendors and those without a signature stay here."""
    hidden = ReasoningPart("", "team", {"redacted": "b3BhcXVl"})
    parts = (OWN, hidden, ReasoningPart("Cut.", "team"), ReasoningPart("Other.", "elsewhere", {"signature": "x"}), TextPart("Well."), CALL)
    body = await sent(messages=(user(), AssistantMessage(parts), ANSWERED))
    assert body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "text", "text": "Well."},
        {"type": "tool_use", "id": "c1", "name": "weather", "input": {"city": "Oslo"}},
    ]


async def test_thinking_that_went_stale_is_dropped_by_the_vendor_not_refused() -> None:
    """Later models bind thoughts to what stood before them; another agent's instructions must not end the conversation."""
    found = await received(
        model=NEW, messages=(user(), AssistantMessage((OWN, CALL)), ANSWERED), provider={"headers": {"anthropic-beta": "mine"}}
    )
    assert found.data["thinking"] == {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
    assert found.headers["anthropic-beta"] == f"mine,{BINDING}"
    first = await received(model=NEW)
    assert "thinking" not in first.data
    assert "anthropic-beta" not in first.headers


async def test_results_and_words_after_them_are_one_message() -> None:
    """All results come first, under the ids of their calls; failures are marked."""
    calls = (CALL, ToolCall("c2", "weather", ""))
    results = (ToolResult("c1", "weather", (TextPart("Snow."),)), ToolResult("c2", "weather", (TextPart("no"),), is_error=True))
    body = await sent(messages=(user(), AssistantMessage(calls), ToolMessage(results), user("Hurry.")))
    assert body["messages"][2:] == [
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "Snow."}]},
                {"type": "tool_result", "tool_use_id": "c2", "content": [{"type": "text", "text": "no"}], "is_error": True},
                {"type": "text", "text": "Hurry."},
            ],
        }
    ]


async def test_foreign_ids_are_mended_alike_on_both_sides_and_stay_distinct() -> None:
    """The vendor takes letters, digits, `_` and `-` only."""
    calls = (ToolCall("a.b:0", "weather", "{}"), ToolCall("a:b.0", "weather", "{}"))
    results = tuple(ToolResult(call.id, "weather", ()) for call in calls)
    body = await sent(messages=(user(), AssistantMessage(calls), ToolMessage(results)))
    made = [block["id"] for block in body["messages"][1]["content"]]
    assert made == [block["tool_use_id"] for block in body["messages"][2]["content"]]
    assert len(set(made)) == 2


async def test_broken_arguments_go_back_as_data() -> None:
    """An input is an object; what is none is told in one."""
    call = ToolCall("c1", "weather", '{"city": ')
    body = await sent(messages=(user(), AssistantMessage((call,)), ANSWERED))
    assert body["messages"][1]["content"][0]["input"] == {"not_json": '{"city": '}


async def test_files_become_the_blocks_of_their_kind() -> None:
    """Images, PDFs and texts."""
    files = [
        FilePart("cat.png", "image/png", "k"),
        FilePart("d.pdf", "application/pdf", "k"),
        FilePart("n.txt", "text/plain", "k"),
        FilePart("n.json", "application/json; charset=utf-8", "k"),
    ]
    data = base64.b64encode(b"data").decode()
    assert await content(TextPart("Look:"), *files, blobs={"k": b"data"}) == [
        {"type": "text", "text": "Look:"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": data}, "title": "d.pdf"},
        {"type": "text", "text": "n.txt:\ndata"},
        {"type": "text", "text": "n.json:\ndata"},
    ]


async def test_a_file_that_the_model_cannot_read_is_refused_or_told() -> None:
    """A person's is an error with what would fit; a tool's is named in its result, and the run goes on."""
    sound = FilePart("hi.wav", "audio/wav", "k")
    with pytest.raises(BadRequestError, match=r"hi\.wav") as caught:
        await content(sound, blobs={"k": b"data"})
    assert "PDF" in (caught.value.hint or "")
    results = (ToolResult("c1", "weather", (TextPart("Heard."), sound, FilePart("p.png", "image/png", "k"))),)
    body = await sent(messages=(user(), AssistantMessage((CALL,)), ToolMessage(results)), blobs={"k": b"data"})
    blocks = body["messages"][2]["content"][0]["content"]
    assert [block["type"] for block in blocks] == ["text", "text", "image"]
    assert "hi.wav" in blocks[1]["text"]


async def test_a_file_without_a_reader_and_a_conversation_without_words_are_clear_errors() -> None:
    """Nothing is sent half or empty."""
    made = provider("http://127.0.0.1:9")
    with pytest.raises(BadRequestError, match=r"cat\.png"):
        await fold(made, request(UserMessage((FilePart("cat.png", "image/png", "k"),))))
    with pytest.raises(BadRequestError, match="nothing to send"):
        await fold(made, request(user(" ")))


async def test_text_that_is_not_unicode_is_sent_with_question_marks() -> None:
    """A lone surrogate from some file name does not stop a run."""
    assert (await content(TextPart("a\ud800b")))[0]["text"] == "a?b"


async def test_an_output_schema_is_said_in_the_vendors_words() -> None:
    """What it has no words for goes into the description, where the model reads it."""
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": ["string", "null"], "description": "A name.", "minLength": 2, "format": "email"},
            "n": {"type": "array", "items": {"type": "integer", "maximum": 9}, "minItems": 3},
        },
        "required": ["a"],
        "additionalProperties": False,
    }
    body = await sent(model=NEW, output_schema=schema, settings={"reasoning": "low"})
    assert body["output_config"]["effort"] == "low"
    assert body["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {
            **schema,
            "properties": {
                "a": {"type": ["string", "null"], "format": "email", "description": "A name. (minLength: 2)"},
                "n": {"type": "array", "items": {"type": "integer", "description": "maximum: 9"}, "description": "minItems: 3"},
            },
        },
    }


@pytest.mark.parametrize(
    ("model", "schema"),
    [
        ("wire-1", {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}),
        (NEW, {"type": "object"}),
        (NEW, {"type": "object", "properties": {"a": {"type": "string"}}}),
        (NEW, {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "additionalProperties": False}),
        (NEW, {"type": "object", "properties": {"a": {}}, "additionalProperties": False}),
        (NEW, {"type": "object", "properties": {"a": True}, "additionalProperties": False}),
    ],
)
async def test_a_schema_that_cannot_be_said_is_left_to_the_instructions(model: str, schema: Any) -> None:
    """Every agent with an `output` is told its schema in words too, and its answer is checked here."""
    assert "output_config" not in await sent(model=model, output_schema=schema)


@pytest.mark.parametrize(
    ("tail", "path"), [("", "/v1/messages"), ("/", "/v1/messages"), ("/v1", "/v1/messages"), ("/v1/?a=b", "/v1/messages?a=b")]
)
async def test_the_address_is_completed(tail: str, path: str) -> None:
    """With or without the version, a slash at its end, and a query."""
    async with serving(Reply(say="ok")) as (server, _):
        made = provider(server.base_url + tail)
        await fold(made)
        await made.close()
    assert server.requests[0].path == path


async def test_the_key_is_sent_and_nothing_from_the_environment() -> None:
    """As a bearer; without one only the given headers."""
    found = await received(provider={"api_key": f" {KEY}\n", "headers": {"X-Team": "support"}})
    assert (found.headers["authorization"], found.headers["x-team"]) == (f"Bearer {KEY}", "support")
    assert not {"authorization", "x-api-key"} & (await received(provider={"headers": {"X-Team": "support"}})).headers.keys()


async def test_models_lists_what_the_server_offers() -> None:
    """All of them in one page."""
    async with serving() as (server, made):
        assert await made.models() == ("wire-1", "wire-2")
        assert server.requests[0].path == "/v1/models?limit=1000"


async def test_a_history_is_written_once() -> None:
    """Older messages are found by identity, so a turn costs what is new, and a prefix that the vendor keeps stays the same."""
    writer, history = RequestWriter("team", None, caching=True), [user("one")]
    first, _ = await writer.body(request(*history, tools=(TOOL,)), Traits())
    history += [AssistantMessage((TextPart("two"),)), user("three")]
    second, _ = await writer.body(request(*history, tools=(TOOL,)), Traits())
    assert second.startswith(first.removesuffix(b"]}"))
    assert (second, {}) == await RequestWriter("team", None, caching=True).body(request(*history, tools=(TOOL,)), Traits())


@pytest.mark.parametrize(
    ("model", "thinking", "context", "sampling", "forced"),
    [
        ("claude-3-haiku-20240307", "none", 200_000, True, True),
        ("claude-3-5-sonnet-20241022", "none", 200_000, True, True),
        ("claude-3-7-sonnet-latest", "budget", 200_000, True, True),
        ("claude-sonnet-4-20250514", "budget", 200_000, True, True),
        ("claude-opus-4-5-20251101", "budget", 200_000, True, True),
        ("anthropic/claude-opus-4.6", "adaptive", 1_000_000, True, True),
        ("claude-opus-4-7", "adaptive", 1_000_000, False, True),
        ("claude-opus-5", "adaptive", 1_000_000, False, True),
        ("claude-5.5-haiku", "adaptive", 1_000_000, False, False),
        ("claude-mythos-5-2", "adaptive", 1_000_000, False, False),
        ("claude-sonnet-6", "adaptive", 1_000_000, False, False),
        ("some-gateway-model", "unknown", None, True, True),
    ],
)
def test_an_id_tells_what_its_model_takes(model: str, thinking: str, context: int | None, sampling: bool, forced: bool) -> None:
    """Ids with dates and aliases, and those of gateways; later models are taken to be like the latest known."""
    found = traits(model)
    assert (found.thinking, found.context, found.sampling, found.forced) == (thinking, context, sampling, forced)


def test_a_definitions_context_stands_over_ours() -> None:
    """A gateway may give a model less room."""
    made = provider("http://127.0.0.1:9", models={"small": ModelNode("claude-opus-5-5", context=50_000)})
    assert made.capabilities("claude-opus-5-5").context == 50_000
    assert made.capabilities(NEW).context == 1_000_000
