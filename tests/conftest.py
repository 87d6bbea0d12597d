"""What all tests share: the async backend, and what a test needs of the system."""

from __future__ import annotations

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the program does."""
    return "asyncio"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.needs("bwrap")` skips where the program is missing, and fails on CI, where nothing may be missing."""
    for mark in item.iter_markers("needs"):
        missing = [program for program in mark.args if shutil.which(program) is None]
        if missing and os.environ.get("CI") == "true":
            pytest.fail(f"CI must have: {' '.join(missing)}", pytrace=False)
        if missing:
            pytest.skip(f"needs {' '.join(missing)}")
