"""When a call is made again, how long is waited, and what is said when nothing helped."""

from __future__ import annotations

import asyncio
import email.utils
import time

import pytest

from runner.errors import AuthError, TransientError, UnavailableError
from runner.graph import Retry
from runner.retry import LONGEST_WAIT, backoff, parse_retry_after, retrying, transient_status


class Calls:
    """A call that fails as often as it is told, and writes down everything that happens."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.attempts: list[int] = []
        self.heard: list[tuple[str, int, float]] = []
        self.slept: list[float] = []

    async def __call__(self, attempt: int) -> str:
        self.attempts.append(attempt)
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def run(self, retry: Retry = Retry(), deadline: float | None = None) -> str:
        def on_retry(error: TransientError, attempt: int, wait: float) -> None:
            self.heard.append((error.kind, attempt, wait))

        return await retrying(self, retry, on_retry=on_retry, deadline=deadline, sleep=self.sleep)


def busy(retry_after: float | None = None, hint: str | None = None) -> TransientError:
    return TransientError("the server is busy", kind="overloaded", retry_after=retry_after, hint=hint)


async def test_a_call_that_succeeds_is_made_once() -> None:
    """Nothing is heard and nobody waits."""
    calls = Calls()
    assert await calls.run() == "done"
    assert (calls.attempts, calls.heard, calls.slept) == ([1], [], [])


async def test_a_transient_error_is_tried_again_after_the_vendors_wish() -> None:
    """The wish counts to the letter, and each failed attempt is heard with its number before the wait."""
    calls = Calls(busy(3.5), busy(0.0))
    assert await calls.run() == "done"
    assert calls.attempts == [1, 2, 3]
    assert calls.heard == [("overloaded", 1, 3.5), ("overloaded", 2, 0.0)]
    assert calls.slept == [3.5, 0.0]


async def test_without_a_wish_the_wait_doubles() -> None:
    """From 1.5 seconds, with a little chance, to 30 at most."""
    calls = Calls(*(busy() for _ in range(6)))
    assert await calls.run() == "done"
    bounds = [(1.5, 2.5), (3, 4), (6, 7), (12, 13), (24, 25), (30, 30)]
    assert all(low <= wait <= high for wait, (low, high) in zip(calls.slept, bounds, strict=True))


def test_the_wait_never_exceeds_its_limit() -> None:
    """However many attempts failed."""
    assert backoff(1_000_000) == LONGEST_WAIT


async def test_attempts_are_bounded() -> None:
    """Seven by default; then the last cause is told, with the number of attempts and what to do."""
    calls = Calls(*(busy() for _ in range(20)))
    with pytest.raises(UnavailableError) as caught:
        await calls.run()
    assert calls.attempts == [1, 2, 3, 4, 5, 6, 7]
    assert str(caught.value) == "the server is busy (after 7 attempts)"
    assert caught.value.attempts == 7
    assert caught.value.hint
    assert isinstance(caught.value.__cause__, TransientError)


async def test_one_attempt_means_one() -> None:
    """`attempts: 1` switches repeating off; the error keeps its own hint."""
    calls = Calls(busy(hint="buy a faster one"))
    with pytest.raises(UnavailableError, match=r"^the server is busy$") as caught:
        await calls.run(Retry(1, 60))
    assert (calls.attempts, calls.heard, caught.value.hint) == ([1], [], "buy a faster one")


async def test_a_wish_beyond_the_time_left_gives_up_at_once() -> None:
    """Nobody waits five minutes to learn that two were allowed."""
    calls = Calls(busy(300))
    with pytest.raises(UnavailableError) as caught:
        await calls.run(Retry(7, 120))
    assert (calls.attempts, calls.slept) == ([1], [])
    assert "300 s" in (caught.value.hint or "")


async def test_the_callers_deadline_counts_when_it_is_earlier() -> None:
    """One deadline over all layers: no attempt starts after it."""
    calls = Calls(busy(5), busy(5))
    with pytest.raises(UnavailableError):
        await calls.run(Retry(7, 120), deadline=asyncio.get_running_loop().time() + 4)
    assert calls.attempts == [1]


async def test_other_errors_pass_through_at_once() -> None:
    """What repeating cannot help is not repeated, and stays what it is."""
    calls = Calls(busy(0), AuthError("wrong key"))
    with pytest.raises(AuthError, match="wrong key"):
        await calls.run()
    assert calls.attempts == [1, 2]


async def test_cancelling_ends_the_wait() -> None:
    """A person who stops is not made to wait, and no further attempt is made."""
    waiting, calls = asyncio.Event(), Calls(busy(60), busy(60))

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(retrying(calls, Retry(), on_retry=lambda *_: None, sleep=sleep))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert calls.attempts == [1]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after": "Wed, 21 Oct 99999 07:28:00 GMT"}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds, seconds or a date; nonsense is no wish."""
    assert parse_retry_after(headers) == seconds


def test_a_date_is_counted_from_now() -> None:
    """The wait is what is left until the date."""
    date = email.utils.formatdate(time.time() + 100, usegmt=True)
    wait = parse_retry_after({"retry-after": date})
    assert wait is not None
    assert 95 <= wait <= 100


STATUSES = [*range(400, 431), 451, 499, *range(500, 512), 520, 529, 599]
TRANSIENT = {408, 409, 429}


@pytest.mark.parametrize("word", [None, "true", "false", " TRUE ", "perhaps"])
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_transient_as_the_rule_says(status: int, word: str | None) -> None:
    """408, 409, 429 and everything from 500 on; `x-should-retry` has the last word."""
    rule = status in TRANSIENT or status >= 500
    wished = {"true": True, "TRUE": True, "false": False}.get((word or "").strip(), rule)
    assert (transient_status(status, {} if word is None else {"x-should-retry": word}) is not None) == wished


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (408, "timeout"),
        (409, "unavailable"),
        (429, "rate_limit"),
        (500, "unavailable"),
        (503, "overloaded"),
        (504, "timeout"),
        (529, "overloaded"),
    ],
)
def test_the_kind_says_why(status: int, kind: str) -> None:
    """The word that events and hints use."""
    assert transient_status(status, {}) == kind
