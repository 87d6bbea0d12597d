"""Mends: only what is certain, only where nothing gets worse, and nothing but the characters in question."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.compiler.certain import certain, distance
from runner.compiler.fixes import Edit, apply, write
from runner.diagnostics import Diagnostic, Fix, Rule, Span
from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.report.kit import Project

RULE = Rule("bad-value", "error", "wrong")
WORDS = st.text("abc", max_size=6)


def replaced(line: int, start: int, end: int, text: str) -> Diagnostic:
    return Diagnostic(RULE, Span("a.yaml", line, start, line, end), "wrong", fix=Fix(Span("a.yaml", line, start, line, end), text))


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("model", "model", 0),
        ("modle", "model", 1),
        ("mdel", "model", 1),
        ("modell", "model", 1),
        ("a", "bc", 2),
        ("ca", "abc", 3),
    ],
)
def test_distance_counts_slips_of_the_finger(one: str, other: str, slips: int) -> None:
    """Two letters that changed places are one slip."""
    assert distance(one, other) == slips


@given(WORDS, WORDS)
def test_distance_goes_both_ways(one: str, other: str) -> None:
    """It is no more than the longer word, no less than the difference in length, and nothing for equal words only."""
    found = distance(one, other)
    assert found == distance(other, one)
    assert abs(len(one) - len(other)) <= found <= max(len(one), len(other))
    assert (found == 0) == (one == other)


def test_certain_means_one_candidate() -> None:
    """Not two, not one that is far away, and for short words not two slips."""
    assert certain("instrutions", ["instructions", "description"]) == "instructions"
    assert certain("toolz", ["tools", "toole"]) is None
    assert certain("knowledge", ["model"]) is None
    assert certain("ab", ["cd", "abc"]) == "abc"
    assert certain("ab", ["cd"]) is None


def test_edits_touch_nothing_else() -> None:
    """Comments, a byte order mark, line ends and signs outside of the basic plane stay as they are."""
    raw = b"\xef\xbb\xbf" + "a: 👩 # ä\r\nmodle: x  # why\rlast: 1".encode()
    mended, done = apply(raw, [replaced(3, 1, 5, "first"), replaced(2, 1, 6, "model")])
    assert mended == b"\xef\xbb\xbf" + "a: 👩 # ä\r\nmodel: x  # why\rfirst: 1".encode()
    assert len(done) == 2


def test_of_overlapping_edits_the_first_is_made() -> None:
    """The others may come in the next round."""
    mended, done = apply(b"abcdef\n", [replaced(1, 1, 4, "X"), replaced(1, 3, 6, "Y"), replaced(1, 4, 5, "Z"), replaced(9, 1, 2, "!")])
    assert (mended, len(done)) == (b"XZef\n", 2)


def test_fix_mends_and_says_so(project: Project) -> None:
    """The file is mended in place; what is left is reported."""
    project.write(a="modle: auto # keep me\ninstructions: Hi.\nlimits: {turn: '3',  time: 5m}\nzzz: 1\n")
    code, out, err = project("--fix")
    assert code == 1
    assert project.text() == "model: auto # keep me\ninstructions: Hi.\nlimits: {turns: 3,  time: 5m}\nzzz: 1\n"
    assert "unknown key `zzz`" in out
    assert "modle" not in out
    assert "mended agents.d/a.yaml:1: unknown key `modle`; now `model`" in err
    assert "3 mends in 1 file" in err


def test_what_a_mend_reveals_is_mended_too(project: Project) -> None:
    """`turn: '3'` is an unknown key first; only as `turns` it is text in the place of a number."""
    project.write(a="model: auto\ninstructions: Hi.\nlimits: {turn: '3'}\n")
    assert project("--fix")[0] == 0
    assert "limits: {turns: 3}" in project.text()


def test_fix_gives_up_a_file_that_would_have_another_error(project: Project) -> None:
    """Other files are mended all the same."""
    bad = "model: auto\ninstructions: Hi.\ntols: nothing\n"
    project.write(a=bad, b="modle: auto\ninstructions: Hi.\n")
    code, out, err = project("--fix")
    assert (code, project.text("a")) == (1, bad)
    assert project.text("b") == "model: auto\ninstructions: Hi.\n"
    assert "`agents.d/a.yaml` is left as it is: mended it would have another error" in err
    assert "unknown key `tols`" in out


def test_two_keys_that_mean_the_same_are_not_mended(project: Project) -> None:
    """The map has the key already, or would have it twice."""
    for text in ("model: auto\nmodle: auto\ninstructions: Hi.\n", "modle: auto\nmodell: auto\ninstructions: Hi.\n"):
        project.write(a=text)
        assert project("--fix")[0] == 1
        assert project.text() == text


def test_diff_shows_and_writes_nothing(project: Project) -> None:
    """A unified diff on standard output, and the exit code of what is there."""
    text = "modle: auto # keep me\ninstructions: Hi.\n"
    code, out, err = project.write(a=text)("--diff")
    assert code == 1
    assert out.splitlines() == [
        "--- a/agents.d/a.yaml",
        "+++ b/agents.d/a.yaml",
        "@@ -1,2 +1,2 @@",
        "-modle: auto # keep me",
        "+model: auto # keep me",
        " instructions: Hi.",
    ]
    assert "1 mend in 1 file; nothing was written" in err
    assert project.text() == text


def test_a_diff_shows_no_secret(project: Project) -> None:
    """Also not under the key that was misspelt."""
    (project.root / "providers.d").mkdir()
    text = "type: openai-chat\nbase_ur: https://x.example\napi_key: sk-live-0123456789 # mine\n"
    (project.root / "providers.d" / "team.yaml").write_text(text)
    _, out, err = project("--diff")
    assert "+base_url: https://x.example" in out
    assert "sk-live" not in out + err


def test_a_file_keeps_its_mode(project: Project) -> None:
    """And leaves no other file behind."""
    path = project.write(a="modle: auto\ninstructions: Hi.\n").root / "agents.d" / "a.yaml"
    path.chmod(0o640)
    assert project("--fix")[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in path.parent.iterdir()] == ["a.yaml"]


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path, project: Project) -> None:
    """Nothing is written anywhere; a link within the project stays one."""
    root = project.root / "project"
    outside = tmp_path / "outside.yaml"
    outside.write_text("modle: auto\ninstructions: Hi.\n")
    inner = type(project)(root)
    root.mkdir()
    inner.write(b="modle: auto\ninstructions: Hi.\n")
    (root / "agents.d" / "a.yaml").symlink_to(outside)
    code, _, err = inner("--fix")
    assert code == 2
    assert "leads out of the project" in err
    assert outside.read_text() == inner.text("b") == "modle: auto\ninstructions: Hi.\n"
    (root / "agents.d" / "a.yaml").unlink()
    (root / "agents.d" / "a.yaml").symlink_to("b.yaml")
    inner("--fix")
    assert (root / "agents.d" / "a.yaml").is_symlink()
    assert inner.text("b") == "model: auto\ninstructions: Hi.\n"


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    """Somebody's editor was faster."""
    path = tmp_path / "a.yaml"
    path.write_text("new")
    with pytest.raises(UsageError, match="has changed meanwhile"):
        write([Edit("a.yaml", path, b"old", b"mended", ())], [tmp_path])
    assert path.read_text() == "new"


def test_a_file_that_cannot_be_written_is_a_clear_line(tmp_path: Path) -> None:
    """The file is named, and why."""
    with pytest.raises(UsageError, match=r"^cannot write `a\.yaml`: no such file or directory$"):
        write([Edit("a.yaml", tmp_path / "gone" / "a.yaml", b"old", b"mended", ())], [tmp_path])
