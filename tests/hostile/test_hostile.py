"""Twenty files that mean harm: each is refused with a finding in it, in little memory, and none with an exception."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.compiler.compile import check_all, read
from runner.compiler.findings import MOST_FINDINGS

if TYPE_CHECKING:
    from runner.diagnostics import Diagnostic

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
MEMORY = 50 * MIB
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
HEAD = "model: openai/gpt-5-mini\ninstructions: "

FILES: dict[str, bytes] = {
    "alias bomb": BOMB.encode(),
    "alias of itself": b"kind: agent\ntools: &t [*t]\n",
    "merge": b"base: &b {kind: agent}\n<<: *b\n",
    "deep lists": b"tools: " + b"[" * 100_000,
    "deep maps": b"meta: " + b"{a: " * 100_000,
    "deep blocks": b"".join(b" " * at + b"- \n" for at in range(2000)),
    "huge text": (HEAD + "x" * 20 * MIB).encode(),
    "huge number": b"model: x\nlimits: {turns: " + b"9" * 100_000 + b"}\n",
    "huge exponent": b"model: x\nlimits: {cost: 1e999999999}\n",
    "many keys": b"".join(b"key_%d: 1\n" % at for at in range(3000)),
    "many documents": b"---\nwrong: 1\n" * 160,
    "tag of Python": b"model: !!python/object/apply:os.system [id]\n",
    "tag of its own": b"instructions: !exec x\n",
    "control characters": (HEAD + "\x1b[2J\x07\x00\n").encode(),
    "UTF-16": (HEAD + "x\n").encode("utf-16"),
    "not UTF-8": HEAD.encode() + b"\xff\xfe\xfa\n",
    "many expressions": (HEAD + '"' + "${inputs.x}" * 40_000 + '"\n').encode(),
    "deep expression": (HEAD + '"${' + "(" * 50_000 + '}"\n').encode(),
    "long pattern": (HEAD + "x\npolicy: {deny: ['" + "*(" * 20_000 + "']}\n").encode(),
    "long unknown key": b"k" * 1_000_000 + b": 1\n",
}
MANY = "many documents"
IN_PROJECTS = ("link out", "include of what is outside")


def checked(folder: Path, file: str) -> tuple[Diagnostic, ...]:
    """Return what is found in a file, as `validate` finds it."""
    return check_all(read([folder / file], root=folder, cwd=folder))


def measured(folder: Path, file: str) -> tuple[tuple[Diagnostic, ...], int]:
    """Return what is found in a file and how many bytes were held at most while it was looked for."""
    (folder / "good.yaml").write_text(HEAD + "x\n")
    assert checked(folder, "good.yaml") == ()  # what is loaded once is the base
    tracemalloc.start()
    try:
        found = checked(folder, file)
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", [name for name in FILES if name != MANY])
def test_a_hostile_file_is_refused(name: str, tmp_path: Path) -> None:
    """An error that stands in it, not more findings than a person reads, and not much memory."""
    (tmp_path / "bad.yaml").write_bytes(FILES[name])
    found, memory = measured(tmp_path.resolve(), "bad.yaml")
    assert [finding for finding in found if finding.severity == "error" and finding.span.file == "bad.yaml"]
    assert len(found) <= 3 * MOST_FINDINGS
    assert all(len(f"{finding.message} {finding.hint}") < 1000 for finding in found)
    assert memory < MEMORY, f"{memory / MIB:.0f} MiB"


def project(folder: Path, name: str) -> None:
    """Write one of the files that reach for others."""
    (folder / "secret.txt").write_text("the secret of another\n")
    root = folder / "project"
    root.mkdir()
    if name == "link out":
        (root / "bad.yaml").write_text(HEAD + '"${file:link.txt}"\n')
        (root / "link.txt").symlink_to(folder / "secret.txt")
    else:
        (root / "bad.yaml").write_text(HEAD + '"${file:../secret.txt}"\n')


@pytest.mark.parametrize("name", IN_PROJECTS)
def test_a_file_that_reaches_out_is_refused(name: str, tmp_path: Path) -> None:
    """Nothing outside the root is read."""
    project(tmp_path.resolve(), name)
    found, memory = measured(tmp_path.resolve() / "project", "bad.yaml")
    assert [finding for finding in found if finding.severity == "error"]
    assert not any("the secret of another" in f"{finding.message} {finding.hint}" for finding in found)
    assert memory < MEMORY, f"{memory / MIB:.0f} MiB"


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    """Ten mentions at each of ten levels would be ten thousand million texts."""
    (tmp_path / "bad.yaml").write_text(HEAD + '"${file:again.txt}"\n')
    (tmp_path / "again.txt").write_text("${file:again.txt}" * 10)
    reading = read([tmp_path.resolve() / "bad.yaml"], root=tmp_path.resolve(), cwd=tmp_path.resolve())
    check_all(reading)
    world = reading.worlds[0]
    assert [text.included is not None for text in world.texts.of(world.documents[0])] == [False, True]


@pytest.mark.xfail(reason="findings are counted for each document of a file, not for the file", strict=True)
def test_a_file_of_many_documents_gets_few_findings(tmp_path: Path) -> None:
    """Who has the same mistake in each document has one cause."""
    (tmp_path / "bad.yaml").write_bytes(FILES[MANY])
    assert 1 <= len(checked(tmp_path.resolve(), "bad.yaml")) <= 3 * MOST_FINDINGS
