"""The project that these tests write into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.report.kit import Project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project."""
    return Project(tmp_path)
