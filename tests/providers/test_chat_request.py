"""What the openai-chat provider writes on the wire."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from runner.errors import AuthError, BadRequestError
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
from runner.providers._chat_request import RequestWriter
from runner.providers._wire import Pieces
from tests.providers.kit import KEY, fold, provider, request, serving, user
from tests.wire.openai_server import Reply

TOOL = ToolDefinition("weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
CLOSED = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


async def sent(**more: Any) -> dict[str, Any]:
    """Return the body that a request becomes."""
    messages = more.pop("messages", (user(),))
    blobs = more.pop("blobs", {})

    async def get_blob(key: str) -> bytes:
        return blobs[key]

    async with serving(Reply(say="ok"), get_blob=get_blob) as (server, made):
        await fold(made, request(*messages, **more))
        return server.requests[0].data


async def test_the_smallest_request_has_nothing_to_spare() -> None:
    """What nobody asked for is not sent."""
    assert await sent() == {
        "model": "wire-1",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_system_and_tools_are_sent_in_the_format() -> None:
    """The instructions come first; a tool is a function with its schema."""
    body = await sent(system="Be brief.", tools=(TOOL,))
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    function = {"name": "weather", "description": "The weather.", "parameters": dict(TOOL.input_schema)}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert "tool_choice" not in body


@pytest.mark.parametrize(
    ("choice", "wire"),
    [("none", "none"), ("required", "required"), ("weather", {"type": "function", "function": {"name": "weather"}})],
)
async def test_tool_choice(choice: str, wire: Any) -> None:
    """A word of the format, or one tool."""
    assert (await sent(tools=(TOOL,), tool_choice=choice))["tool_choice"] == wire


async def test_settings_get_the_vendors_names() -> None:
    """What we do not rename goes out as it is written."""
    settings = {"temperature": 0.2, "top_p": 0.9, "reasoning": "high", "max_output_tokens": 50, "stop": ["END"], "seed": 7}
    body = await sent(settings=settings)
    names = ("temperature", "top_p", "reasoning_effort", "max_tokens", "stop", "seed")
    assert {name: body[name] for name in names} == dict(zip(names, settings.values(), strict=True))


@pytest.mark.parametrize(
    ("base_url", "model", "name"),
    [
        ("https://api.openai.com/v1", "anything", "max_completion_tokens"),
        ("https://acme.openai.azure.com/openai/v1", "my-deployment", "max_completion_tokens"),
        ("https://openrouter.ai/api/v1", "openai/gpt-5-mini", "max_completion_tokens"),
        ("https://proxy.example/v1", "o4-mini", "max_completion_tokens"),
        ("http://127.0.0.1:11434/v1", "qwen3:8b", "max_tokens"),
        ("http://127.0.0.1:11434/v1", "gpt-oss:20b", "max_tokens"),
        ("https://notopenai.com/v1", "llama", "max_tokens"),
    ],
)
async def test_the_limit_of_an_answer_has_two_names(base_url: str, model: str, name: str) -> None:
    """OpenAI's newer models refuse the old name, most other servers know only that one."""
    body = await RequestWriter("team", base_url, None).body(request(model=model, settings={"max_output_tokens": 9}))
    assert f'"{name}":9'.encode() in body


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        ({**CLOSED, "required": []}, False),
        ({**CLOSED, "additionalProperties": True}, False),
        ({**CLOSED, "properties": {"a": {"type": "string", "minLength": 1}}}, False),
        ({**CLOSED, "properties": {"a": {"type": "array", "items": {"type": "object"}}}}, False),
        ({**CLOSED, "properties": {"a": {"type": "array", "items": CLOSED}}}, True),
    ],
)
async def test_an_output_schema_is_strict_where_the_vendor_takes_it(schema: dict[str, Any], strict: bool) -> None:
    """Strict mode refuses optional properties and words it does not know, so there it is left off."""
    form = (await sent(output_schema=schema))["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"]["schema"] == schema
    assert form["json_schema"]["strict"] is strict


