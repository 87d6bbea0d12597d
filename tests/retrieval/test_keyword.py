"""Keyword search: what is found, in which order, and that the index is never wrong for long."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from runner.errors import StoreError
from runner.retrieval import SyncReport, keyword
from runner.retrieval._keyword_query import to_match

if TYPE_CHECKING:
    from pathlib import Path

PAGES = {
    "providers.md": "# Providers\n\n## How do I add a provider?\n\nWrite a document of kind `provider`.\n",
    "tools.md": "# Tools\n\n## How do I add a tool?\n\nWrite a function. A provider is not needed.\n",
    "limits.md": "# Limits\n\n## What stops a run?\n\nTurns, time and `max_output_tokens`. Running out of money stops it too.\n",
}


class Base:
    """A folder of pages and its knowledge base."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "pages"
        self.folder.mkdir()
        self.index = folder / "data" / "index.db"
        for name, text in PAGES.items():
            self.write(name, text)

    def write(self, name: str, text: str, age: int = 0) -> None:
        path = self.folder / name
        path.write_text(text)
        os.utime(path, (1_000_000 + age, 1_000_000 + age))

    def files(self) -> list[tuple[str, Path]]:
        return [(path.name, path) for path in sorted(self.folder.iterdir())]

    async def sync(self) -> SyncReport:
        retriever = keyword.open(self.index)
        try:
            return await retriever.sync(self.files())
        finally:
            await retriever.close()

    async def search(self, query: str, top: int = 5) -> list[str]:
        retriever = keyword.open(self.index)
        try:
            await retriever.sync(self.files())
            return [hit.citation.label() for hit in await retriever.search(query, top)]
        finally:
            await retriever.close()


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path)


async def test_a_question_finds_the_passage_whose_heading_asks_it(base: Base) -> None:
    """Stop words do not count, headings weigh more than text, and the citation has file, heading and lines."""
    assert (await base.search("How do I add a provider?"))[0] == "providers.md:3-5 (Providers › How do I add a provider?)"


async def test_a_title_that_asks_the_same_comes_first(base: Base) -> None:
    """`What is an agent?` is answered by the section of that name, however often others say the word."""
    base.write(
        "agents.md", "# Agents\n\n## Which agents are there?\n\nAgent, agent and agent.\n\n## What is an agent?\n\nA model that may act.\n"
    )
    assert (await base.search("what is an agent"))[0] == "agents.md:7-9 (Agents › What is an agent?)"


async def test_a_heading_with_nothing_under_it_is_found(base: Base) -> None:
    """A line of a change log is often all there is."""
    base.write("changes.md", "# Changes\n\n## Removed: gnu\n\n## Added: bongo 99")
    assert await base.search("bongo") == ["changes.md:5 (Changes › Added: bongo 99)"]


async def test_words_are_found_in_other_forms(base: Base) -> None:
    """Stemming: `stopping` finds `stops`; identifiers are found whole."""
    assert (await base.search("stopping"))[0].startswith("limits.md")
    assert (await base.search("max_output_tokens"))[0].startswith("limits.md")


@pytest.mark.parametrize("query", ["Zebra's", "the ZEBRA’S stripes", "zebras'"])
async def test_a_possessive_finds_the_word_itself(base: Base, query: str) -> None:
    """Both apostrophes, and either side may have the `s`."""
    base.write("zoo.md", "# Zoo\n\nOne Zebra lives here.\n")
    assert await base.search(query) == ["zoo.md:1-3 (Zoo)"]


async def test_top_limits_the_hits_and_scores_fall(base: Base) -> None:
    """The best come first."""
    retriever = keyword.open(base.index)
    await retriever.sync(base.files())
    hits = await retriever.search("add a provider tool write", 10)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(hits) == 2
    assert await retriever.search("add a provider tool write", 1) == hits[:1]
    await retriever.close()


@pytest.mark.parametrize("query", ["", "  ?!  ", "zeppelin", '"', "'); drop table files; --", "NEAR(", "* OR", "heading:", "a" * 20_000])
async def test_no_query_breaks_the_search(base: Base, query: str) -> None:
    """FTS5 syntax in a query is only words; nothing found is an empty answer."""
    assert [label for label in await base.search(query) if label.split(":")[0] not in PAGES] == []
    assert await base.search("zeppelin") == []


def test_a_query_of_stop_words_searches_for_them() -> None:
    """Better a weak search than none."""
    assert to_match("What is it?") == '"what" OR "is" OR "it"'
    assert to_match("What's the policy, Mr. O'Neil's?") == '"policy" OR "mr" OR "o\'neil"'


