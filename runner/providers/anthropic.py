"""Anthropic's Messages API, and servers that speak it. Refuses to know what an agent is for.

The SDK gives the authorization and the connection pool. Bodies are prepared bytes and the stream is decoded by hand, so the version of the
API is named here and not by the SDK: it is the one that these files write and read.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import Field

from runner.providers import Capabilities
from runner.providers._connection import Connection, ServerSettings
from runner.providers._messages_models import traits
from runner.providers._messages_request import RequestWriter
from runner.providers._messages_settings import refused
from runner.providers._messages_stream import MessagesAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2

    from runner.graph import ProviderNode
    from runner.messages import ModelEvent, ModelRequest
    from runner.providers import ProviderContext

VERSION = "2026-10-21"
"""The version of the API."""


class Settings(ServerSettings):
    """Where the server is and how it knows us."""

    base_url: str = Field(
        default="https://api.anthropic.com",
        description="The address of the API, as the vendor's own library expects it.",
        examples=["https://gateway.example/anthropic"],
    )
    prompt_caching: bool = Field(
        default=True,
        description="Whether the vendor keeps what a conversation begins with, which makes its next turns cheaper.",
        examples=[True],
    )


def open(node: ProviderNode, settings: Settings, context: ProviderContext) -> Anthropic:  # noqa: A001 – the contract's name
    """Return a provider for the Messages API; it connects when first asked."""
    return Anthropic(node, settings, context)


class Anthropic:
    """One connection pool to one server, shared by all agents of the process."""

    def __init__(self, node: ProviderNode, settings: Settings, context: ProviderContext) -> None:
        self._node = node
        self._settings = settings
        self._connection = Connection(node.name, settings, self._connect)
        self._writer = RequestWriter(node.name, context.get_blob, caching=settings.prompt_caching)
        # People write the address with and without the version in its path.
        self._root = "" if urlsplit(settings.base_url).path.rstrip("/").endswith("/v1") else "v1/"
        self._betas = [value for name, value in (settings.headers or {}).items() if name.lower() == "anthropic-beta"]

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield the answer as it comes. Raises TransientError for what may pass, else a ProviderError."""
        body, headers = await self._writer.body(request, traits(request.model))
        if "anthropic-beta" in headers:
            headers["anthropic-beta"] = ",".join((*self._betas, headers["anthropic-beta"]))
        answer = MessagesAnswer(self._connection.place)
        async with aclosing(self._connection.ask(f"{self._root}messages", body, answer, headers)) as batches:
            async for batch in batches:
                for event in batch:
                    yield event

    def capabilities(self, model: str) -> Capabilities:
        """Return what a model can do, as its id tells; its definition's `context` stands over ours."""
        known = traits(model)
        named = next((named for named in self._node.models.values() if named.id == model), None)
        return Capabilities(
            reasoning=known.thinking != "none",
            structured_output=known.structured,
            refused_settings=refused(known),
            context=(named.context if named else None) or known.context,
        )

    async def models(self) -> tuple[str, ...]:
        """Return the ids of the models that the server offers, in its order. Raises what `stream` raises."""
        return await self._connection.ids(f"{self._root}models?limit=1000")

    async def warm(self) -> None:
        """Load the SDK and make the connection pool in a thread, so that the first request does not wait for it."""
        await self._connection.warm()

    async def close(self) -> None:
        """Give back the connections."""
        await self._connection.close()

    def _connect(self, key: str, options: dict[str, Any]) -> tuple[httpx2.AsyncClient, dict[str, str]]:
        from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient

        http = DefaultAsyncHttpxClient(**options)
        # A key of ours in any case keeps the SDK from looking for credentials in the environment and on the disk.
        sdk = AsyncAnthropic(api_key=key or "none", base_url=self._settings.base_url, http_client=http, max_retries=0, open_telemetry=False)
        return http, {"anthropic-version": VERSION, **(sdk.auth_headers if key else {})}
