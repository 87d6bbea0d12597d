"""What a store promises of sessions: their making, listing, deletion, and that what is not there is said to be so."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from runner.errors import SessionNotFound, StoreError
from runner.testing.store_contract._base import S, check, created, event, refused

if TYPE_CHECKING:
    from runner.testing.store_contract._base import OpenStore


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
async def a_store_closes_twice_and_keeps_its_data(open_store: OpenStore) -> None:
    """`close` may be called again; what was appended is there for the next to open it."""
    store = await created(open_store)
    await store.append(S, 0, [event(1)])
    other = await open_store()
    await store.close()
    await store.close()
    assert len(await other.load(S)) == 1
