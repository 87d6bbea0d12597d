"""Which files `sources` mean: files, folders and globs, inside the root, in one order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.errors import ConfigError
from runner.tools._sources import find_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name in (
        "README.md",
        "docs/a.md",
        "docs/deep/b.txt",
        "docs/.hidden.md",
        "docs/.git/x.md",
        "docs/logo.png",
        "docs/node_modules/y.md",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (folder / "tools.d").mkdir()
    (tmp_path / "secret.txt").write_text("outside")
    return folder


def names(root: Path, *sources: str) -> list[str]:
    return [name for name, _ in find_files(sources, root / "tools.d", root).files]


def test_folders_are_walked_without_what_nobody_means(root: Path) -> None:
    """Hidden files, caches and pictures are passed over; names are relative to the root."""
    assert names(root, "../docs") == ["docs/a.md", "docs/deep/b.txt"]


def test_files_and_globs_add_up_without_repetition(root: Path) -> None:
    """The order is that of the names, whatever the order of the sources."""
    assert names(root, "../docs/**/*.txt", "../README.md", "../docs", "../*.md") == ["README.md", "docs/a.md", "docs/deep/b.txt"]
    assert names(root, "../docs/logo.png") == ["docs/logo.png"]


@pytest.mark.parametrize("source", ["../../secret.txt", "../..", "/etc", "../../*.txt", "../docs/../../secret.txt"])
def test_a_source_outside_the_root_is_refused(root: Path, source: str) -> None:
    """Paths and globs that lead out are the author's error."""
    with pytest.raises(ConfigError, match="is outside the project"):
        names(root, source)


def test_a_link_that_leads_out_is_refused_and_told(root: Path) -> None:
    """One file that leads out does not spoil its folder."""
    (root / "docs" / "link.txt").symlink_to(root.parent / "secret.txt")
    found = find_files(["../docs"], root / "tools.d", root)
    assert [name for name, _ in found.files] == ["docs/a.md", "docs/deep/b.txt"]
    assert found.refused == ((str(root / "tools.d/../docs/link.txt"), "is a link to a place outside the project"),)


@pytest.mark.parametrize("source", ["nowhere", "*.md", "../docs/*.pdf", "../docs/deep/../none"])
def test_a_source_that_matches_nothing_is_an_error(root: Path, source: str) -> None:
    """A misspelt folder is not an empty knowledge base."""
    with pytest.raises(ConfigError, match="matches no file"):
        names(root, source)
