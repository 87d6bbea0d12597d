"""Every store in the folder keeps the store contract."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from runner import registry
from runner.testing.store_contract import CHECKS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from runner.stores import Store

IN_PROCESS = {"memory"}
"""Stores that nobody else can open: the same object serves every opening."""


def location(name: str, folder: Path) -> str:
    """Return where a store is tried: a new file, or the server that AGENT_RUN_TEST_STORE_<NAME> names."""
    if name in ("memory", "sqlite"):
        return name if name == "memory" else str(folder / "sessions.db")
    variable = f"AGENT_RUN_TEST_STORE_{name.upper()}"
    if place := os.environ.get(variable):
        return f"{place.rstrip('/')}/{folder.name[:40]}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have a {name} store: {variable} is not set", pytrace=False)
    pytest.skip(f"needs {variable}, the address of a {name} server")


@pytest.fixture(params=registry.type_names("stores"))
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """Return the opening of one store; what was opened is closed."""
    place = location(request.param, tmp_path)
    opened: list[Store] = []

    async def opening() -> Store:
        if opened and request.param in IN_PROCESS:
            return opened[0]
        store = registry.open_store(place)
        await store.open()
        opened.append(store)
        return store

    yield opening
    for store in opened:
        await store.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_a_store_keeps_the_contract(check: Any, open_store: Any) -> None:
    """Each promise is a check of `runner.testing.store_contract`; its docstring says which."""
    await check(open_store)


def test_the_listing_finds_the_stores() -> None:
    """The suite would be empty, and green, if the listing were."""
    assert {"memory", "sqlite"} <= set(registry.type_names("stores"))
    assert len(CHECKS) > 20
