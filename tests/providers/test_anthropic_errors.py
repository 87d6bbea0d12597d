"""What the anthropic provider says when the vendor refuses, breaks off or sends nonsense. The connection's own failures are tested with openai-chat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from runner.errors import (
    AuthError,
    BadRequestError,
    ContentFiltered,
    ContextOverflow,
    ProviderError,
    QuotaError,
    TransientError,
    UnavailableError,
)
from tests.providers.anthropic_kit import fold, provider, serving
from tests.providers.kit import KEY
from tests.wire.anthropic_server import Reply, block, error, message_end, message_start

HTML = "<!doctype html><html><head><title>Log in</title></head><body>proxy</body></html>"
TEXT = {"type": "text", "text": ""}
WORD = {"type": "text_delta", "text": "Well"}


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


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(401, "authentication_error", f"invalid x-api-key {KEY}"), AuthError),
        (error(403, "permission_error", "not allowed"), AuthError),
        (error(402, "billing_error", "pay first"), QuotaError),
        (error(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."), QuotaError),
        (error(400, "invalid_request_error", "You have reached your specified API usage limits."), QuotaError),
        (error(429, "rate_limit_error", "threshold crossed", code="enforced_spend_limit_reached"), QuotaError),
        (error(404, "not_found_error", "model: claude-nope"), BadRequestError),
        (error(400, "invalid_request_error", "max_tokens: 999999 > 64000"), BadRequestError),
        (error(413, "request_too_large", "Request exceeds the maximum size"), BadRequestError),
        (Reply(status=413, body=HTML, content_type="text/html"), BadRequestError),
        (error(400, "invalid_request_error", "prompt is too long: 215000 tokens > 200000 maximum"), ContextOverflow),
        (
            error(400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000"),
            ContextOverflow,
        ),
        (error(400, "invalid_request_error", "Output blocked by content filtering policy"), ContentFiltered),
        (Reply(status=404, body=HTML, content_type="text/html"), UnavailableError),
        (Reply(body=HTML, content_type="text/html"), UnavailableError),
    ],
)
async def test_every_refusal_has_the_type_of_who_must_act(reply: Reply, kind: type[Exception]) -> None:
    """In the vendor's own words, or in those of what stands before it."""
    assert type(await failure(reply)) is kind


@pytest.mark.parametrize(
    ("status", "kind", "ours"),
    [
        (409, "conflict_error", "unavailable"),
        (429, "rate_limit_error", "rate_limit"),
        (500, "api_error", "unavailable"),
        (504, "timeout_error", "timeout"),
        (529, "overloaded_error", "overloaded"),
    ],
)
async def test_what_may_pass_is_transient_before_and_within_a_stream(status: int, kind: str, ours: str) -> None:
    """With the vendor's wish when it came in a header; in a stream status 200 was sent long before."""
    before = await failure(error(status, kind, "no", {"Retry-After": "2"}))
    assert isinstance(before, TransientError)
    assert (before.kind, before.retry_after) == (ours, 2.0)
    told = {"type": "error", "error": {"type": kind, "message": "no"}}
    within = await failure(Reply(events=(message_start(), *list(block(0, TEXT, WORD))[:2], told)))
    assert isinstance(within, TransientError)
    assert (within.kind, within.retry_after) == (ours, None)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"type": "error", "error": {"type": "invalid_request_error", "message": "bad"}}, BadRequestError),
        ({"type": "error", "error": {"type": "authentication_error", "message": "expired"}}, AuthError),
        ({"type": "error", "error": {"type": "something_new", "message": "bad"}}, TransientError),
        ({"type": "error"}, TransientError),
        ('{"error": {"message": "out of memory"}}', TransientError),
    ],
)
async def test_an_error_in_the_middle_of_a_stream_has_its_type(told: Any, kind: type[Exception]) -> None:
    """Also that of a server which words it in its own way."""
    assert type(await failure(Reply(events=(message_start(), told)))) is kind


NONSENSE = {
    "empty stream": Reply(body="", content_type="text/event-stream"),
    "only a ping": Reply(events=({"type": "ping"},)),
    "empty json": Reply(body="{}"),
    "no body": Reply(body=""),
    "broken json": Reply(body='{"type": "message", "content": [', content_type="application/json"),
    "broken event": Reply(events=('{"type": ',)),
    "not an object": Reply(events=("[]", "3")),
    "a type that is none": Reply(events=('{"type": []}',)),
    "no message": Reply(events=('{"type": "message_start"}',)),
    "a block of a wrong kind": Reply(events=(message_start(), '{"type": "content_block_start", "index": 0, "content_block": 3}')),
    "a delta of no block": Reply(
        events=(message_start(), '{"type": "content_block_delta", "index": 7, "delta": {"type": "thinking_delta", "thinking": "x"}}')
    ),
    "words that are none": Reply(
        events=(message_start(), '{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 3}}')
    ),
    "a call without a name": Reply(
        events=(message_start(), '{"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "a"}}')
    ),
    "content of a wrong kind": Reply(body='{"type": "message", "content": 3}'),
    "usage of a wrong kind": Reply(events=('{"type": "message_start", "message": {"usage": 3}}',)),
    "another vendor's chunk": Reply(events=('{"choices": [{"delta": {"content": "Hi"}}]}',)),
    "nested beyond reason": Reply(events=("[" * 100_000,)),
}


@pytest.mark.parametrize("reply", NONSENSE.values(), ids=NONSENSE.keys())
async def test_an_answer_that_makes_no_sense_may_pass(reply: Reply) -> None:
    """Status 200 with nothing or nonsense is transient, and said to be a bad answer."""
    found = await failure(reply)
    assert isinstance(found, TransientError)
    assert found.kind == "bad_answer"


async def test_a_cut_at_any_byte_is_transient_or_harmless() -> None:
    """Whatever arrived before: never an answer that lacks words or calls, never another error."""
    call = {"type": "tool_use", "id": "a", "name": "t", "input": {}}
    reply = Reply(
        events=(
            message_start(),
            *block(0, TEXT, {"type": "text_delta", "text": "Yes é."}),
            *block(1, call, {"type": "input_json_delta", "partial_json": '{"x":1}'}),
            *message_end("tool_use"),
        )
    )
    payload = reply.payload()
    complete = payload.index(b"\n\n", payload.index(b'"stop_reason": "tool_use"'))
    cuts = range(1, len(payload))
    async with serving(*(replace(reply, cut=cut) for cut in cuts)) as (_, made):
        for cut in cuts:
            try:
                response = await fold(made)
            except TransientError as found:
                assert found.kind == "cut", cut
                assert cut <= complete + 1
            else:
                assert cut >= complete
                assert (response.message.text(), response.message.calls()[0].arguments) == ("Yes é.", '{"x":1}')


async def test_a_distant_server_needs_a_key() -> None:
    """Only this machine's own servers are asked without one, and nothing is sent to find out."""
    with pytest.raises(AuthError, match="needs a key") as caught:
        await fold(provider("https://models.example"))
    assert "api_key" in (caught.value.hint or "")


async def test_a_request_can_be_made_again_after_an_error() -> None:
    """A failed request leaves the connection pool sound."""
    async with serving(error(500, "api_error", "no"), Reply(say="One two three", cut=400), Reply(say="Yes.")) as (_, made):
        for _ in range(2):
            with pytest.raises(TransientError):
                await fold(made)
        assert (await fold(made)).message.text() == "Yes."
