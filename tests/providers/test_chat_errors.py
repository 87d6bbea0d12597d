"""What the openai-chat provider says when the server is wrong, away, slow or not a model server at all."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace
from typing import Any

import pytest

from runner.errors import (
    AuthError,
    BadRequestError,
    ContextOverflow,
    ProviderError,
    QuotaError,
    TransientError,
    UnavailableError,
)
from tests.providers.kit import KEY, fold, provider, request, serving
from tests.wire.openai_server import Reply, chunk, error

HTML = "<!doctype html><html><head><title>Log in</title></head><body>proxy</body></html>"


async def failure(reply: Reply, **settings: Any) -> ProviderError | TransientError:
    """Return the error that a reply becomes; it is one line, short, without the key, and names the provider."""
    async with serving(reply, api_key=KEY, **settings) as (_, made):
        with pytest.raises((ProviderError, TransientError)) as caught:
            await fold(made)
    shown = f"{caught.value} {caught.value.hint}"
    assert "\n" not in shown
    assert len(shown) < 900
    assert KEY not in shown
    assert "provider `team` (http://127.0.0.1:" in shown
    return caught.value


@pytest.mark.parametrize("word", [None, "true", "false"])
@pytest.mark.parametrize("after", [{}, {"Retry-After": "2"}, {"Retry-After-Ms": "2500"}, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}])
@pytest.mark.parametrize("status", [400, 404, 408, 409, 422, 429, 500, 502, 503, 529])
async def test_status_and_headers_decide(status: int, after: dict[str, str], word: str | None) -> None:
    """The whole matrix: transient by status unless the server says otherwise, with its wish."""
    headers = {**after, **({"X-Should-Retry": word} if word else {})}
    found = await failure(error(status, "no", headers=headers))
    rule = status in (408, 409, 429) or status >= 500
    assert isinstance(found, TransientError) == ({"true": True, "false": False}.get(word or "", rule))
    if isinstance(found, TransientError):
        assert found.retry_after == {"2": 2.0, "2500": 2.5}.get(next(iter(after.values()), ""), 0.0 if after else None)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(401, "Incorrect API key", "invalid_api_key"), AuthError),
        (error(403, "not allowed"), AuthError),
        (error(402, "pay first"), QuotaError),
        (error(429, "no money", "insufficient_quota"), QuotaError),
        (error(404, "The model `x` does not exist", "model_not_found"), BadRequestError),
        (error(400, "Unsupported parameter"), BadRequestError),
        (error(422, "extra input"), BadRequestError),
        (error(400, "This model's maximum context length is 8192 tokens", "invalid_request_error"), ContextOverflow),
        (error(400, "too long", "context_length_exceeded"), ContextOverflow),
        (Reply(status=404, body=HTML, content_type="text/html"), UnavailableError),
        (Reply(status=404, body="404 page not found", content_type="text/plain"), UnavailableError),
        (Reply(status=301, body="", headers={"Location": "https://elsewhere.example/v1/chat/completions"}), UnavailableError),
        (Reply(status=400, body='{"detail": "bad thing"}'), BadRequestError),
        (Reply(status=400, body='{"error": "bad thing"}'), BadRequestError),
        (Reply(status=400, body='[{"error": {"message": "bad thing", "code": 400}}]'), BadRequestError),
        (Reply(status=400, body='{"object": "error", "message": "bad thing", "code": 40001}'), BadRequestError),
        (Reply(status=400, body=b"\xff\xfe\x00"), BadRequestError),
        (Reply(status=400, body=""), BadRequestError),
        (Reply(status=502, body=HTML, content_type="text/html"), TransientError),
    ],
)
async def test_every_refusal_has_the_type_of_who_must_act(reply: Reply, kind: type[Exception]) -> None:
    """Whatever the form of the body."""
    assert type(await failure(reply)) is kind


async def test_the_servers_own_words_are_shown() -> None:
    """They say best what is wrong."""
    assert "bad thing" in str(await failure(Reply(status=400, body='{"detail": "bad thing"}')))


async def test_a_wrong_base_url_is_named() -> None:
    """The hint says which key of which provider to look at."""
    found = await failure(Reply(status=404, body=HTML, content_type="text/html"))
    assert "Log in" in str(found)
    assert "base_url" in (found.hint or "")


@pytest.mark.parametrize("kind", ["text/html", "text/event-stream", "text/plain"])
async def test_a_page_with_status_200_is_not_an_answer(kind: str) -> None:
    """A proxy's or a login page, whatever it calls itself, is said to be one and not asked seven times."""
    found = await failure(Reply(body=HTML, content_type=kind))
    assert isinstance(found, (UnavailableError, TransientError))
    assert isinstance(found, UnavailableError)
    assert "an HTML page (Log in)" in str(found)


