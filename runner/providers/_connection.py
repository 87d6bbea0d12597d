"""One pool of connections to one model server: requests out, answers in, every failure said in our errors. Knows no request format.

The vendor's SDK gives the pool and the authorization (`connect`); it is loaded in a thread when the first request is made.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field

from runner.errors import AuthError, BadRequestError, TransientError
from runner.providers._http import Place, bad_answer, complaint, is_loopback, not_an_api, status_error, transport_error
from runner.providers._wire import EventLines, loads
from runner.spec.base import ProviderSettings
from runner.spec.units import seconds
from runner.spec.words import Duration

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping

    import httpx2

    from runner.errors import ProviderError
    from runner.messages import ModelEvent
    from runner.providers._http import Complaint

CONNECT = 10.0
"""Seconds to reach the server."""

_ERROR_BODY = 64 * 1024
_WHOLE_BODY = 64 * 1024 * 1024
_DRAIN = 0.2


class ServerSettings(ProviderSettings):
    """Where a model server is and how it knows us."""

    base_url: str = Field(description="The address of the API, as the vendor's own library expects it.", examples=["https://host/v1"])
    api_key: str | None = Field(
        default=None, description="The key; a server on this machine may do without.", examples=["${secret:TEAM_KEY}"]
    )
    headers: dict[str, str] | None = Field(default=None, description="More headers for every request.", examples=[{"X-Team": "support"}])
    first_byte_timeout: Duration = Field(default="5m", description="How long the server may take to begin an answer.", examples=["5m"])
    idle_timeout: Duration = Field(default="60s", description="How long it may be silent in the middle of one.", examples=["60s"])


class Answer(Protocol):
    """One answer as it comes in, read by the format's own file. `done`: nothing more will come."""

    done: bool

    @property
    def complete(self) -> bool:
        """True once the vendor has said why it stopped: what breaks after that harms nothing."""
        ...

    def feed(self, payload: bytes) -> list[ModelEvent]:
        """Return the events of one payload of the stream, or of a whole answer in JSON."""
        ...

    def finish(self) -> list[ModelEvent]:
        """Return the last events once the stream has ended."""
        ...


class Connection:
    """A server, shared by all agents of the process. `connect(key, options)` returns the SDK's HTTP client and the vendor's headers."""

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        connect: Callable[[str, dict[str, Any]], tuple[httpx2.AsyncClient, dict[str, str]]],
    ) -> None:
        self._name = name
        self._settings = settings
        self._connect = connect
        self._key = (settings.api_key or "").strip()
        secrets = (self._key, *(settings.headers or {}).values())
        self.place = Place(name, settings.base_url, tuple(secret for secret in secrets if len(secret) > 5))
        self._http: httpx2.AsyncClient | None = None
        self._headers: dict[str, str] = {}
        self._opening = asyncio.Lock()

    async def ask(
        self, path: str, body: bytes, answer: Answer, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[list[ModelEvent], None]:
        """Yield the events of each chunk together: a generator step per delta would cost more than reading it.

        Raises TransientError for what may pass, else a ProviderError.
        """
        response = await self._send("POST", path, body, headers)
        try:
            if "json" in response.headers.get("content-type", ""):
                yield answer.feed(await self._whole(response))
            else:
                async with aclosing(self._streamed(response, answer)) as batches:
                    async for batch in batches:
                        yield batch
            yield answer.finish()
        finally:
            await response.aclose()

    async def ids(self, path: str) -> tuple[str, ...]:
        """Return the ids of the models that the server lists, in its order. Raises what `ask` raises."""
        response = await self._send("GET", path, None)
        try:
            data = loads(await self._whole(response))
            return tuple(str(item["id"]) for item in cast("list[dict[str, Any]]", data["data"]))
        except (ValueError, TypeError, KeyError) as error:
            raise bad_answer(self.place, "sent something that is not a list of models") from error
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
                    self._http, self._headers = await asyncio.to_thread(self._open)
        return self._http

    def _check(self) -> None:
        url, name = urlsplit(self._settings.base_url), self._name
        if url.scheme not in ("http", "https") or not url.hostname:
            raise BadRequestError(f"`base_url` of provider `{name}` is no address", hint="it looks like https://host/v1")
        if not self._key and not self._settings.headers and not is_loopback(self._settings.base_url):
            raise AuthError(
                f"{self.place.label} needs a key", hint=f"set `api_key` of provider `{name}`; only a server on this machine may do without"
            )
        for value in (self._key, *(self._settings.headers or {}).values()):
            if not (value.isascii() and value.isprintable()):
                raise AuthError(
                    f"a key or header of provider `{name}` has characters that cannot be sent", hint="copy it again, without line breaks"
                )

    def _open(self) -> tuple[httpx2.AsyncClient, dict[str, str]]:
        import httpx2

        first_byte = seconds(self._settings.first_byte_timeout)
        options: dict[str, Any] = {
            "timeout": httpx2.Timeout(first_byte, connect=CONNECT),
            "follow_redirects": False,
            "trust_env": not is_loopback(self._settings.base_url),
            # Without TLS nothing is verified, and an empty context saves reading the system's certificates.
            "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if self._settings.base_url.startswith("http:") else True,
        }
        http, headers = self._connect(self._key, options)
        own = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": "agent-run"}
        return http, own | headers | (self._settings.headers or {})

    async def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None = None) -> httpx2.Response:
        http = await self._client()
        import httpx2

        try:
            url = _join(self._settings.base_url, path)
            request = http.build_request(method, url, content=body, headers={**self._headers, **headers} if headers else self._headers)
            response = await http.send(request, stream=True)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise transport_error(self.place, error, begun=False) from error
        # The pool reads this map again when the body begins: from here on silence counts, not the time to the first byte.
        request.extensions["timeout"]["read"] = seconds(self._settings.idle_timeout)
        if response.status_code != 200:
            raise await self._refused(response)
        if "html" in response.headers.get("content-type", ""):
            raise not_an_api(self.place, await self._said(response))
        return response

    async def _refused(self, response: httpx2.Response) -> ProviderError | TransientError:
        headers = cast("Mapping[str, str]", response.headers)
        return status_error(self.place, response.status_code, headers, await self._said(response))

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
                    raise bad_answer(self.place, "sent an answer without end")
        return b"".join(parts)

    async def _chunks(self, response: httpx2.Response) -> AsyncGenerator[bytes, None]:
        import httpx2

        try:
            async with aclosing(response.aiter_bytes()) as chunks:
                async for chunk in chunks:
                    yield chunk
        except httpx2.HTTPError as error:
            raise transport_error(self.place, error, begun=True) from error

    async def _streamed(self, response: httpx2.Response, answer: Answer) -> AsyncGenerator[list[ModelEvent], None]:
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
            raise not_an_api(self.place, complaint(lines.head))

    def _read(self, lines: EventLines, chunk: bytes, answer: Answer) -> list[ModelEvent]:
        try:
            payloads = lines.feed(chunk)
        except ValueError as error:
            raise bad_answer(self.place, "sent a line without end") from error
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
    """Return the address of a path; both may have a query."""
    url, (path, _, query) = urlsplit(base_url), path.partition("?")
    return urlunsplit((url.scheme, url.netloc, f"{url.path.rstrip('/')}/{path}", "&".join(filter(None, (url.query, query))), ""))