async def test_a_tool_loop_goes_back_with_its_ids() -> None:
    """An assistant message with calls, then one tool message per result."""
    calls = (ToolCall("c1", "weather", '{"city": "Oslo"}'), ToolCall("c2", "weather", ""))
    results = (ToolResult("c1", "weather", (TextPart("Snow."),)), ToolResult("c2", "weather", ()))
    body = await sent(messages=(user(), AssistantMessage((TextPart("Let me look."), *calls)), ToolMessage(results)))
    functions = [{"name": "weather", "arguments": '{"city": "Oslo"}'}, {"name": "weather", "arguments": "{}"}]
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": "Let me look.",
            "tool_calls": [{"id": f"c{n}", "type": "function", "function": function} for n, function in enumerate(functions, 1)],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "Snow."},
        {"role": "tool", "tool_call_id": "c2", "content": ""},
    ]


async def test_broken_arguments_go_back_as_json() -> None:
    """Some servers parse the history: one broken text would fail every later request."""
    call = ToolCall("c1", "weather", '{"city": ')
    body = await sent(messages=(user(), AssistantMessage((call,)), ToolMessage((ToolResult("c1", "weather", (TextPart("bad"),)),))))
    assert body["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"not_json":"{\\"city\\": "}'


async def test_own_thoughts_go_back_with_calls_only() -> None:
    """In the field they came in; thoughts of an answer without calls, or of another vendor, stay here."""
    own = ReasoningPart("Hm.", "team", {"field": "reasoning_content"})
    foreign = ReasoningPart("Other.", "elsewhere", {"field": "reasoning_content"})
    answered = ToolMessage((ToolResult("c1", "weather", (TextPart("Snow."),)),))
    messages = (
        user(),
        AssistantMessage((own, foreign, ToolCall("c1", "weather", "{}"))),
        answered,
        AssistantMessage((own, TextPart("Snow."))),
    )
    body = await sent(messages=(*messages, user("Thanks")))
    assert body["messages"][1]["reasoning_content"] == "Hm."
    assert body["messages"][3] == {"role": "assistant", "content": "Snow."}


async def test_an_empty_answer_is_left_out() -> None:
    """An assistant message that says and calls nothing is refused by some servers."""
    body = await sent(messages=(user("a"), AssistantMessage(()), user("b")))
    assert [message["role"] for message in body["messages"]] == ["user", "user"]


async def test_files_become_the_parts_of_their_kind() -> None:
    """Images, sound, text and the rest."""
    files = [
        FilePart("cat.png", "image/png", "k1"),
        FilePart("hi.wav", "audio/wav", "k2"),
        FilePart("n.txt", "text/plain", "k3"),
        FilePart("d.pdf", "application/pdf", "k4"),
    ]
    blobs = {f"k{n}": b"data" for n in range(1, 5)}
    body = await sent(messages=(UserMessage((TextPart("Look:"), *files)),), blobs=blobs)
    data = base64.b64encode(b"data").decode()
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "Look:"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
        {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}},
        {"type": "text", "text": "n.txt:\ndata"},
        {"type": "file", "file": {"filename": "d.pdf", "file_data": f"data:application/pdf;base64,{data}"}},
    ]


async def test_files_of_a_tool_follow_in_a_message_of_their_own() -> None:
    """A tool's message holds only text in this format, so the picture comes right after all results."""
    results = (
        ToolResult("c1", "camera", (TextPart("Taken."), FilePart("p.png", "image/png", "k"))),
        ToolResult("c2", "clock", (TextPart("noon"),)),
    )
    calls = (ToolCall("c1", "camera", "{}"), ToolCall("c2", "clock", "{}"))
    body = await sent(messages=(user(), AssistantMessage(calls), ToolMessage(results)), blobs={"k": b"data"})
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["user", "assistant", "tool", "tool", "user"]
    assert body["messages"][2]["content"] == "Taken.\n[file p.png: shown below]"
    assert [part["type"] for part in body["messages"][4]["content"]] == ["text", "image_url"]