async def test_a_huge_error_body_is_cut() -> None:
    """Ten megabytes of complaint become a line."""
    found = await failure(Reply(status=400, body="x" * 10_000_000, content_type="text/plain"))
    assert len(str(found)) < 700


async def test_the_key_is_taken_out_of_the_servers_words() -> None:
    """Also from headers that repeat it, and in the middle of a text."""
    found = await failure(error(401, f"key >{KEY}< is wrong", "invalid_api_key"))
    assert "[secret]" in str(found)


async def test_control_characters_of_a_server_do_not_reach_the_terminal() -> None:
    """An error is plain words."""
    assert "\x1b" not in str(await failure(error(400, "\x1b[31mred\x07\u202e")))


EMPTY = {
    "empty stream": Reply(body="", content_type="text/event-stream"),
    "only done": Reply(events=()),
    "empty json": Reply(body="{}"),
    "no body": Reply(body=""),
    "broken json": Reply(body='{"choices": [', content_type="application/json"),
    "broken event": Reply(events=('{"choices": [',)),
    "not an object": Reply(events=("[]", "3")),
    "choices of a wrong kind": Reply(events=({"choices": {"a": 1}},)),
    "delta of a wrong kind": Reply(events=({"choices": [{"delta": "text"}]},)),
    "calls of a wrong kind": Reply(events=(chunk({"tool_calls": 3}),)),
    "content of a wrong kind": Reply(events=(chunk({"content": 3}),)),
    "nested beyond reason": Reply(events=("[" * 100_000,)),
    "a call without a name": Reply(
        events=(chunk({"tool_calls": [{"index": 0, "id": "a", "function": {"arguments": "{}"}}]}), chunk({}, "tool_calls"))
    ),
}


@pytest.mark.parametrize("reply", EMPTY.values(), ids=EMPTY.keys())
async def test_an_answer_that_makes_no_sense_may_pass(reply: Reply) -> None:
    """Status 200 with nothing or nonsense is transient, and said to be a bad answer."""
    found = await failure(reply)
    assert isinstance(found, TransientError)
    assert found.kind == "bad_answer"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"error": {"message": "overloaded", "code": 503}}, TransientError),
        ({"error": {"message": "out of memory", "type": "server_error"}}, TransientError),
        ({"error": "out of memory"}, TransientError),
        ({"error": {"message": "bad", "type": "invalid_request_error"}}, BadRequestError),
        ({"error": {"message": "bad", "code": 400}, "choices": []}, BadRequestError),
    ],
)
async def test_an_error_in_the_middle_of_a_stream_is_an_error(told: dict[str, Any], kind: type[Exception]) -> None:
    """Status 200 was sent long before."""
    assert type(await failure(Reply(events=(chunk({"content": "Well"}), told)))) is kind


def bare(delta: dict[str, Any], **more: Any) -> str:
    return json.dumps({"choices": [{"delta": delta, **more}]}, separators=(",", ":"))


