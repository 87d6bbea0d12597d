"""Runs the command as a person would, in a process of its own with a data folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]


def agent_run(*arguments: str, data: Path, cwd: Path, lines: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Return the finished command; keys and settings of whoever runs the tests do not reach it. `lines` are typed."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY") and not name.startswith("AGENT_RUN_")}
    environment = {**kept, "AGENT_RUN_DATA_DIR": str(data), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "runner", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, input="".join(f"{line}\n" for line in lines), check=False
    )
