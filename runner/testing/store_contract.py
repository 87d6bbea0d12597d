"""What every session store must do, as checks that anyone can run on their own.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_my_store(check, tmp_path):
        await check(lambda: opened(tmp_path))

A check gets a function that returns an opened store; all stores it returns see the same data, which is empty at first. A store that
lives in one process returns the same object each time. A check returns when the promise holds and raises AssertionError when not. No
check waits: leases and values of zero seconds are over at once.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from runner.errors import AgentRunError, SequenceConflict, SessionBusy, SessionNotFound, StoreError
from runner.events import Event
from runner.stores import Store

if TYPE_CHECKING:
    from collections.abc import Coroutine

OpenStore = Callable[[], Awaitable[Store]]
Check = Callable[[OpenStore], "Coroutine[Any, Any, None]"]

CHECKS: list[Check] = []
"""All checks, in the order of reading."""

S = "session-1"


def event(number: int, kind: str = "warning.raised", /, session: str = S, **data: Any) -> Event:
    """Return an event whose id follows from its number, as those of a run do."""
    return Event(kind, f"run-1:{number}", session, "run-1", "helper", "", 1, "abc", "agent.yaml:1", 1000.0 + number, data)


async def refused(kind: type[BaseException], verb: Awaitable[Any]) -> BaseException:
    """Await a verb that must raise; return the error. Errors of ours are one line."""
    try:
        answer = await verb
    except kind as error:
        assert not isinstance(error, AgentRunError) or "\n" not in str(error), f"more than one line: {error}"
        return error
    raise AssertionError(f"expected {kind.__name__}, got {answer!r}")


async def created(open_store: OpenStore, session: str = S, project: str = "/p") -> Store:
    """Return an opened store that has one empty session."""
    store = await open_store()
    await store.create(session, agent="helper", project=project)
    return store


def check(function: Check) -> Check:
    """Add a function to the suite."""
    CHECKS.append(function)
    return function


@check
async def a_new_session_is_empty_and_listed(open_store: OpenStore) -> None:
    """`create` returns what `info` and `list` return afterwards."""
    store = await open_store()
    made = await store.create(S, agent="helper", project="/p", title="Where is my order?")
    assert (made.id, made.agent, made.project, made.title, made.seq, made.runs) == (S, "helper", "/p", "Where is my order?", 0, 0)
    assert await store.info(S) == made
    assert await store.list() == (made,)
    assert await store.load(S) == ()


@check
async def a_session_is_made_once(open_store: OpenStore) -> None:
    """A second `create` with the same id is an error and changes nothing."""
    store = await created(open_store)
    await store.append(S, 0, [event(1)])
    await refused(StoreError, store.create(S, agent="other", project="/q"))
    assert (await store.info(S)).agent == "helper"
    assert len(await store.load(S)) == 1


@check
async def what_does_not_exist_is_not_found(open_store: OpenStore) -> None:
    """Every verb on a session that is not there says so."""
    store = await open_store()
    verbs = (store.info(S), store.load(S), store.delete(S), store.retitle(S, "x"), store.lease(S, "a", 60))
    for verb in (*verbs, store.append(S, 0, [event(1)]), store.put_blob(S, b"x")):
        error = await refused(SessionNotFound, verb)
        assert S in str(error)


@check
async def events_come_back_as_they_went_in(open_store: OpenStore) -> None:
    """`load` returns equal events in order with the numbers 1, 2, 3; another store over the same data too."""
    store = await created(open_store)
    events = [event(number, text=f"number {number}") for number in (1, 2, 3)]
    assert await store.append(S, 0, events) == 3
    expected = tuple(dataclasses.replace(one, seq=number) for number, one in enumerate(events, 1))
    assert await store.load(S) == expected
    assert await (await open_store()).load(S) == expected
    assert await store.load(S, after=2) == expected[2:]
    assert await store.load(S, after=3) == ()


@check
async def hostile_text_and_numbers_survive(open_store: OpenStore) -> None:
    """Any Unicode (half a surrogate pair too), control characters, and integers of any size come back unchanged."""
    store = await created(open_store)
    data: dict[str, Any] = {
        "text": "naïve 日本語 🎉 \x00 \x1b[31m \u2028 \ud83d",
        "number": 2**80,
        "nothing": None,
        "": [1.5, True, {"ä": ""}],
    }
    await store.append(S, 0, [dataclasses.replace(event(1), data=data), event(2, text="\ud800")])
    assert [dict(one.data) for one in await store.load(S)] == [data, {"text": "\ud800"}]


@check
async def a_large_event_survives(open_store: OpenStore) -> None:
    """An event of a megabyte is an event."""
    store = await created(open_store)
    words = "ä line of text\n" * 70_000
    await store.append(S, 0, [event(1, text=words)])
    assert (await store.load(S))[0].data["text"] == words


@check
async def an_append_is_all_or_nothing(open_store: OpenStore) -> None:
    """When one event of an append cannot be written, none is there, and the store goes on working."""
    store = await created(open_store)
    circle: list[Any] = []
    circle.append(circle)
    await refused(StoreError, store.append(S, 0, [event(1), event(2, broken=circle)]))
    assert await store.load(S) == ()
    assert (await store.info(S)).seq == 0
    assert await store.append(S, 0, [event(1)]) == 1


@check
async def the_same_append_twice_is_one(open_store: OpenStore) -> None:
    """An append that was acknowledged to nobody is made again: same ids, same number, no double."""
    store = await created(open_store)
    events = [event(1), event(2)]
    assert await store.append(S, 0, events) == 2
    assert await store.append(S, 0, events) == 2
    assert await store.append(S, 0, [*events, event(3)]) == 3
    assert await store.append(S, 3, [event(1), event(4), event(4)]) == 4
    assert [one.id for one in await store.load(S)] == [f"run-1:{number}" for number in (1, 2, 3, 4)]


@check
async def a_wrong_expectation_is_a_conflict(open_store: OpenStore) -> None:
    """A writer that has not seen the last event is refused, with a smaller and with a larger number."""
    store = await created(open_store)
    await store.append(S, 0, [event(1), event(2)])
    for expected in (0, 1, 3):
        await refused(SequenceConflict, store.append(S, expected, [event(9)]))
    assert (await store.info(S)).seq == 2


@check
async def of_concurrent_appends_one_wins(open_store: OpenStore) -> None:
    """Two tasks that expect the same number: one appends, the other gets a conflict and can go on from the new number."""
    store = await created(open_store)
    other = await open_store()
    answers = await asyncio.gather(store.append(S, 0, [event(1), event(2)]), other.append(S, 0, [event(3)]), return_exceptions=True)
    winners = [answer for answer in answers if isinstance(answer, int)]
    assert len(winners) == 1
    assert sum(isinstance(answer, SequenceConflict) for answer in answers) == 1
    assert await other.append(S, winners[0], [event(4)]) == winners[0] + 1
    assert [one.seq for one in await store.load(S)] == list(range(1, winners[0] + 2))


@check
async def what_is_only_shown_is_never_stored(open_store: OpenStore) -> None:
    """A delta, or another session's event, in an append is a mistake of the program."""
    store = await created(open_store)
    await refused(ValueError, store.append(S, 0, [event(1), event(2, "text.delta", text="x")]))
    await refused(ValueError, store.append(S, 0, [event(1, session="another")]))
    assert await store.load(S) == ()