async def test_a_cut_at_any_byte_is_transient_or_harmless() -> None:
    """Whatever arrived before: never an answer that lacks words or calls, never another error."""
    call = {"id": "a", "function": {"name": "t", "arguments": '{"x":1}'}}
    whole = Reply(events=(bare({"content": "Yes é."}), bare({"tool_calls": [call]}), bare({}, finish_reason="stop")))
    payload = whole.payload()
    complete = payload.index(b"\n", payload.index(b"finish_reason"))
    cuts = range(1, len(payload))
    async with serving(*(replace(whole, cut=cut) for cut in cuts)) as (_, made):
        for cut in cuts:
            try:
                response = await fold(made)
            except TransientError as found:
                assert found.kind == "cut", cut
                assert cut <= complete + 1
            else:
                assert cut >= complete
                assert (response.message.text(), response.message.calls()[0].arguments) == ("Yes é.", '{"x":1}')


async def test_nobody_there_is_transient() -> None:
    """A refused connection names the address and asks whether the server runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TransientError) as caught:
        await fold(provider(f"http://127.0.0.1:{port}/v1"))
    assert caught.value.kind == "connection"
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert str(caught.value).endswith("cannot be reached: nothing answers there")
    assert caught.value.hint == "is the server running?"


async def test_credentials_in_the_address_are_not_shown() -> None:
    """`http://name:password@host` is written without them."""
    with pytest.raises(TransientError) as caught:
        await fold(provider("http://me:hunter2secret@127.0.0.1:1/v1"))
    assert "hunter2secret" not in str(caught.value)


async def test_a_server_that_never_answers_is_given_up() -> None:
    """The time to the first byte has an end."""
    found = await failure(Reply(silent=True), first_byte_timeout="50ms")
    assert isinstance(found, TransientError)
    assert found.kind == "timeout"


async def test_silence_in_the_middle_is_given_up_sooner_than_at_the_start() -> None:
    """Once an answer has begun, another clock counts."""
    held = Reply(events=(chunk({"content": "Well"}),), done=False, hold=True)
    async with asyncio.timeout(10):
        found = await failure(held, first_byte_timeout="1h", idle_timeout="50ms")
    assert isinstance(found, TransientError)
    assert found.kind == "timeout"
    assert "middle" in str(found)


async def test_a_connection_closed_without_a_word_is_transient() -> None:
    """A server that hangs up at once."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    made = provider(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    with pytest.raises(TransientError) as caught:
        await fold(made)
    await made.close()
    server.close()
    assert caught.value.kind == "connection"


async def test_a_server_that_does_not_speak_http_is_said_so() -> None:
    """Some other service on that port."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    made = provider(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    with pytest.raises(TransientError) as caught:
        await fold(made)
    await made.close()
    server.close()
    assert "\n" not in str(caught.value)


async def test_models_lists_what_the_server_offers() -> None:
    """For `model: auto` and local servers."""
    async with serving() as (server, made):
        assert await made.models() == ("wire-1",)
        assert server.requests[0].path == "/v1/models"


async def test_models_of_something_else_is_a_bad_answer() -> None:
    """A page or another JSON is not a list of models."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"hello": 1}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    made = provider(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    with pytest.raises(TransientError) as caught:
        await made.models()
    await made.close()
    server.close()
    assert caught.value.kind == "bad_answer"


async def test_warming_up_connects_to_nobody() -> None:
    """It loads the SDK and makes the pool; the server hears nothing."""
    async with serving() as (server, made):
        await made.warm()
        assert server.connections == 0


async def test_a_request_can_be_made_again_after_an_error() -> None:
    """A failed request leaves the connection pool sound."""
    async with serving(error(500, "no"), Reply(say="One two three", cut=200), Reply(say="Yes.")) as (_, made):
        for _ in range(2):
            with pytest.raises(TransientError):
                await fold(made, request())
        assert (await fold(made, request())).message.text() == "Yes."