async def test_only_what_changed_is_touched(base: Base) -> None:
    """Time and size decide first, then the content; the report counts."""
    assert await base.sync() == SyncReport(added=3)
    assert await base.sync() == SyncReport(unchanged=3)
    base.write("tools.md", PAGES["tools.md"], age=5)
    assert await base.sync() == SyncReport(unchanged=3)
    base.write("tools.md", "# Tools\n\nZeppelins fly.\n", age=9)
    base.write("new.md", "# New\n\nFresh words.\n")
    (base.folder / "limits.md").unlink()
    assert await base.sync() == SyncReport(added=1, changed=1, removed=1, unchanged=1)
    assert await base.search("zeppelin") == ["tools.md:1-3 (Tools)"]
    assert await base.search("function") == []
    assert await base.search("money") == []


async def test_a_file_that_cannot_be_read_is_reported_and_the_rest_is_found(base: Base) -> None:
    """One bad file does not spoil a knowledge base; a file that went bad is no longer found."""
    await base.sync()
    base.write("limits.md", "\0\0\0", age=7)
    (base.folder / "broken").symlink_to(base.folder / "nowhere")
    report = await base.sync()
    assert report.failed == (("broken", "cannot be read: no such file or directory"), ("limits.md", "is binary"))
    assert await base.search("money") == []
    assert (await base.search("function"))[0].startswith("tools.md")


@pytest.mark.parametrize("damage", [b"this is not a database, not at all. " * 200, b"SQLite format 3\0" + b"\xff" * 9000])
async def test_a_broken_index_is_made_anew(base: Base, damage: bytes) -> None:
    """A damaged index file costs time, never an answer."""
    await base.sync()
    base.index.write_bytes(damage)
    assert (await base.search("provider"))[0].startswith("providers.md")
    assert await base.sync() == SyncReport(unchanged=3)


async def test_an_index_that_breaks_while_open_is_made_anew(base: Base) -> None:
    """Damage under a running search is mended from the files."""
    retriever = keyword.open(base.index)
    await retriever.sync(base.files())
    await retriever.close()
    base.index.write_bytes(b"junk" * 5000)
    assert [hit.citation.file for hit in await retriever.search("provider", 1)] == ["providers.md"]
    await retriever.close()


async def test_an_index_of_another_version_is_made_anew(base: Base) -> None:
    """An index of an older or newer agent-run is not trusted."""
    await base.sync()
    with closing(sqlite3.connect(base.index)) as connection:
        connection.execute("pragma user_version = 999")
    assert await base.sync() == SyncReport(added=3)


async def test_a_sync_that_fails_leaves_the_index_as_it_was(base: Base) -> None:
    """A sync is one transaction: when it is cut off, nothing of it is there."""
    await base.sync()
    base.write("new.md", "# New\n\nZeppelins.\n")

    def stop(done: int, total: int) -> None:
        if done == total:
            raise RuntimeError

    retriever = keyword.open(base.index)
    with pytest.raises(RuntimeError):
        await retriever.sync(base.files(), stop)
    assert await retriever.search("zeppelin") == ()
    assert len(await retriever.search("provider")) == 2
    await retriever.close()


async def test_a_cancelled_sync_stops_at_the_next_file_and_is_rolled_back(base: Base) -> None:
    """The caller waits only for the file at hand; nothing of the sync stays; the index works on."""
    retriever = keyword.open(base.index)
    loop, begun, go, seen = asyncio.get_running_loop(), asyncio.Event(), threading.Event(), list[int]()

    def hold(done: int, _total: int) -> None:
        seen.append(done)
        loop.call_soon_threadsafe(begun.set)
        go.wait(20)

    task = asyncio.create_task(retriever.sync(base.files(), hold))
    await begun.wait()
    task.cancel()
    loop.call_soon(go.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [1]
    assert await retriever.sync(base.files()) == SyncReport(added=3)
    await retriever.close()


async def test_two_open_indexes_see_each_other(base: Base) -> None:
    """Two processes may use one knowledge base."""
    one, two = keyword.open(base.index), keyword.open(base.index)
    await one.sync(base.files())
    assert await two.sync(base.files()) == SyncReport(unchanged=3)
    assert await one.search("provider") == await two.search("provider")
    await one.close()
    await two.close()


async def test_an_index_that_cannot_be_written_is_a_clear_error(base: Base) -> None:
    """The error names the file and what to do."""
    base.index.parent.parent.joinpath("data").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"the search index .*index\.db cannot be used: ") as caught:
        await base.sync()
    assert caught.value.hint


async def test_close_may_be_called_twice(base: Base) -> None:
    """Closing what is closed is nothing."""
    retriever = keyword.open(base.index)
    await retriever.sync(base.files())
    await retriever.close()
    await retriever.close()
