"""The library API as programs use it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import runner

if TYPE_CHECKING:
    from pathlib import Path

AGENT = """\
kind: agent
name: parrot
model: s/m
---
kind: provider
name: s
type: scripted
models: {m: {rules: [{say: "You said: ${message}"}]}}
"""


async def test_an_agent_is_compiled_opened_and_run_by_the_names_of_the_package(tmp_path: Path) -> None:
    """Three names are enough for a program; the conversation is kept in the store that was named."""
    (tmp_path / "parrot.yaml").write_text(AGENT)
    compiled = runner.compile_agent("parrot.yaml", runner.Options(workspace=tmp_path, store="memory"))
    async with runner.open_agent(compiled, channel=runner.Headless()) as live:
        result = await live.run("hello")
    assert (result.result, result.exit_code) == ("You said: hello", 0)


def test_every_name_is_there_and_others_are_not() -> None:
    """What `__all__` promises can be loaded."""
    assert all(getattr(runner, name) for name in runner.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = runner.nonsense  # type: ignore[attr-defined]


def test_importing_the_package_loads_nothing_of_it() -> None:
    """`import runner` is as cheap as an empty module."""
    code = "import sys, runner; print([name for name in sys.modules if name.startswith('runner.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
