"""The `.env` file: what is understood, and what is refused without being shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.errors import SecretError
from runner.secrets import dotenv

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("A=1", {"A": "1"}),
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("# a comment\n\n  # another\nA=1", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        ("export=1", {"export": "1"}),
        ("  A = one  ", {"A": "one"}),
        ("A=", {"A": ""}),
        ("A=\nB=2", {"A": "", "B": "2"}),
        ("A= # nothing", {"A": ""}),
        ("A=one two", {"A": "one two"}),
        ("A=one # comment", {"A": "one"}),
        ("A=one#two", {"A": "one#two"}),
        ("A=x=y==", {"A": "x=y=="}),
        ("A=it's", {"A": "it's"}),
        ("A='one # two' # three", {"A": "one # two"}),
        (r"A='a\nb$c'", {"A": r"a\nb$c"}),
        (r'A="a\nb\t\"c\" \\ $d \x"', {"A": 'a\nb\t"c" \\ $d \\x'}),
        ('A="line one\nline two"\nB=2', {"A": "line one\nline two", "B": "2"}),
        ("A='line one\nline two'", {"A": "line one\nline two"}),
        ('A=""', {"A": ""}),
        ("A=1\nA=2", {"A": "2"}),
        ("A=日本語", {"A": "日本語"}),
    ],
)
def test_lines_are_read(text: str, values: dict[str, str]) -> None:
    """Quotes, comments, `export`, several lines; a later line wins."""
    assert dotenv.parse(text, ".env") == values


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A=1\nhunter2", 2),
        ("A=1\n\n1A=hunter2", 3),
        ('A="hunter2', 1),
        ("A='hunter2\nB=1", 1),
        ('A="hunter2" hunter2', 1),
        ("=hunter2", 1),
        ("A B=hunter2", 1),
    ],
)
def test_other_lines_are_refused_by_number_and_never_shown(text: str, line: int) -> None:
    """The line may hold a secret: the error has its place only."""
    with pytest.raises(SecretError) as caught:
        dotenv.parse(text, "dir/.env")
    assert str(caught.value).startswith(f"dir/.env:{line}: ")
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    """On a server the environment has it all."""
    assert dotenv.read(tmp_path / ".env") == {}


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfA=1")
    assert dotenv.read(tmp_path / ".env") == {"A": "1"}


def test_what_cannot_be_read_is_an_error_with_its_path(tmp_path: Path) -> None:
    """A folder, and binary junk."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "junk").write_bytes(b"\xff\xfe\x00A=hunter2")
    for name in ("folder", "junk"):
        with pytest.raises(SecretError) as caught:
            dotenv.read(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)
        assert caught.value.hint


def test_a_hostile_file_is_read_in_linear_time() -> None:
    """A quote that never ends, backslashes, and a hundred thousand lines do not hang the reader."""
    with pytest.raises(SecretError):
        dotenv.parse('A="' + "\\a" * 200_000, ".env")
    assert dotenv.parse(f"A=x{' ' * 200_000}y", ".env")["A"][-2:] == " y"
    assert len(dotenv.parse("".join(f"A{number}={'x ' * 20}\n" for number in range(5_000)), ".env")) == 5_000
