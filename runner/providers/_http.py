"""What goes wrong between us and a model server, said in our errors: statuses, error bodies, broken connections. Knows no request format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

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
from runner.providers._wire import loads
from runner.redact import redact
from runner.retry import parse_retry_after, transient_status

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN = 500
"""Characters of a server's own words that an error shows."""

_QUOTA = {
    *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "insufficient_balance", "insufficient_credits"),
    *("billing_error", "enforced_spend_limit_reached", "contract_spend_limit_reached"),
    *("linked_organization_spend_limit_reached", "linked_organization_billing_unavailable"),
}
_NO_MONEY = re.compile(r"credit balance is too low|reached your specified (?:api|workspace api) usage limits", re.IGNORECASE)
_FILTER = {"content_filter", "content_policy_violation", "responsibleaipolicyviolation"}
_FILTERED = re.compile(r"blocked by (?:our )?content filter", re.IGNORECASE)
_OVERFLOW = re.compile(
    r"context_length_exceeded|exceed_context_size|maximum context length|context (?:window|length|size)|exceed context limit|"
    r"prompt is too long|too many (?:input )?tokens|input is too long",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_NO_NAME = re.compile(r"name or service not known|name resolution|nodename nor servname|getaddrinfo|no address associated", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """A server as errors name it. `secrets` are values that must never be shown."""

    provider: str
    base_url: str
    secrets: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The provider and its address, without credentials in it."""
        parts = urlsplit(self.base_url)
        return f"provider `{self.provider}` ({urlunsplit((parts.scheme, parts.netloc.rpartition('@')[2], parts.path, '', ''))})"

    def words(self, text: str) -> str:
        """Return a server's words as one short line without control characters and without secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "[secret]")
        line = " ".join("".join(c if c.isprintable() else " " for c in redact(text[: _SHOWN * 8])).split())
        return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error as a server words it. `structured` is False for a page or plain text."""

    message: str
    code: str = ""
    structured: bool = False
    status: int | None = None


def complaint(body: bytes, content_type: str = "") -> Complaint:
    """Return what an error body says: OpenAI's `{"error": {…}}` and its many relatives, a page's title, or plain text."""
    text = body.decode("utf-8", "replace").strip()
    if "html" in content_type or text[:200].lower().startswith(("<!doctype", "<html")):
        title = _TITLE.search(text)
        return Complaint(f"an HTML page ({title[1].strip()})" if title else "an HTML page")
    try:
        data = loads(body)
    except ValueError:
        return Complaint(text)
    return complaint_of(data) or Complaint(text)


def complaint_of(data: Any) -> Complaint | None:
    """Return the error that JSON data holds, None when it holds none."""
    if isinstance(data, list) and data:
        return complaint_of(cast("list[Any]", data)[0])
    if not isinstance(data, dict):
        return None
    found = cast("dict[str, Any]", data)
    error: Any = found.get("error") or found.get("detail") or (found.get("message") if found.get("object") == "error" else None)
    if isinstance(error, dict):
        details = cast("dict[str, Any]", error)
        inner: Any = details.get("details")
        cause = cast("dict[str, Any]", inner).get("error_code") if isinstance(inner, dict) else None
        code = details.get("code") or cause or details.get("type") or ""
        status = details.get("code") if isinstance(details.get("code"), int) else details.get("status")
        message = details.get("message") or details.get("metadata") or details
        return Complaint(str(message), f"{code} {details.get('type') or ''}".strip(), True, status if isinstance(status, int) else None)
    if error:
        return Complaint(str(error), str(found.get("code") or found.get("type") or ""), True)
    return Complaint(str(found["message"]), str(found.get("code") or ""), True) if isinstance(found.get("message"), str) else None


def status_error(place: Place, status: int, headers: Mapping[str, str], said: Complaint) -> ProviderError | TransientError:
    """Return the error of our tree for an answer with a status that is not 200."""
    words = place.words(said.message)
    told = f"{place.label} answered {status}" + (f": {words}" if words else "")
    named = _by_code(place, said, told)
    if named is not None and not (status >= 500 and isinstance(named, ContextOverflow)):
        return named
    if status in (401, 403):
        return AuthError(told, hint=f"check `api_key` of provider `{place.provider}`, and that it may use this model")
    if status == 402:
        return QuotaError(told, hint="check the account's plan and billing")
    if kind := transient_status(status, headers):
        return TransientError(told, kind=kind, retry_after=parse_retry_after(headers))
    return _final(place, status, headers, said, told)


def _by_code(place: Place, said: Complaint, told: str) -> ProviderError | None:
    codes = set(said.code.lower().split())
    if codes & _QUOTA or _NO_MONEY.search(said.message[:2000]):
        return QuotaError(told, hint="check the account's plan and billing")
    if codes & _FILTER or _FILTERED.search(said.message[:2000]):
        return ContentFiltered(told, hint="say it in other words")
    if codes & {"invalid_api_key"}:
        return AuthError(told, hint=f"check `api_key` of provider `{place.provider}`")
    if _OVERFLOW.search(f"{said.code} {said.message[:2000]}") and "rate_limit" not in said.code:
        return ContextOverflow(told, hint="shorten the conversation or name a model with a larger window")
    return None


def _final(place: Place, status: int, headers: Mapping[str, str], said: Complaint, told: str) -> ProviderError:
    if status in (408, 409, 429) or status >= 500:
        return UnavailableError(told, hint="the server asks not to try again")
    if 300 <= status < 400:
        where = place.words(headers.get("location", "another address"))
        return UnavailableError(f"{place.label} redirects to {where}", hint="write that address into `base_url`")
    if status == 413:
        return BadRequestError(told, hint="the request has too many bytes: send fewer or smaller files, or shorten the conversation")
    if not said.structured:
        hint = f"check `base_url` of provider `{place.provider}`: it should lead to the API, most often it ends in /v1"
        return UnavailableError(told, hint=hint) if status in (404, 405) else BadRequestError(told, hint=hint)
    hint = f"check the model's id: does provider `{place.provider}` have it?" if status == 404 else None
    return BadRequestError(told, hint=hint)


def not_an_api(place: Place, said: Complaint) -> UnavailableError:
    """Return the error for a page where an answer should be."""
    hint = f"check `base_url` of provider `{place.provider}`, and whether a proxy or a login page stands in between"
    return UnavailableError(f"{place.label} answered with {place.words(said.message)} instead of a model's answer", hint=hint)


def bad_answer(place: Place, what: str) -> TransientError:
    """Return the error for an answer with status 200 that makes no sense."""
    return TransientError(f"{place.label} {what}", kind="bad_answer")


def transport_error(place: Place, error: Exception, *, begun: bool) -> ProviderError | TransientError:
    """Return the error of our tree for what the HTTP client raised. `begun` says whether an answer had started."""
    import httpx2

    words = place.words(str(error)) or type(error).__name__
    match error:
        case httpx2.ConnectTimeout() | httpx2.PoolTimeout():
            return TransientError(f"{place.label} cannot be reached: no connection in time", kind="timeout", hint=_reach_hint(place))
        case httpx2.TimeoutException():
            what = "stopped sending in the middle of the answer" if begun else "did not answer in time"
            return TransientError(f"{place.label} {what}", kind="timeout")
        case httpx2.UnsupportedProtocol() | httpx2.InvalidURL() | httpx2.LocalProtocolError():
            return BadRequestError(f"{place.label} cannot be asked: {words}", hint="check `base_url`, `api_key` and `headers`")
        case httpx2.ConnectError() if "certificate" in words.lower() or "ssl" in words.lower():
            hint = "check the address and the system's certificates"
            return UnavailableError(f"{place.label} cannot be trusted: {words}", hint=hint)
        case httpx2.ConnectError() | httpx2.ProxyError():
            reason = (
                "its name does not resolve" if _NO_NAME.search(words) else "nothing answers there" if "attempts failed" in words else words
            )
            return TransientError(f"{place.label} cannot be reached: {reason}", kind="connection", hint=_reach_hint(place))
        case httpx2.DecodingError():
            return bad_answer(place, "sent an answer that cannot be unpacked")
        case _ if begun:
            return TransientError(f"{place.label} broke off in the middle of the answer: {words}", kind="cut")
        case _:
            return TransientError(f"{place.label} closed the connection: {words}", kind="connection")


def _reach_hint(place: Place) -> str:
    return "is the server running?" if is_loopback(place.base_url) else "check the network, proxies and `base_url`"


def is_loopback(url: str) -> bool:
    """Return whether an address is this machine's own."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.endswith(".localhost") or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))
