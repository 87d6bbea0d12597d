"""Files as text: what is read, what is refused, and that lines stay where they are."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from runner.retrieval.chunks import split
from runner.retrieval.documents import MAX_BYTES, UnreadableFile, read

if TYPE_CHECKING:
    from pathlib import Path


def test_html_becomes_text_on_the_same_lines(tmp_path: Path) -> None:
    """Tags, scripts and styles go, headings stay headings, and a citation points at the source line."""
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><title>x</title><style>p {color: red}</style></head>\n<body>\n<h1>Fees</h1>\n<p>You pay\n<b>two</b>&nbsp;dollars &amp; "
        "more.</p>\n<script>evil()</script>\n<h2>Late</h2>\n<ul><li>one</li><li>two</li></ul></body></html>\n"
    )
    document = read("a.html", path)
    assert [line for line in zip(document.lines, document.text.split("\n"), strict=True) if line[1]] == [
        *((3, "# Fees"), (4, "You pay"), (5, "two dollars & more."), (7, "## Late"), (8, "one"), (8, "two")),
    ]
    assert "evil" not in document.text
    assert "color" not in document.text
    assert [(chunk.heading, chunk.first_line) for chunk in split(document)] == [("Fees", 3), ("Fees › Late", 7)]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (
            "\n<h1>Oryx</h1><p>oryx para</p><h2>Kudu</h2><p>kudu lives here</p>",
            [("Oryx", 2, 2, "# Oryx\noryx para"), ("Oryx › Kudu", 2, 2, "## Kudu\nkudu lives here")],
        ),
        ("before<h2>Kudu</h2>after", [("", 1, 1, "before"), ("Kudu", 1, 1, "## Kudu\nafter")]),
        ("<h1>\n  The\n  <b>kudu</b>\n</h1>\n<p>lives\nhere</p>", [("The kudu", 1, 6, "# The kudu\nlives\nhere")]),
        ("<h1>Not closed<p>kudu", [("Not closed", 1, 1, "# Not closed\nkudu")]),
        ("<head><title>x</title>\n<body><p>kudu</p>", [("", 2, 2, "kudu")]),
        ("<h1>A<br>kudu</h1><table><tr><td>one</td><td>two</td></tr></table>", [("A kudu", 1, 1, "# A kudu\none two")]),
        ("<h3>Only a heading</h3>", [("Only a heading", 1, 1, "### Only a heading")]),
    ],
)
def test_html_is_cut_at_its_blocks_wherever_the_lines_end(tmp_path: Path, html: str, found: list[tuple[str, int, int, str]]) -> None:
    """No word is lost in minified or wrapped pages, and passages still name lines of the source."""
    path = tmp_path / "a.html"
    path.write_text(html)
    chunks = split(read("a.html", path))
    assert [(chunk.heading, chunk.first_line, chunk.last_line, re.sub("\n+", "\n", chunk.text)) for chunk in chunks] == found


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\xef\xbb\xbfgr\xc3\xbc\xc3\x9f", "grüß"),
        ("grüß".encode("utf-16"), "grüß"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
        (b"", ""),
    ],
)
def test_text_is_decoded_and_line_ends_are_one_kind(tmp_path: Path, raw: bytes, text: str) -> None:
    """Byte order marks and foreign line ends do not reach a passage."""
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    assert read("a.txt", path).text == text


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\x00\x01\x02", "is binary"),
        (b"caf\xe9", "is not UTF-8 text"),
        (b"x" * (MAX_BYTES + 1), "is too large (4.0 MiB; the limit is 4 MiB)"),
    ],
)
def test_what_is_not_text_is_refused_with_the_reason(tmp_path: Path, raw: bytes, reason: str) -> None:
    """Junk is named, not indexed."""
    path = tmp_path / "a.txt"
    path.write_bytes(raw)
    with pytest.raises(UnreadableFile) as caught:
        read("a.txt", path)
    assert str(caught.value) == reason


def test_a_missing_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    """The operating system's word is passed on."""
    with pytest.raises(UnreadableFile, match="cannot be read: no such file or directory"):
        read("a.txt", tmp_path / "a.txt")


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """Nobody writes to it, so whoever opened it to read would wait for good."""
    path = tmp_path / "a.txt"
    os.mkfifo(path)
    with pytest.raises(UnreadableFile, match=r"^is not a file$"):
        read("a.txt", path)


def test_a_folder_is_refused_with_the_reason(tmp_path: Path) -> None:
    """Only files have text."""
    with pytest.raises(UnreadableFile, match=r"^is not a file$"):
        read("a.txt", tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_forbidden_file_is_refused_with_the_reason(tmp_path: Path) -> None:
    """A file without permission is named."""
    path = tmp_path / "a.txt"
    path.touch(mode=0o000)
    with pytest.raises(UnreadableFile, match="permission denied"):
        read("a.txt", path)
