"""An Anthropic provider on a test server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anthropic as _sdk  # noqa: F401 – it takes seconds to load: before the clock of any test runs

from runner.executor.fold import Folder
from runner.graph import ModelNode, ProviderNode
from runner.providers import ProviderContext, anthropic
from tests.providers.kit import request
from tests.wire.anthropic_server import Reply, WireServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.messages import ModelRequest, ModelResponse


def provider(base_url: str, *, get_blob: Any = None, models: dict[str, ModelNode] | None = None, **settings: Any) -> anthropic.Anthropic:
    node = ProviderNode("team", "anthropic", "team.yaml:1", models=models or {})
    return anthropic.open(node, anthropic.Settings(base_url=base_url, **settings), ProviderContext(get_blob))


@asynccontextmanager
async def serving(*replies: Reply, **settings: Any) -> AsyncIterator[tuple[WireServer, anthropic.Anthropic]]:
    """A test server and a provider that is connected to it."""
    async with WireServer(replies) as server:
        made = provider(server.base_url, **settings)
        try:
            yield server, made
        finally:
            await made.close()


async def fold(made: anthropic.Anthropic, asked: ModelRequest | None = None) -> ModelResponse:
    folder = Folder("team/wire-1")
    async for event in made.stream(asked or request()):
        folder.feed(event)
    return folder.response()
