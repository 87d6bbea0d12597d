"""`validate` only reads: it opens no socket, starts no process, runs no code of a project and asks for no variable of a definition."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WATCH = Path(__file__).parent / "watch.py"
OWN = re.compile(
    r"AGENT_RUN_\w+|XDG_\w+|(NO|FORCE)_COLOR|COLUMNS|LINES|TERM|COLORTERM|HOME|PATH|LC_\w+|LANG\w*|PYTHON\w*|TTY_\w+|_?TYPER_\w+|[A-Z]*_?COMPLETE\w*"
)
"""Variables that are settings of the program, of its terminal and of Python: no definition is about them."""
NAMES = re.compile(r"\$\{(?:secret|env):([A-Za-z_][A-Za-z0-9_]*)")
CANARY = "canary-value-of-a-variable"

TRAP = """\
kind: agent
name: trapped
model: home/fast
instructions: "Mind ${env:TRAP_TEXT}."
tools: [code, server, page, command]
policy: {deny: [page]}
---
kind: provider
name: home
type: openai-chat
base_url: ${env:TRAP_URL}
api_key: ${secret:TRAP_KEY}
models: {fast: {id: x}}
---
{kind: tool, name: code, type: python, call: "trap:pull"}
---
{kind: tool, name: server, type: mcp, command: [./trap.sh], env: {A: "${secret:TRAP_KEY}"}}
---
kind: tool
name: page
type: http
description: Gets a page
url: http://127.0.0.1:9/${inputs.page}
headers: {Authorization: "Bearer ${secret:TRAP_KEY}"}
inputs: {page: string}
---
{kind: tool, name: command, type: shell, description: Pulls, run: [./trap.sh]}
"""
MODULE = """\
from pathlib import Path

Path(__file__).with_name("sprung").touch()


def pull(text: str) -> str:
    \"\"\"Pull.\"\"\"
    return text
"""


def watched(folder: Path, *, deed: str = "") -> tuple[str, list[str]]:
    """Validate a folder under the watch, with a value for each variable that its definitions name; return the output and what was seen."""
    texts = [path.read_text("utf-8", "replace") for path in folder.rglob("*.yaml")]
    names = {name for text in texts for name in NAMES.findall(text)}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    environment = {**kept, **dict.fromkeys(names, CANARY), "PYTHONPATH": str(ROOT), "WATCHED": str(folder), "WATCH_DEED": deed}
    done = subprocess.run(
        [sys.executable, str(WATCH), "validate", str(folder)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    shown, _, seen = done.stderr.partition("\n== watched\n")
    assert "Traceback" not in shown
    return done.stdout + shown, seen.splitlines()


def wrong(seen: list[str]) -> list[str]:
    """Return what was seen and must not happen."""
    return [line for line in seen if not (line.startswith("variable ") and OWN.fullmatch(line.removeprefix("variable ")))]


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A project of which every part would leave a trace if it were used."""
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d" / "trapped.yaml").write_text(TRAP)
    (tmp_path / "agent-run.yaml").write_text("kind: project\n")
    (tmp_path / "trap.py").write_text(MODULE)
    (tmp_path / "trap.sh").write_text('#!/bin/sh\ntouch "$(dirname "$0")/sprung"\n')
    (tmp_path / "trap.sh").chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("name", ["examples/hello", "examples/shop", "examples/team", "agents.d", "tools.d"])
def test_what_ships_is_only_read(name: str) -> None:
    """Examples and shipped definitions name servers, code and secrets; none is touched."""
    output, seen = watched(ROOT / name)
    assert wrong(seen) == []
    assert seen, "the watch is not in place"
    assert CANARY not in output


def test_a_trapped_project_is_only_read(trap: Path) -> None:
    """Code, servers, addresses and secrets of every sort: all are checked, none is used."""
    output, seen = watched(trap)
    assert wrong(seen) == []
    assert not (trap / "sprung").exists()
    assert CANARY not in output
    assert "error" not in output


DEEDS = {
    "socket": "import socket; socket.socket().close()",
    "process": "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
    "import": "import sys; sys.path.insert(0, sys.argv[-1]); import trap",
    "variable": "import os; os.environ['TRAP_KEY']",
}


@pytest.mark.parametrize("kind", DEEDS)
def test_the_watch_sees_each_deed(kind: str, trap: Path) -> None:
    """The tests above would fail if `validate` did any of this."""
    assert {line.split()[0] for line in wrong(watched(trap, deed=DEEDS[kind])[1])} == {kind}


@pytest.mark.parametrize(
    "deed", ["os.environ.get('TRAP_KEY')", "os.getenv('TRAP_KEY')", "dict(os.environ)", "os.environb[b'TRAP_KEY']", "os.environ.copy()"]
)
def test_the_watch_sees_each_way_to_a_variable(deed: str, trap: Path) -> None:
    """A variable can be read in many ways."""
    assert "variable TRAP_KEY" in watched(trap, deed=f"import os; {deed}")[1]
