"""Decides whether and when a model call is made again: the one place that retries, and the one door of tenacity.

It knows no vendor: a provider says with `TransientError` what may pass, and what the vendor's headers ask for.
"""

from __future__ import annotations

import asyncio
import email.utils
import itertools
import math
import random
import time
from typing import TYPE_CHECKING, TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type

from runner.errors import TransientError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tenacity import RetryCallState

    from runner.errors import TransientKind
    from runner.graph import Retry

T = TypeVar("T")

FIRST_WAIT = 1.5
"""Seconds before the second attempt, when the vendor does not say; it doubles from there."""

LONGEST_WAIT = 30.0
"""Seconds that our own waiting never exceeds; a vendor's `retry-after` may."""

_HINTS: dict[str, str] = {
    "rate_limit": "wait a little, or lower `rate:` of the provider",
    "overloaded": "try again later, or name a second model: `model: [first, second]`",
    "unavailable": "try again later, or name a second model: `model: [first, second]`",
    "timeout": "try again later, or ask for a smaller answer",
    "connection": "check the network and `base_url`; is the server running?",
    "cut": "try again; if it stays, look at the server's own log",
    "bad_answer": "check that `base_url` points at the API and not at a page in front of it",
}


async def retrying(
    call: Callable[[int], Awaitable[T]],
    retry: Retry,
    *,
    on_retry: Callable[[TransientError, int, float], None],
    deadline: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """Return what `call(attempt)` returns, attempt 1 first, calling again after each `TransientError` while the policy allows.

    `on_retry(error, attempt, wait)` hears of the attempt that failed and the seconds until the next. No attempt starts later than
    `retry.within` seconds from now, nor than `deadline` (of the loop's clock). Other errors pass through at once.
    Raises UnavailableError when it gives up.
    """
    now = asyncio.get_running_loop().time
    until = min(now() + retry.within, math.inf if deadline is None else deadline)

    def stop(state: RetryCallState) -> bool:
        return state.attempt_number >= retry.attempts or now() + state.upcoming_sleep >= until

    def before_sleep(state: RetryCallState) -> None:
        on_retry(_error(state), state.attempt_number, state.upcoming_sleep)

    def give_up(state: RetryCallState) -> T:
        raise _unavailable(_error(state), state, retry)

    numbers = itertools.count(1)

    async def attempt() -> T:
        return await call(next(numbers))

    attempts = AsyncRetrying(
        sleep=sleep,
        stop=stop,
        wait=_wait,
        retry=retry_if_exception_type(TransientError),
        before_sleep=before_sleep,
        retry_error_callback=give_up,
    )
    return await attempts(attempt)


def _wait(state: RetryCallState) -> float:
    wished = _error(state).retry_after
    return backoff(state.attempt_number) if wished is None else wished


def backoff(attempt: int) -> float:
    """Return the seconds to wait after a failed attempt when the vendor does not say: 1.5, 3, 6 … and up to one more, 30 at most."""
    doublings = min(attempt - 1, 10)
    return min(FIRST_WAIT * 2**doublings + random.random(), LONGEST_WAIT)  # noqa: S311 – spreads callers, guards nothing


def _error(state: RetryCallState) -> TransientError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, TransientError)
    return error


def _unavailable(error: TransientError, state: RetryCallState, retry: Retry) -> UnavailableError:
    made = state.attempt_number
    message = error.message if made == 1 else f"{error.message} (after {made} attempts)"
    hint = error.hint or _HINTS[error.kind]
    if made < retry.attempts and error.retry_after is not None:
        hint = f"the server asks to wait {error.retry_after:.0f} s, longer than the time left; {hint}"
    given_up = UnavailableError(message, attempts=made, hint=hint)
    given_up.__cause__ = error
    return given_up


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `retry-after-ms` or `retry-after` (seconds or an HTTP date) ask for; None without a sound wish.

    Header names are lower case, or the mapping does not mind case.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    seconds = _number(text)
    return seconds if seconds is not None else _seconds_until(text)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _seconds_until(text: str | None) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(text or "")
        return max(0.0, moment.timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def transient_status(status: int, headers: Mapping[str, str]) -> TransientKind | None:
    """Return why an HTTP status may pass (408, 409, 429, 500 and above), None when repeating is useless; `x-should-retry` has the last word."""
    word = headers.get("x-should-retry", "").strip().lower()
    if word == "false":
        return None
    if status in (408, 504):
        return "timeout"
    if status == 429:
        return "rate_limit"
    if status in (503, 529):
        return "overloaded"
    return "unavailable" if status == 409 or status >= 500 or word == "true" else None
