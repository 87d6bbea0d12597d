"""Passages: cut where a reader would cut, under the headings above them, with the lines they stand on."""

from __future__ import annotations

from itertools import pairwise

import pytest

from runner.retrieval import Document
from runner.retrieval.chunks import LONGEST, split

GUIDE = """# Guide

Welcome.

## Install

Run it.

```sh
# not a heading
pip install x
```

### On Windows ##

Ask a friend.

## Use

## Empty
"""


def places(name: str, text: str) -> list[tuple[str, int, int]]:
    return [(chunk.heading, chunk.first_line, chunk.last_line) for chunk in split(Document(name, text, ""))]


def test_markdown_is_cut_at_headings_with_their_path() -> None:
    """Each section is a passage, also a heading with nothing under it; `#` in a fence is no heading."""
    assert places("a.md", GUIDE) == [
        ("Guide", 1, 3),
        ("Guide › Install", 5, 12),
        ("Guide › Install › On Windows", 14, 16),
        ("Guide › Use", 18, 18),
        ("Guide › Empty", 20, 20),
    ]


def test_a_bare_heading_above_others_stands_in_their_paths_alone() -> None:
    """Its words are found with every section below it; a passage of its own would only crowd them out."""
    assert places("a.md", "# Top\n\n## Sub\n\nWords.\n\n## Bare\n# Next\n") == [
        ("Top › Sub", 3, 5),
        ("Top › Bare", 7, 7),
        ("Next", 8, 8),
    ]


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.py", "a.html", "a.json"])
def test_lines_of_a_passage_are_the_lines_of_the_file(name: str) -> None:
    """Whatever is cut, the words of a passage stand on the lines it names."""
    lines = [f"Sentence {number} tells of thing{number}, and of nothing else at all." if number % 7 else "" for number in range(1, 400)]
    text = "\n".join(["# Top", "", *lines])
    found = split(Document(name, text, ""))
    assert len(found) > 3
    for chunk in found:
        assert chunk.text == "\n".join(text.split("\n")[chunk.first_line - 1 : chunk.last_line])
        assert len(chunk.text) <= LONGEST
    covered = {number for chunk in found for number in range(chunk.first_line, chunk.last_line + 1)}
    assert covered >= {number for number, line in enumerate(text.split("\n"), 1) if line.strip()}


def test_code_is_cut_at_its_definitions() -> None:
    """A top-level definition is a passage under its own name."""
    text = "import os\n\n\ndef first():\n    return 1\n\n\nclass Second:\n    def inner(self):\n        return 2\n"
    assert places("a.py", text) == [("", 1, 1), ("first", 4, 5), ("Second", 8, 10)]


def test_every_passage_of_a_table_has_the_header_row() -> None:
    """A group of rows can be read by itself."""
    text = "city,degrees\n" + "\n".join(f"Town{number},{number}" for number in range(300)) + "\n"
    found = split(Document("a.csv", text, ""))
    assert len(found) > 1
    assert all(chunk.text.startswith("city,degrees\nTown") for chunk in found)
    assert (found[0].first_line, found[-1].last_line) == (2, 301)
    assert [after.first_line - before.last_line for before, after in pairwise(found)] == [1] * (len(found) - 1)


@pytest.mark.parametrize("text", ["", "\n\n  \n"])
@pytest.mark.parametrize("name", ["a.md", "a.csv"])
def test_nothing_to_say_gives_no_passage(name: str, text: str) -> None:
    """Blank files are not worth finding."""
    assert split(Document(name, text, "")) == ()


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.md", "a.js"])
def test_one_endless_line_is_cut_and_stays_on_its_line(name: str) -> None:
    """Minified text cannot make an endless passage."""
    found = split(Document(name, "word " * 5000, ""))
    assert max(len(chunk.text) for chunk in found) <= LONGEST
    assert len(found) > 10
    assert {(chunk.first_line, chunk.last_line) for chunk in found} == {(1, 1)}
