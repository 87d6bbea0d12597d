"""A small project with a scripted agent, and the command line called in this process or in one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.cli import border
from runner.cli.verbs import execute

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAVY = {"openai", "anthropic", "mcp", "motor", "pymongo", "rich", "prompt_toolkit", "starlette", "structlog", "pydantic"}
REPOSITORY = Path(__file__).parents[2]

AGENT = """\
kind: agent
name: parrot
model: script/parrot
inputs: {times: {type: integer, default: 1}}
tools: [wipe, nap]
---
kind: provider
name: script
type: scripted
models:
  parrot:
    rules:
      - {when: {tool: wipe}, say: "wipe: ${results.wipe}"}
      - {when: {tool: nap}, say: "nap: ${results.nap}"}
      - {when: {message: "wipe*"}, calls: [{tool: wipe, with: {what: "all\\e[2J"}}]}
      - {when: {message: "nap*"}, calls: [{tool: nap, with: {seconds: 600}}]}
      - {when: {message: "*down*"}, error: {kind: auth}}
      - {when: {message: "*escape*"}, say: "\\e]0;title\\ared\\e[35m"}
      - {when: {message: "long*"}, say: "one two three four five six seven eight nine ten", pace: 100ms}
      - {say: "You said: ${message}"}
"""
TOOLS = """\
kind: tool
name: wipe
type: python
call: acts:wipe
---
kind: tool
name: nap
type: python
call: acts:nap
approve: never
"""
CODE = '''\
import asyncio


def wipe(what: str) -> str:
    """Wipe something."""
    return f"wiped {len(what)}"


async def nap(seconds: int) -> str:
    """Sleep."""
    await asyncio.sleep(seconds)
    return "rested"
'''


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return standard output as data."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Cli:
    """The command line in a project folder of its own, with a store of its own."""

    root: Path

    def __call__(self, *arguments: str, stdin: str = "") -> Done:
        """Run one command with text or nothing on standard input."""
        out, err = io.StringIO(), io.StringIO()
        border.last_words = border.LastWords()
        with _stdin(self.root, stdin), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(self.root):
            code = border.guard(execute, arguments)
        return Done(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _stdin(folder: Path, text: str) -> Iterator[None]:
    path = folder / ".stdin"
    path.write_text(text)
    before = sys.stdin
    with path.open(encoding="utf-8") as file:
        sys.stdin = file
        try:
            yield
        finally:
            sys.stdin = before


def environment() -> dict[str, str]:
    """Return the variables of a process that runs this checkout from any folder."""
    return {**os.environ, "PYTHONPATH": os.fspath(REPOSITORY), "PYTHONUNBUFFERED": "1"}


def loaded_by(*arguments: str, folder: Path | None = None) -> set[str]:
    """Run a command in a process of its own and return the packages it loaded."""
    code = (
        "import sys; from runner.cli.verbs import execute; code = execute(sys.argv[1:]); "
        "print('LOADED', code, *{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=folder, env=environment(), check=True
    )
    code_and_names = done.stdout.rsplit("LOADED ", 1)[1].split()
    assert code_and_names[0] == "0", done.stdout + done.stderr
    return set(code_and_names[1:])
