"""Known secrets leave no text, in whatever form they travel."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from typing import TYPE_CHECKING

import pytest

from runner import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = 'sk-Ünder/score+9&="quote"?'


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Every test starts and ends without secrets."""
    redact.clear()
    yield
    redact.clear()


def test_nothing_registered_changes_nothing() -> None:
    """Text and data pass as they are, not even copied."""
    data = {"a": ["b"]}
    assert redact.redact_data(data) is data
    assert redact.redact("text") == "text"


def test_a_secret_is_replaced_by_its_name() -> None:
    """Every occurrence, with the text around it kept."""
    assert redact.register("hunter2hunter2", "DB_PASSWORD")
    assert redact.redact("postgres://me:hunter2hunter2@db hunter2hunter2") == "postgres://me:[secret:DB_PASSWORD]@db [secret:DB_PASSWORD]"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        repr(SECRET),
        urllib.parse.quote(SECRET),
        urllib.parse.quote(SECRET, safe=""),
        urllib.parse.quote_plus(SECRET),
        re.sub("%..", lambda code: code.group().lower(), urllib.parse.quote(SECRET, safe="")),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_every_form_is_found(form: str) -> None:
    """As it is, escaped for JSON, quoted for a URL (either case of hex), in both alphabets of base64."""
    redact.register(SECRET, "KEY")
    text = redact.redact(f"before {form} after")
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert "[secret:KEY]" in text
    assert "score" not in text


@pytest.mark.parametrize("user", ["", "u", "us", "use", "user"])
def test_base64_of_a_longer_text_is_found(user: str) -> None:
    """`Basic` authorization encodes `user:password`; the password starts at any of three offsets."""
    redact.register("correct horse battery", "PASSWORD")
    encoded = base64.b64encode(f"{user}:correct horse battery!".encode()).decode()
    shown = redact.redact(f"Authorization: Basic {encoded}")
    assert "[secret:PASSWORD]" in shown
    rest = shown.removeprefix("Authorization: Basic ").split("[secret:PASSWORD]")
    assert sum(map(len, rest)) <= len(user) * 4 / 3 + 10


def test_the_longest_secret_wins() -> None:
    """One secret inside another does not leave the rest of the longer one."""
    redact.register("abcdef", "SHORT")
    redact.register("abcdefghijkl", "LONG")
    assert redact.redact("abcdefghijkl abcdef") == "[secret:LONG] [secret:SHORT]"


def test_short_values_are_refused_and_left() -> None:
    """`1` or `test` as a password would be cut out of every word; the caller is told."""
    assert not redact.register("test", "KEY")
    assert not redact.register("  12345 \n", "KEY")
    assert redact.redact("a test of 12345") == "a test of 12345"
    assert redact.register("123456", "KEY")


def test_space_around_a_value_does_not_hide_it() -> None:
    """A key read from a file ends with a line break; libraries strip it."""
    redact.register("the-real-key\n", "KEY")
    assert redact.redact("Bearer the-real-key") == "Bearer [secret:KEY]"


def test_lines_of_a_private_key_are_secrets_too() -> None:
    """A key of many lines is logged line by line; its frame is no secret."""
    redact.register("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nshort\n-----END PRIVATE KEY-----", "PEM")
    assert redact.redact("| MIIEvQIBADANBgkqhkiG9w0B |") == "| [secret:PEM] |"
    assert redact.redact("-----BEGIN PRIVATE KEY----- short") == "-----BEGIN PRIVATE KEY----- short"


def test_a_value_that_looks_like_a_pattern_is_a_value() -> None:
    """No character of a secret means anything."""
    redact.register(".*|(a+)+$[", "KEY")
    assert redact.redact("x .*|(a+)+$[ y") == "x [secret:KEY] y"


def test_broken_unicode_in_a_secret_is_no_crash() -> None:
    """Undecodable bytes of an environment variable arrive as half surrogate pairs."""
    redact.register("caf\udce9-password", "KEY")
    assert redact.redact("a caf\udce9-password b") == "a [secret:KEY] b"


def test_data_is_redacted_in_every_corner() -> None:
    """Strings, keys, lists, tuples, nested maps; other values stay; the given data is not changed."""
    redact.register("hunter2hunter2", "KEY")
    data = {"a": ["x hunter2hunter2", 7, None, True], "hunter2hunter2": {"b": ("hunter2hunter2",)}}
    assert redact.redact_data(data) == {"a": ["x [secret:KEY]", 7, None, True], "[secret:KEY]": {"b": ["[secret:KEY]"]}}
    assert data["a"][0] == "x hunter2hunter2"