@check
async def the_listing_follows_the_events(open_store: OpenStore) -> None:
    """Title, agent, runs, model, stop reason, number and time of a session come from its events, in the same append."""
    store = await created(open_store)
    last = dataclasses.replace(event(4, "run.stopped", stop_reason="done", model="openai/gpt-5"), time=4e9)
    opened = event(1, "session.opened", agent="support", title="Order 7")
    await store.append(S, 0, [opened, event(2, "run.started", agent="x"), event(3, "session.retitled", title="Order 8"), last])
    info = await store.info(S)
    assert (info.title, info.agent, info.runs, info.model, info.stop_reason) == ("Order 8", "support", 1, "openai/gpt-5", "done")
    assert (info.seq, info.updated) == (4, 4e9)
    await store.append(S, 4, [event(5, "run.started", agent="x")])
    info = await store.info(S)
    assert (info.runs, info.stop_reason, info.model, info.updated) == (2, "", "openai/gpt-5", 4e9)


@check
async def a_called_agent_is_no_run_of_the_session(open_store: OpenStore) -> None:
    """Events inside a called agent (with a path) change neither the count of runs nor how the last one ended."""
    store = await created(open_store)
    inner = dataclasses.replace(event(2, "run.stopped", stop_reason="loop"), path="call-1/")
    await store.append(S, 0, [event(1, "run.started"), inner])
    info = await store.info(S)
    assert (info.runs, info.stop_reason) == (1, "")


@check
async def a_title_can_be_changed(open_store: OpenStore) -> None:
    """`retitle` changes the title and nothing else."""
    store = await created(open_store)
    before = await store.info(S)
    await store.retitle(S, "日本語")
    assert await store.info(S) == dataclasses.replace(before, title="日本語")


