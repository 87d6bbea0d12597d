"""What a store promises of leases, values and blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import SessionBusy, StoreError
from runner.testing.store_contract._base import S, check, created, event, refused

if TYPE_CHECKING:
    from runner.testing.store_contract._base import OpenStore


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
