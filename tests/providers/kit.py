"""A provider on a test server, and its answers folded."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from runner.executor.fold import Folder
from runner.graph import ModelNode, ProviderNode
from runner.messages import ModelRequest, TextPart, UserMessage
from runner.providers import ProviderContext, openai_chat
from tests.wire.openai_server import Reply, WireServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.messages import Message, ModelResponse

KEY = "sk-test-0123456789abcdef"


def user(text: str = "Hi") -> UserMessage:
    return UserMessage((TextPart(text),))


def request(*messages: Message, **more: Any) -> ModelRequest:
    return ModelRequest(**{"model": "wire-1", "system": "", "messages": messages or (user(),), **more})


def provider(base_url: str, *, get_blob: Any = None, models: dict[str, ModelNode] | None = None, **settings: Any) -> openai_chat.OpenAIChat:
    node = ProviderNode("team", "openai-chat", "team.yaml:1", models=models or {})
    return openai_chat.open(node, openai_chat.Settings(base_url=base_url, **settings), ProviderContext(get_blob))


@asynccontextmanager
async def serving(*replies: Reply, **settings: Any) -> AsyncIterator[tuple[WireServer, openai_chat.OpenAIChat]]:
    """A test server and a provider that is connected to it."""
    async with WireServer(replies) as server:
        made = provider(server.base_url, **settings)
        try:
            yield server, made
        finally:
            await made.close()


async def fold(made: openai_chat.OpenAIChat, asked: ModelRequest | None = None) -> ModelResponse:
    folder = Folder("team/wire-1")
    async for event in made.stream(asked or request()):
        folder.feed(event)
    return folder.response()
