"""The project and the command line that these tests use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.kit import AGENT, CODE, TOOLS, Cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose agent repeats what it is told, wipes things (asks) and naps for ten minutes."""
    for name, text in {
        "agents.d/parrot.yaml": AGENT,
        "tools.d/acts.yaml": TOOLS,
        "agent-run.yaml": "kind: project\npython: [.]\nstore: sessions.db\n",
        "acts.py": CODE,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def cli(project: Path) -> Iterator[Cli]:
    """The command line, called in the project; the project's module is forgotten afterwards, for the next project has its own."""
    paths = list(sys.path)
    yield Cli(project)
    sys.path[:] = paths
    sys.modules.pop("acts", None)
