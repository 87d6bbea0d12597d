"""OpenAI's Chat Completions, the format every compatible server speaks. Refuses to know any vendor's name.

The SDK gives the address, the authorization and the connection pool with its proxies and certificates. Bodies are prepared bytes and the
stream is decoded by hand: a typed object per chunk costs several times what the rest of a turn does.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from pydantic import Field

from runner.providers import Capabilities
from runner.providers._chat_request import RequestWriter
from runner.providers._chat_stream import ChatAnswer
from runner.providers._connection import Connection, ServerSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2

    from runner.graph import ProviderNode
    from runner.messages import ModelEvent, ModelRequest
    from runner.providers import ProviderContext


class Settings(ServerSettings):
    """Where the server is and how it knows us."""

    base_url: str = Field(
        default="https://api.openai.com/v1",
        description="The address of the API, as the vendor's own library expects it.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    organization: str | None = Field(default=None, description="The organization that is billed.", examples=["org-123"])


def open(node: ProviderNode, settings: Settings, context: ProviderContext) -> OpenAIChat:  # noqa: A001 – the contract's name
    """Return a provider for any server that speaks Chat Completions; it connects when first asked."""
    return OpenAIChat(node, settings, context)


class OpenAIChat:
    """One connection pool to one server, shared by all agents of the process."""

    def __init__(self, node: ProviderNode, settings: Settings, context: ProviderContext) -> None:
        self._node = node
        self._settings = settings
        self._connection = Connection(node.name, settings, self._connect)
        self._writer = RequestWriter(node.name, settings.base_url, context.get_blob)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield the answer as it comes. Raises TransientError for what may pass, else a ProviderError."""
        body = await self._writer.body(request)
        answer = ChatAnswer(self._connection.place)
        async with aclosing(self._connection.ask("chat/completions", body, answer)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    def capabilities(self, model: str) -> Capabilities:
        """Return what a model can do: all, as far as anybody knows, within the `context` its definition gives."""
        found = next((named for named in self._node.models.values() if named.id == model), None)
        return Capabilities(context=found.context if found else None)

    async def models(self) -> tuple[str, ...]:
        """Return the ids of the models that the server offers, in its order. Raises what `stream` raises."""
        return await self._connection.ids("models")

    async def warm(self) -> None:
        """Load the SDK and make the connection pool in a thread, so that the first request does not wait for it."""
        await self._connection.warm()

    async def close(self) -> None:
        """Give back the connections."""
        await self._connection.close()

    def _connect(self, key: str, options: dict[str, Any]) -> tuple[httpx2.AsyncClient, dict[str, str]]:
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        http = DefaultAsyncHttpxClient(**options)
        # Values of ours in all places keep the SDK from taking a key or an organization of another vendor from the environment.
        sdk = AsyncOpenAI(
            api_key=key or "none",
            organization=self._settings.organization or "",
            project="",
            base_url=self._settings.base_url,
            http_client=http,
            max_retries=0,
        )
        headers = dict(sdk.auth_headers) if key else {}
        return http, headers | ({"OpenAI-Organization": sdk.organization} if sdk.organization else {})
