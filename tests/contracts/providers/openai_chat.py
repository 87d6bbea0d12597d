"""Chat Completions over a real socket."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runner.graph import ProviderNode
from runner.providers import ProviderContext, openai_chat
from tests.contracts.providers._kit import KEY, Answer
from tests.wire.openai_server import Reply, WireServer, error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

ERRORS = {
    "rate_limit": (429, "rate_limit_exceeded"),
    "overloaded": (503, "overloaded"),
    "unavailable": (500, "server_error"),
    "auth": (401, "invalid_api_key"),
    "quota": (429, "insufficient_quota"),
    "bad_request": (400, "invalid_request_error"),
    "content_filter": (400, "content_filter"),
    "context_overflow": (400, "context_length_exceeded"),
}


class Fake:
    keeps_ids = True
    model = "wire-1"

    def __init__(self, server: WireServer) -> None:
        self._server = server
        settings = openai_chat.Settings(base_url=server.base_url, api_key=KEY)
        self.provider = openai_chat.open(ProviderNode("fake", "openai-chat", "fake.yaml:1"), settings, ProviderContext())

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
        status, code = ERRORS[answer.error]
        headers = {} if answer.retry_after is None else {"Retry-After": str(answer.retry_after)}
        return error(status, f"no: {answer.error} (key {KEY})", code, headers)
    usage = None
    if answer.usage:
        usage = {
            "prompt_tokens": answer.usage.input,
            "completion_tokens": answer.usage.output,
            "prompt_tokens_details": {"cached_tokens": answer.usage.cached},
            "completion_tokens_details": {"reasoning_tokens": answer.usage.reasoning},
        }
    reply = Reply(say=answer.text, think=answer.thought, calls=answer.calls, usage=usage)
    if answer.cut is not None:
        said = Reply(say=answer.text[: answer.cut]).pieces()
        return Reply(say=answer.text, cut=sum(map(len, said[:-3])))
    return Reply(say=answer.text, hold=True, done=False, events=tuple(_held(answer))) if answer.hold else reply


def _held(answer: Answer) -> list[dict[str, object]]:
    from tests.wire.openai_server import chunk

    return [chunk({"content": answer.text})]
