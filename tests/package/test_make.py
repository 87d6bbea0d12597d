"""The Makefile speaks clearly, and tests that lack a part of the system are skipped here and fail on CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.needs("make")
def test_an_old_python_is_refused_with_a_hint(tmp_path: Path) -> None:
    """`make chat` names the Python it found and how to name another; nothing is left behind."""
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    place = tmp_path / "venv"
    command = ["make", "-s", "chat", f"PYTHON={old}", f"VENV={place}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.2" in done.stderr
    assert "make chat PYTHON=" in done.stderr
    assert done.stdout == ""
    assert not place.exists()


@pytest.mark.needs("make")
def test_help_lists_the_two_commands() -> None:
    """Plain `make` says what can be made."""
    done = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    assert {"make chat", "make test"} <= {line[:9] for line in done.stdout.splitlines()}


@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 error")])
def test_a_missing_program_skips_here_and_fails_on_ci(ci: str, outcome: str, tmp_path: Path) -> None:
    """CI must have every part of the system: a skipped test there would say nothing."""
    (tmp_path / "test_it.py").write_text('import pytest\n\n@pytest.mark.needs("no-such-program")\ndef test_it(): pass\n')
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", str(tmp_path)]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert outcome in done.stdout
    assert "no-such-program" in done.stdout or not ci
