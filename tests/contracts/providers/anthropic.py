"""The Messages API over a real socket."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anthropic as _sdk  # noqa: F401 – it takes seconds to load: before the clock of any test runs

from runner.graph import ProviderNode
from runner.providers import ProviderContext, anthropic
from tests.contracts.providers._kit import KEY, Answer
from tests.wire.anthropic_server import Reply, WireServer, block, error, message_start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

ERRORS = {
    "rate_limit": (429, "rate_limit_error", ""),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "unavailable": (500, "api_error", "Internal server error"),
    "auth": (401, "authentication_error", "invalid x-api-key"),
    "quota": (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    "bad_request": (400, "invalid_request_error", "max_tokens: Field required"),
    "content_filter": (400, "invalid_request_error", "Output blocked by content filtering policy"),
    "context_overflow": (400, "invalid_request_error", "prompt is too long: 215000 tokens > 200000 maximum"),
}


class Fake:
    keeps_ids = True
    model = "wire-1"

    def __init__(self, server: WireServer) -> None:
        self._server = server
        settings = anthropic.Settings(base_url=server.base_url, api_key=KEY)
        self.provider = anthropic.open(ProviderNode("fake", "anthropic", "fake.yaml:1"), settings, ProviderContext())

    def asked(self) -> int:
        return len(self._server.requests)

    def sent(self) -> list[str]:
        return [json.dumps(request.data) for request in self._server.requests]

    async def cancelled(self) -> None:
        await self._server.hung_up.wait()


@asynccontextmanager
async def serve(answers: Sequence[Answer]) -> AsyncIterator[Fake]:
    async with WireServer(map(_reply, answers)) as server:
        fake = Fake(server)
        try:
            yield fake
        finally:
            await fake.provider.close()


def _reply(answer: Answer) -> Reply:
    if answer.error:
        status, kind, words = ERRORS[answer.error]
        headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
        return error(status, kind, f"{words} (key {KEY})", headers)
    if answer.cut is not None:
        said = Reply(say=answer.text[: answer.cut]).pieces()
        return Reply(say=answer.text, cut=sum(map(len, said[:-4])))
    if answer.hold:
        words = {"type": "text_delta", "text": answer.text}
        return Reply(hold=True, events=(message_start(), *list(block(0, {"type": "text", "text": ""}, words))[:-1]))
    return Reply(say=answer.text, think=answer.thought, calls=answer.calls, usage=_usage(answer))


def _usage(answer: Answer) -> dict[str, Any] | None:
    """Split what was read into the vendor's three numbers."""
    usage = answer.usage
    if usage is None or usage.input is None:
        return None
    cached, written = usage.cached or 0, 7
    return {
        "input_tokens": usage.input - cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "output_tokens": usage.output,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
    }
