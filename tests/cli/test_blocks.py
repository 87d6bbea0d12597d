"""Finished Markdown is recognised while it is written."""

from __future__ import annotations

import pytest

from runner.cli.terminal.blocks import split_finished

CASES = {
    "one paragraph is not finished": ("hello\n", "", "hello\n"),
    "a paragraph is finished when the next block has begun": ("one\n\ntwo", "one\n\n", "two"),
    "an empty line alone finishes nothing": ("one\n\n", "", "one\n\n"),
    "an indented line may belong to the list above": ("- a\n\n  more", "", "- a\n\n  more"),
    "a fence stays together": ("```\na\n\nb", "", "```\na\n\nb"),
    "a closed fence is finished": ("```\na\n\nb\n```\n\nafter", "```\na\n\nb\n```\n\n", "after"),
    "a longer fence holds a shorter one": ("````\n```\n\nx\n```\n\ny", "", "````\n```\n\nx\n```\n\ny"),
    "tildes and backticks do not close each other": ("~~~\n```\n\nx", "", "~~~\n```\n\nx"),
    "inline code is no fence": ("```x``` word\n\nnext", "```x``` word\n\n", "next"),
    "several blocks finish at once": ("a\n\nb\n\nc", "a\n\nb\n\n", "c"),
    "nothing": ("", "", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_finished_blocks_are_split_from_the_rest(name: str) -> None:
    """What is finished and what is not, for each kind of block."""
    text, finished, rest = CASES[name]
    assert split_finished(text) == (finished, rest)


def test_splitting_while_it_grows_loses_nothing() -> None:
    """Letter by letter, finished pieces and rest are the text, and no fence is ever torn."""
    text = "# T\n\nwords\n\n```py\nx = 1\n\ny = 2\n```\n\n- a\n\n  b\n\nend"
    done, rest = "", ""
    pieces: list[str] = []
    for letter in text:
        finished, rest = split_finished(rest + letter)
        done += finished
        pieces += [finished] if finished else []
    assert done + rest == text
    assert "```py\nx = 1\n\ny = 2\n```\n\n" in pieces
