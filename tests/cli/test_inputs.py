"""`--input name=value` becomes data of the declared type, or one clear line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.cli.inputs import MOST_BYTES, named_inputs
from runner.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "ratio": {"type": ["number", "null"]},
        "deep": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "options": {"type": "object"},
        "level": {"enum": ["low", "high"]},
        "photo": {"type": "string", "format": "file-handle"},
    },
}


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("name=12", "12"),
        ("name=a=b", "a=b"),
        ("name=", ""),
        ("count=12", 12),
        ("ratio=0.5", 0.5),
        ("ratio=null", None),
        ("deep=true", True),
        ('tags=["a", "b"]', ["a", "b"]),
        ('options={"a": 1}', {"a": 1}),
        ("level=high", "high"),
    ],
)
def test_a_value_has_the_declared_type(pair: str, value: object) -> None:
    """Text stays text, numbers and truth are read, arrays and objects are JSON."""
    assert list(named_inputs([pair], SCHEMA).values()) == [value]


@pytest.mark.parametrize(
    ("pair", "message", "hint"),
    [
        ("count=many", "--input count: `many` is not an integer", "for example count=3"),
        ("count=true", "--input count: `true` is not an integer", "for example count=3"),
        ("ratio=NaN", "--input ratio: `NaN` is not a number", "for example ratio=0.5"),
        ("deep=yes", "--input deep: `yes` is not a boolean", "for example deep=true"),
        ("tags=a,b", "--input tags: `a,b` is not an array", 'for example tags=["a", "b"]'),
        ("coutn=1", "the agent has no input `coutn`", "did you mean `count`?"),
        ("count", "--input `count`: write NAME=VALUE, or NAME=@FILE for what a file holds", None),
        ("name=@/no/such", "--input name: there is no file `/no/such`", None),
        ("photo=/no/such.png", "--input photo: there is no file `/no/such.png`", None),
    ],
)
def test_what_does_not_fit_is_a_usage_error(pair: str, message: str, hint: str | None) -> None:
    """The line names the input, the value and what would fit."""
    with pytest.raises(UsageError) as caught:
        named_inputs([pair], SCHEMA)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_a_name_given_twice_is_refused() -> None:
    """Which of the two was meant is not ours to guess."""
    with pytest.raises(UsageError, match="given twice"):
        named_inputs(["name=a", "name=b"], SCHEMA)


def test_a_value_comes_from_a_file(tmp_path: Path) -> None:
    """`@FILE` is the text of a file, read as the declared type; a `file` input stays a path."""
    (tmp_path / "tags.json").write_text('["x"]')
    (tmp_path / "cat.png").write_bytes(b"\x89PNG\x00")
    found = named_inputs([f"tags=@{tmp_path}/tags.json", f"photo=@{tmp_path}/cat.png"], SCHEMA)
    assert found == {"tags": ["x"], "photo": tmp_path / "cat.png"}


def test_binary_and_huge_files_are_refused(tmp_path: Path) -> None:
    """What is no text, or far too much of it, is a mistake worth a line."""
    (tmp_path / "binary").write_bytes(b"a\x00b")
    (tmp_path / "huge").write_bytes(b"a" * (MOST_BYTES + 1))
    with pytest.raises(UsageError, match="is not text"):
        named_inputs([f"name=@{tmp_path}/binary"], SCHEMA)
    with pytest.raises(UsageError, match="larger than 10 MiB"):
        named_inputs([f"name=@{tmp_path}/huge"], SCHEMA)