async def test_a_file_without_a_reader_is_a_clear_error() -> None:
    """Nothing is sent half."""
    with pytest.raises(BadRequestError, match=r"cat\.png"):
        await fold(provider("http://127.0.0.1:9/v1"), request(UserMessage((FilePart("cat.png", "image/png", "k"),))))


async def test_text_that_is_not_unicode_is_sent_with_question_marks() -> None:
    """A lone surrogate from some file name does not stop a run."""
    assert (await sent(messages=(user("a\ud800b"),)))["messages"][0]["content"] == "a?b"


async def test_key_and_headers_are_sent_and_nothing_from_the_environment() -> None:
    """One vendor's key never reaches another's server: only what the definition says is sent."""
    async with serving(Reply(say="ok"), api_key=f" {KEY}\n", organization="org-1", headers={"X-Team": "support"}) as (server, made):
        await fold(made)
    headers = server.requests[0].headers
    assert (headers["authorization"], headers["openai-organization"], headers["x-team"]) == (f"Bearer {KEY}", "org-1", "support")
    async with serving(Reply(say="ok")) as (server, made):
        await fold(made)
    assert not {"authorization", "openai-organization", "openai-project"} & server.requests[0].headers.keys()


async def test_a_distant_server_needs_a_key() -> None:
    """Only this machine's own servers are asked without one, and nothing is sent to find out."""
    with pytest.raises(AuthError, match="needs a key") as caught:
        await fold(provider("https://models.example/v1"))
    assert "api_key" in (caught.value.hint or "")


@pytest.mark.parametrize("key", ["sk-ключ-0123", "sk-abc\ndef-0123"])
async def test_a_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    """A key with a line break or foreign letters is refused before anything is sent."""
    with pytest.raises(AuthError) as caught:
        await fold(provider("http://127.0.0.1:9/v1", api_key=key))
    assert key not in f"{caught.value}{caught.value.hint}"


@pytest.mark.parametrize("url", ["team.example/v1", "ftp://team.example/v1", "http://", "", "127.0.0.1:11434"])
async def test_a_base_url_that_is_no_address_is_said_so(url: str) -> None:
    """Before any request."""
    with pytest.raises(BadRequestError, match="base_url"):
        await fold(provider(url, api_key=KEY))


@pytest.mark.parametrize(
    ("tail", "path"), [("", "/v1/chat/completions"), ("/", "/v1/chat/completions"), ("?version=2", "/v1/chat/completions?version=2")]
)
async def test_the_address_is_completed(tail: str, path: str) -> None:
    """With or without a slash at its end, and with a query."""
    async with serving(Reply(say="ok")) as (server, _):
        made = provider(server.base_url + tail)
        await fold(made)
        await made.close()
    assert server.requests[0].path == path


async def test_a_history_is_written_once() -> None:
    """Older messages are found by identity, so a turn costs what is new."""
    writer, history = RequestWriter("team", "http://127.0.0.1/v1", None), [user("one")]
    first = await writer.body(request(*history, tools=(TOOL,)))
    history += [AssistantMessage((TextPart("two"),)), user("three")]
    second = await writer.body(request(*history, tools=(TOOL,)))
    assert first.split(b'"messages":[')[1].split(b"]")[0] in second
    assert second == await RequestWriter("team", "http://127.0.0.1/v1", None).body(request(*history, tools=(TOOL,)))


def test_pieces_are_bounded_and_keep_what_is_used() -> None:
    """Two generations: what is asked for survives, the rest is forgotten, and nothing is mistaken for something else."""
    pieces, kept = Pieces(budget=10_000), user("kept")
    pieces.put(kept, b"kept")
    for number in range(500):
        other = user(str(number))
        assert pieces.get(other) is None
        pieces.put(other, b"x" * 100)
        assert pieces.get(kept) == b"kept"
    assert len(pieces._young) + len(pieces._old) < 100
