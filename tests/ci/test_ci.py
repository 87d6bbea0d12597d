"""The files for CI do what they say: their commands are run here, and pre-commit runs its hook for real where it is installed."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GOOD = "instructions: Answer customers.\n"
BAD = "instructions: Answer customers.\nmodle: auto\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one good agent, and `agent-run` of this checkout on its path."""
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d/support.yaml").write_text(GOOD)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/agent-run"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m runner "$@"\n')
    program.chmod(0o755)
    return tmp_path


def run(project: Path, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{project / 'bin'}:{os.environ['PATH']}", **variables}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def data(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_action_annotates_findings_and_fails(project: Path) -> None:
    """Its own script, with its inputs as the runner hands them over; a path cannot become a flag or a command."""
    script = data("action.yml")["runs"]["steps"][-1]["run"]
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    good = run(project, shell, PATHS="", STRICT="false")
    assert (good.returncode, good.stdout) == (0, "")
    (project / "agents.d/support.yaml").write_text(BAD)
    bad = run(project, shell, PATHS="agents.d", STRICT="true")
    assert bad.returncode == 1
    assert bad.stdout.startswith("::error file=agents.d/support.yaml,line=2")
    hostile = run(project, shell, PATHS="--help $(touch${IFS}hacked)", STRICT="false")
    assert hostile.returncode == 2
    assert not (project / "hacked").exists()


def test_the_action_hands_inputs_over_as_variables_only() -> None:
    """An expression inside a script would be pasted into it; every input has a description and a default."""
    action = data("action.yml")
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert all("${{" not in script for script in scripts)
    assert all(set(given) == {"description", "default"} for given in action["inputs"].values())


def test_the_gitlab_job_writes_the_report_it_names(project: Path) -> None:
    """The report is there when the job fails, and holds the finding."""
    page = (ROOT / "docs/ci.md").read_text("utf-8")
    job = yaml.safe_load(page.split("```yml\n")[1].split("```")[0])["agent-run-validate"]
    (project / "agents.d/support.yaml").write_text(BAD)
    assert run(project, ["sh", "-ec", "\n".join(job["script"])]).returncode == 1
    report = json.loads((project / job["artifacts"]["reports"]["codequality"]).read_text())
    assert [issue["check_name"] for issue in report] == ["unknown-key"]
    assert job["artifacts"]["when"] == "always"


def test_the_hook_is_run_by_pre_commit(project: Path) -> None:
    """A good definition is committed, a bad one is not; other files are not looked at."""
    (hook,) = data(".pre-commit-hooks.yaml")
    assert (hook["id"], hook["language"]) == ("agent-run-validate", "python")
    if importlib.util.find_spec("pre_commit") is None:
        pytest.skip("pre-commit is not installed")
    (project / "notes.yaml").write_text("a: [\n")
    local = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (project / ".pre-commit-config.yaml").write_text(json.dumps(local))
    for command in (["git", "init", "-q"], ["git", "add", "-A"]):
        assert run(project, command).returncode == 0
    command = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    home = str(project / "home")
    good = run(project, command, PRE_COMMIT_HOME=home)
    assert good.returncode == 0, good.stdout + good.stderr
    assert "Passed" in good.stdout
    (project / "agents.d/support.yaml").write_text(BAD)
    bad = run(project, command, PRE_COMMIT_HOME=home)
    assert bad.returncode == 1
    assert "agents.d/support.yaml:2" in bad.stdout
