"""OpenAI's Chat Completions, the format every compatible server speaks. Refuses to know any vendor's name.

The SDK gives the address, the authorization and the connection pool with its proxies and certificates. Bodies are prepared bytes and the
stream is decoded by hand: a typed object per chunk costs several times what the rest of a turn does.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field

from runner.errors import AuthError, BadRequestError, TransientError
from runner.providers import Capabilities
from runner.providers._chat_request import RequestWriter
from runner.providers._chat_stream import ChatAnswer
from runner.providers._http import Place, bad_answer, complaint, is_loopback, not_an_api, status_error, transport_error
from runner.providers._wire import EventLines, loads
from runner.spec.base import ProviderSettings
from runner.spec.units import seconds
from runner.spec.words import Duration

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    import httpx2

    from runner.errors import ProviderError
    from runner.graph import ProviderNode
    from runner.messages import ModelEvent, ModelRequest
    from runner.providers import ProviderContext
    from runner.providers._http import Complaint

CONNECT = 10.0
"""Seconds to reach the server."""

_ERROR_BODY = 64 * 1024
_WHOLE_BODY = 64 * 1024 * 1024
_DRAIN = 0.2


class Settings(ProviderSettings):
    """Where the server is and how it knows us."""

    base_url: str = Field(
        default="https://api.openai.com/v1",
        description="The address of the API, as the vendor's own library expects it.",
        examples=["http://127.0.0.1:11434/v1"],
    )
    api_key: str | None = Field(
        default=None, description="The key; a server on this machine may do without.", examples=["${secret:TEAM_KEY}"]
    )
    organization: str | None = Field(default=None, description="The organization that is billed.", examples=["org-123"])
    headers: dict[str, str] | None = Field(default=None, description="More headers for every request.", examples=[{"X-Team": "support"}])
    first_byte_timeout: Duration = Field(default="5m", description="How long the server may take to begin an answer.", examples=["5m"])
    idle_timeout: Duration = Field(default="60s", description="How long it may be silent in the middle of one.", examples=["60s"])


def open(node: ProviderNode, settings: Settings, context: ProviderContext) -> OpenAIChat:  # noqa: A001 – the contract's name
    """Return a provider for any server that speaks Chat Completions; it connects when first asked."""
    return OpenAIChat(node, settings, context)


class OpenAIChat:
    """One connection pool to one server, shared by all agents of the process."""

    def __init__(self, node: ProviderNode, settings: Settings, context: ProviderContext) -> None:
        self._node = node
        self._settings = settings
        self._key = (settings.api_key or "").strip()
        secrets = (self._key, *(settings.headers or {}).values())
        self._place = Place(node.name, settings.base_url, tuple(secret for secret in secrets if len(secret) > 5))
        self._writer = RequestWriter(node.name, settings.base_url, context.get_blob)
        self._http: httpx2.AsyncClient | None = None
        self._headers: dict[str, str] = {}
        self._opening = asyncio.Lock()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield the answer as it comes. Raises TransientError for what may pass, else a ProviderError."""
        body = await self._writer.body(request)
        response = await self._send("POST", "chat/completions", body)
        answer = ChatAnswer(self._place)
        try:
            if "json" in response.headers.get("content-type", ""):
                for event in answer.feed(await self._whole(response)):
                    yield event
            else:
                async with aclosing(self._batches(response, answer)) as batches:
                    async for batch in batches:
                        for event in batch:
                            yield event
            for event in answer.finish():
                yield event
        finally:
            await response.aclose()

    def capabilities(self, model: str) -> Capabilities:
        """Return what a model can do: all, as far as anybody knows, within the `context` its definition gives."""
        found = next((named for named in self._node.models.values() if named.id == model), None)
        return Capabilities(context=found.context if found else None)

    async def models(self) -> tuple[str, ...]:
        """Return the ids of the models that the server offers, in its order. Raises what `stream` raises."""
        response = await self._send("GET", "models", None)
        try:
            data = loads(await self._whole(response))
            return tuple(str(item["id"]) for item in cast("list[dict[str, Any]]", data["data"]))
        except (ValueError, TypeError, KeyError) as error:
            raise bad_answer(self._place, "sent something that is not a list of models") from error
        finally:
            await response.aclose()

    async def warm(self) -> None:
        """Load the SDK and make the connection pool in a thread, so that the first request does not wait for it."""
        await self._client()

    async def close(self) -> None:
        """Give back the connections."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def _client(self) -> httpx2.AsyncClient:
        if self._http is None:
            self._check()
            async with self._opening:
                if self._http is None:
                    self._http, self._headers = await asyncio.to_thread(self._connect)
        return self._http

    def _check(self) -> None:
        url, name = urlsplit(self._settings.base_url), self._node.name
        if url.scheme not in ("http", "https") or not url.hostname:
            raise BadRequestError(f"`base_url` of provider `{name}` is no address", hint="it looks like https://host/v1")
        if not self._key and not self._settings.headers and not is_loopback(self._settings.base_url):
            raise AuthError(
                f"{self._place.label} needs a key", hint=f"set `api_key` of provider `{name}`; only a server on this machine may do without"
            )
        for value in (self._key, *(self._settings.headers or {}).values()):
            if not (value.isascii() and value.isprintable()):
                raise AuthError(
                    f"a key or header of provider `{name}` has characters that cannot be sent", hint="copy it again, without line breaks"
                )

    def _connect(self) -> tuple[httpx2.AsyncClient, dict[str, str]]:
        import httpx2
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        first_byte = seconds(self._settings.first_byte_timeout)
        http = DefaultAsyncHttpxClient(
            timeout=httpx2.Timeout(first_byte, connect=CONNECT),
            follow_redirects=False,
            trust_env=not is_loopback(self._settings.base_url),
            # Without TLS nothing is verified, and an empty context saves reading the system's certificates.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if self._settings.base_url.startswith("http:") else True,
        )
        # Values of ours in all places keep the SDK from taking a key or an organization of another vendor from the environment.
        sdk = AsyncOpenAI(
            api_key=self._key or "none",
            organization=self._settings.organization or "",
            project="",
            base_url=self._settings.base_url,
            http_client=http,
            max_retries=0,
        )
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "agent-run"}
        headers |= sdk.auth_headers if self._key else {}
        headers |= {"OpenAI-Organization": sdk.organization} if sdk.organization else {}
        return http, headers | (self._settings.headers or {})

    async def _send(self, method: str, path: str, body: bytes | None) -> httpx2.Response:
        http = await self._client()
        import httpx2

        try:
            request = http.build_request(method, _join(self._settings.base_url, path), content=body, headers=self._headers)
            response = await http.send(request, stream=True)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise transport_error(self._place, error, begun=False) from error
        # The pool reads this map again when the body begins: from here on silence counts, not the time to the first byte.
        request.extensions["timeout"]["read"] = seconds(self._settings.idle_timeout)
        if response.status_code != 200:
            raise await self._refused(response)
        if "html" in response.headers.get("content-type", ""):
            raise not_an_api(self._place, await self._said(response))
        return response

    async def _refused(self, response: httpx2.Response) -> ProviderError | TransientError:
        headers = cast("Mapping[str, str]", response.headers)
        return status_error(self._place, response.status_code, headers, await self._said(response))

    async def _said(self, response: httpx2.Response) -> Complaint:
        """Return what an error body says; of a long one only the beginning is read."""
        import httpx2

        body = b""
        try:
            async with aclosing(response.aiter_bytes()) as chunks:
                async for chunk in chunks:
                    body += chunk
                    if len(body) > _ERROR_BODY:
                        break
        except httpx2.HTTPError:
            pass  # the status alone has to do
        finally:
            await response.aclose()
        return complaint(body, response.headers.get("content-type", ""))

    async def _whole(self, response: httpx2.Response) -> bytes:
        parts: list[bytes] = []
        size = 0
        async with aclosing(self._chunks(response)) as chunks:
            async for chunk in chunks:
                parts.append(chunk)
                size += len(chunk)
                if size > _WHOLE_BODY:
                    raise bad_answer(self._place, "sent an answer without end")
        return b"".join(parts)

    async def _chunks(self, response: httpx2.Response) -> AsyncGenerator[bytes, None]:
        import httpx2

        try:
            async with aclosing(response.aiter_bytes()) as chunks:
                async for chunk in chunks:
                    yield chunk
        except httpx2.HTTPError as error:
            raise transport_error(self._place, error, begun=True) from error

    async def _batches(self, response: httpx2.Response, answer: ChatAnswer) -> AsyncGenerator[list[ModelEvent], None]:
        """Yield the events of each chunk together: a generator step per delta would cost more than reading it."""
        lines = EventLines()
        async with aclosing(self._chunks(response)) as chunks:
            try:
                async for chunk in chunks:
                    yield self._read(lines, chunk, answer)
                    if answer.done:
                        await _drain(chunks)
                        return
            except TransientError:
                if not answer.complete:
                    raise
        if not answer.complete:
            yield [event for payload in lines.end() for event in answer.feed(payload)]
        if lines.head.lstrip()[:1] == b"<":
            raise not_an_api(self._place, complaint(lines.head))

    def _read(self, lines: EventLines, chunk: bytes, answer: ChatAnswer) -> list[ModelEvent]:
        try:
            payloads = lines.feed(chunk)
        except ValueError as error:
            raise bad_answer(self._place, "sent a line without end") from error
        return [event for payload in payloads for event in answer.feed(payload)]


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read to the end of a finished answer, so that the connection can be used again; a server that lingers is not waited for."""
    try:
        async with asyncio.timeout(_DRAIN):
            async for _ in chunks:
                pass
    except (TimeoutError, TransientError):
        pass


def _join(base_url: str, path: str) -> str:
    url = urlsplit(base_url)
    return urlunsplit((url.scheme, url.netloc, f"{url.path.rstrip('/')}/{path}", url.query, ""))
