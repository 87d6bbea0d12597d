"""Pipes, sockets, devices, and what may not be read: each is answered at once, and nothing is waited for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from runner.compiler.link_text import spliced
from runner.compiler.report import text
from runner.errors import ConfigError
from tests.compiler.project import diagnostics_of, findings_of, write

AGENT = "instructions: Be brief.\n"


def odd_file(path: Path, kind: str) -> None:
    """Put something at a path that is no file."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
        os.chdir(here)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_is_not_read(tmp_path: Path, kind: str) -> None:
    """A definition that is a pipe would be waited for, one that is a device would never end; named or found, it is a finding."""
    write(tmp_path, {"agents.d/a.yaml": AGENT})
    odd_file(tmp_path / "agents.d" / "b.yaml", kind)
    for paths in ([], ["agents.d/b.yaml"]):
        assert f"b.yaml`: it is a {kind}" in text.render(diagnostics_of(tmp_path, *paths), files=1)


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "folder"])
def test_what_is_no_file_is_not_included(tmp_path: Path, kind: str) -> None:
    """Neither a check nor a run waits for it."""
    write(tmp_path, {"agents.d/a.yaml": 'instructions: "${file:odd}"\n'})
    odd_file(tmp_path / "agents.d" / "odd", kind)
    rule = "path-outside-root" if kind == "device" else "unreadable-file"
    assert findings_of(tmp_path) == [("agents.d/a.yaml:1", rule)]
    with pytest.raises(ConfigError, match=r"outside the project" if kind == "device" else f"it is a {kind}"):
        spliced("${file:odd}", tmp_path / "agents.d", tmp_path)


def test_standard_input_is_read_when_it_is_named(tmp_path: Path) -> None:
    """What a shell hands over by a number is what the person meant; a link to it is not."""
    write(tmp_path, {"agents.d/x.txt": ""})
    (tmp_path / "agents.d" / "b.yaml").symlink_to("/dev/stdin")
    code = "import sys\nfrom pathlib import Path\nfrom runner.compiler.compile import check_all, read\n"
    code += (
        "for path in sys.argv[1:]:\n    print([finding.message for finding in check_all(read([Path(path)], root=Path(), cwd=Path()))])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "/dev/stdin", "agents.d/b.yaml"],
        input="instuctions: x\n",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    named, linked = done.stdout.splitlines()
    assert "unknown key `instuctions`" in named
    assert linked == "['cannot read `agents.d/b.yaml`: it is a pipe']"


CHECK = """
import os, sys
from pathlib import Path
from runner.compiler.compile import check_all, read
from runner.errors import UsageError
check_all(read([Path()], cwd=Path()))  # loads what is loaded late, which may stand where only root may read
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
for path in sys.argv[1:]:
    try:
        reading = read([Path(path)], cwd=Path())
        print(path, reading.files, [finding.message for finding in check_all(reading)])
    except UsageError as error:
        print(path, "usage:", error)
"""


def test_what_may_not_be_read_is_said() -> None:
    """A folder that is closed is not an empty one, and never a fault of the program."""
    with tempfile.TemporaryDirectory() as folder:  # the folders of pytest are closed to others
        root = Path(folder)
        root.chmod(0o755)
        write(root, {"p/agents.d/a.yaml": AGENT, "p/agents.d/sub/b.yaml": AGENT, "p/noread/c.yaml": AGENT})
        (root / "p" / "agents.d" / "sub").chmod(0)
        (root / "p" / "noread").chmod(0)
        code = [sys.executable, "-c", CHECK, ".", "agents.d", "agents.d/a.yaml", "agents.d/sub", "noread", "noread/c.yaml"]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(code, cwd=root / "p", env=env, capture_output=True, text=True, timeout=60, check=False)
        for closed in (root / "p" / "agents.d" / "sub", root / "p" / "noread"):
            closed.chmod(0o755)
    assert done.stderr == ""
    sub = "['cannot read the folder `agents.d/sub`: permission denied']"
    assert done.stdout.replace(str(root.resolve()), "").splitlines() == [
        f". 1 {sub}",
        f"agents.d 1 {sub}",
        "agents.d/a.yaml 1 []",
        f"agents.d/sub 0 {sub}",
        "noread usage: cannot read the folder `/p/noread`: permission denied",
        "noread/c.yaml 1 ['cannot read `noread/c.yaml`: permission denied']",
    ]


def test_a_project_file_that_is_a_folder_is_said(tmp_path: Path) -> None:
    """Its settings would be missed in silence."""
    write(tmp_path, {"agents.d/a.yaml": AGENT, "agent-run.yaml/x.txt": ""})
    (finding,) = diagnostics_of(tmp_path)
    assert finding.message == "cannot read `agent-run.yaml`: it is a folder"


def test_a_folder_of_definitions_that_is_a_file_is_said(tmp_path: Path) -> None:
    """What was meant to be in it is missing."""
    write(tmp_path, {"agents.d/a.yaml": AGENT, "tools.d": ""})
    assert findings_of(tmp_path) == [("tools.d:1", "unreadable-file")]
