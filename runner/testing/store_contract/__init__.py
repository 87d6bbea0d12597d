"""What every session store must do, as checks that anyone can run on their own.

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_my_store(check, tmp_path):
        await check(lambda: opened(tmp_path))

A check gets a function that returns an opened store; all stores it returns see the same data, which is empty at first. A store that
lives in one process returns the same object each time. A check returns when the promise holds and raises AssertionError when not. No
check waits: leases and values of zero seconds are over at once. (`pytest.register_assert_rewrite("runner.testing.store_contract")` in
your conftest.py makes failures show their values.)
"""

from __future__ import annotations

from runner.testing.store_contract import _appending, _keeping, _sessions
from runner.testing.store_contract._base import CHECKS, Check, OpenStore, S, created, event, refused

__all__ = ["CHECKS", "Check", "OpenStore", "S", "created", "event", "refused"]

MODULES = (_appending, _keeping, _sessions)
"""Where the checks are written."""
