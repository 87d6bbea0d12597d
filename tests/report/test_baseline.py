"""Baselines: what is known is not told again, what is new is, and what is gone is counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.report.kit import Project

BAD = "model: auto\ninstructions: Hi.\nzzz: 1\n"


def test_a_baseline_that_is_not_there_is_written(project: Project) -> None:
    """That is exit 0, and is said."""
    code, out, err = project.write(a=BAD)("--baseline", "known.json")
    assert (code, out) == (0, "no findings in 1 file\n")
    assert "wrote 1 finding to `known.json`" in err
    entry = json.loads((project.root / "known.json").read_text())["findings"][0]
    assert (entry["file"], entry["rule"], entry["message"]) == ("agents.d/a.yaml", "unknown-key", "unknown key `zzz`")


def test_only_new_findings_are_told(project: Project) -> None:
    """Lines may move; the same finding once more is a new one."""
    project.write(a=BAD)("--baseline", "known.json")
    project.write(a="# moved\n\n" + BAD)
    code, out, err = project("--baseline", "known.json")
    assert (code, out) == (0, "no findings in 1 file\n")
    assert "1 known finding of `known.json` is not shown" in err
    project.write(a=BAD + "yyy: 1\n", b=BAD)
    code, out, _ = project("--baseline", "known.json", "--format", "json")
    assert code == 1
    assert [(found["file"], found["line"]) for found in json.loads(out)["findings"]] == [("agents.d/a.yaml", 4), ("agents.d/b.yaml", 3)]


def test_two_equal_findings_are_not_one(project: Project) -> None:
    """A baseline counts."""
    pair = "kind: agent\nname: {}\nmodel: auto\ninstructions: Hi.\nzzz: 1\n---\n"
    project.write(a=pair.format("one"))("--baseline", "known.json")
    project.write(a=pair.format("one") + pair.format("two"))
    code, out, _ = project("--baseline", "known.json")
    assert code == 1
    assert "1 error in 1 file" in out


def test_resolved_findings_are_counted_and_can_be_taken_out(project: Project) -> None:
    """`--update-baseline` writes it anew; what it says of files that were not checked stays."""
    project.write(a=BAD, b=BAD)("--baseline", "known.json")
    project.write(a="model: auto\ninstructions: Hi.\n")
    assert "1 finding of `known.json` is resolved" in project("--baseline", "known.json")[2]
    assert "resolved" not in project("agents.d/b.yaml", "--baseline", "known.json")[2]
    project("agents.d/a.yaml", "--baseline", "known.json", "--update-baseline")
    assert [entry["file"] for entry in json.loads((project.root / "known.json").read_text())["findings"]] == ["agents.d/b.yaml"]
    assert "resolved" not in project("--baseline", "known.json")[2]


def test_a_baseline_means_the_same_from_every_folder(project: Project) -> None:
    """Its paths start from its own folder."""
    project.write(a=BAD)("--baseline", "agents.d/known.json")
    assert type(project)(project.root / "agents.d")("--baseline", "known.json")[0] == 0
    assert project("--baseline", "agents.d/known.json")[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "findings": []}',
        '{"version": 1, "findings": [{"file": 1}]}',
        "\x00",
        "[" * 100_000,
        '{"version": 1, "findings": [5]}',
    ],
)
def test_what_is_no_baseline_is_a_usage_error(text: str, project: Project) -> None:
    """It is not written over, and nothing passes for want of it."""
    (project.write(a=BAD).root / "known.json").write_text(text)
    code, _, err = project("--baseline", "known.json")
    assert code == 2
    assert "`known.json` is not a baseline" in err
    assert (project.root / "known.json").read_text() == text


def test_a_baseline_that_cannot_be_written_is_a_usage_error(project: Project) -> None:
    """Nor one that is a folder."""
    assert "cannot write the baseline" in project.write(a=BAD)("--baseline", "no/such/folder.json")[2]
    assert project("--baseline", "agents.d")[0] == 2
    assert project("--update-baseline")[0] == 2


def test_a_baseline_holds_no_line_and_no_secret(project: Project) -> None:
    """Lines are kept as hashes, of their masked text."""
    (project.root / "providers.d").mkdir()
    for key in ("sk-live-0123456789", "sk-live-9876543210"):
        (project.root / "providers.d" / "team.yaml").write_text(f"type: openai-chat\nbase_url: https://x.example\napi_key: {key}\n")
        assert project("--baseline", "known.json")[0] == 0
    assert "sk-live" not in (project.root / "known.json").read_text()
