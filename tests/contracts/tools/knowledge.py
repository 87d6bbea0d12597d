"""How the contract suite makes a `knowledge` tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contracts.test_tools import Case

if TYPE_CHECKING:
    from pathlib import Path


def case(folder: Path) -> Case:
    """A folder with one page; the broken call has no query, as a schema of the author's own might allow."""
    (folder / "page.md").write_text("# Page\n\nZeppelins leave at noon.\n")
    return Case(
        settings={"sources": ["page.md"]},
        good=("", {"query": "zeppelin"}, "Zeppelins leave at noon."),
        bad=("", {"query": 3}, "`query` must be text"),
    )
