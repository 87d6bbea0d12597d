"""Reads the manual's examples: which files a page writes, which commands it shows, and what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# file: (?P<name>\S+)\n")


@dataclass(frozen=True)
class Block:
    """A fenced block: `info` is what stands behind the fence; `start` and `end` are offsets of its body in the page."""

    info: str
    body: str
    start: int
    end: int

    @property
    def file(self) -> str | None:
        """The name in its first line `# file: NAME`."""
        found = _FILE.match(self.body)
        return found["name"] if found else None


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    return [Block(found["info"].strip(), found["body"], found.start("body"), found.end("body")) for found in _FENCE.finditer(text)]


def write(block: Block, folder: Path) -> Path:
    """Write a block's file into a folder; where `#` is no comment, without the line that names it."""
    assert block.file
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_FILE.sub("", block.body, count=1) if path.suffix == ".md" else block.body, "utf-8")
    return path


def commands(body: str) -> list[str]:
    """Return the commands of a console block: the lines that begin with `$ `."""
    return [line[2:] for line in body.splitlines() if line.startswith("$ ")]


def execute(body: str, folder: Path, tools: Path) -> str:
    """Run a console block's commands in a folder; return the block as it should be: each command and what it prints."""
    return "".join(f"$ {command}\n{_output(command, folder, tools)}" for command in commands(body))


def _output(command: str, folder: Path, tools: Path) -> str:
    keep = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY") and not name.startswith("AGENT_RUN_")}
    environment = keep | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "AGENT_RUN_DATA_DIR": str(tools / "data"),
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines())


def command_shim(folder: Path) -> None:
    """Put an `agent-run` into a folder that runs this very checkout."""
    shim = folder / "agent-run"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m runner "$@"\n')
    shim.chmod(0o755)