@check
async def lists_are_by_last_use_and_project(open_store: OpenStore) -> None:
    """The session that was used last comes first; a project sees its own; the limit cuts the end."""
    store = await open_store()
    for number, (session, project) in enumerate((("a", "/p"), ("b", "/q"), ("c", "/p"))):
        await store.create(session, agent="helper", project=project)
        await store.append(session, 0, [dataclasses.replace(event(number, session=session), time=4e9 + number)])
    await store.append("a", 1, [dataclasses.replace(event(9, session="a"), time=4e9 + 9)])
    assert [info.id for info in await store.list()] == ["a", "c", "b"]
    assert [info.id for info in await store.list(project="/p")] == ["a", "c"]
    assert [info.id for info in await store.list(project="/p", limit=1)] == ["a"]
    assert await store.list(project="/nowhere") == ()


@check
async def a_deleted_session_is_gone_with_its_blobs(open_store: OpenStore) -> None:
    """Events and blobs go; a blob that another session uses stays; the id can be used again from number 0."""
    store = await created(open_store)
    await store.create("other", agent="helper", project="/p")
    await store.append(S, 0, [event(1)])
    own, shared = await store.put_blob(S, b"own"), await store.put_blob(S, b"shared")
    assert await store.put_blob("other", b"shared") == shared
    await store.delete(S)
    await refused(SessionNotFound, store.load(S))
    await refused(StoreError, store.get_blob(own))
    assert await store.get_blob(shared) == b"shared"
    assert [info.id for info in await store.list()] == ["other"]
    assert (await store.create(S, agent="helper", project="/p")).seq == 0
    assert await store.append(S, 0, [event(1)]) == 1


@check
async def blobs_are_known_by_their_bytes(open_store: OpenStore) -> None:
    """The key is the SHA-256 in hex; any bytes come back; an unknown key is an error."""
    store = await created(open_store)
    data = bytes(range(256)) * 1000
    key = await store.put_blob(S, data)
    assert len(key) == 64
    assert await store.put_blob(S, data) == key
    assert await (await open_store()).get_blob(key) == data
    assert await store.get_blob(await store.put_blob(S, b"")) == b""
    await refused(StoreError, store.get_blob("0" * 64))


@check
async def values_are_kept_until_they_expire(open_store: OpenStore) -> None:
    """Namespaces are apart, a second `put` replaces, a value whose time is over is absent."""
    store = await open_store()
    assert await store.get("cache", "a") is None
    await store.put("cache", "a", b"\x00one")
    await store.put("other", "a", b"two", ttl=3600)
    assert (await store.get("cache", "a"), await store.get("other", "a")) == (b"\x00one", b"two")
    await store.put("cache", "a", b"three", ttl=0)
    assert await store.get("cache", "a") is None
    assert await store.get("other", "a") == b"two"


@check
async def a_lease_is_for_one_holder(open_store: OpenStore) -> None:
    """While it lives another holder is refused and told by whom; the holder itself prolongs it with the same token."""
    store = await created(open_store)
    lease = await store.lease(S, "first", 60)
    error = await refused(SessionBusy, store.lease(S, "second", 60))
    assert "first" in str(error)
    assert S in str(error)
    longer = await store.lease(S, "first", 3600)
    assert (longer.holder, longer.token) == ("first", lease.token)
    assert longer.expires > lease.expires


@check
async def a_lease_that_is_over_can_be_taken(open_store: OpenStore) -> None:
    """After its time, or after its release, the next holder gets a higher token."""
    store = await created(open_store)
    first = await store.lease(S, "first", 0)
    second = await store.lease(S, "second", 60)
    await store.release(first)
    await refused(SessionBusy, store.lease(S, "third", 60))
    await store.release(second)
    third = await store.lease(S, "third", 60)
    assert first.token < second.token < third.token


@check
async def a_writer_that_lost_its_lease_cannot_write(open_store: OpenStore) -> None:
    """A lease that was taken over fences its former holder off, even with the right number."""
    store = await created(open_store)
    other = await open_store()
    first = await store.lease(S, "first", 0)
    second = await other.lease(S, "second", 60)
    await refused(SessionBusy, store.append(S, 0, [event(1)], lease=first))
    assert await store.load(S) == ()
    assert await other.append(S, 0, [event(1)], lease=second) == 1
    await other.release(second)
    await refused(SessionBusy, store.append(S, 1, [event(2)], lease=first))


@check
async def a_late_writer_whose_lease_nobody_took_may_write(open_store: OpenStore) -> None:
    """A pause longer than the lease harms nobody when nobody came in between."""
    store = await created(open_store)
    lease = await store.lease(S, "first", 0)
    assert await store.append(S, 0, [event(1)], lease=lease) == 1
    assert await store.append(S, 1, [event(2)]) == 2


@check
async def a_store_closes_twice_and_keeps_its_data(open_store: OpenStore) -> None:
    """`close` may be called again; what was appended is there for the next to open it."""
    store = await created(open_store)
    await store.append(S, 0, [event(1)])
    other = await open_store()
    await store.close()
    await store.close()
    assert len(await other.load(S)) == 1
