"""Nothing a model says can steer the terminal."""

from __future__ import annotations

import pytest

from runner.cli.terminal.clean import clean, clean_line, shorten

HOSTILE = {
    "colour": ("\x1b[31mred\x1b[0m", "red"),
    "cursor": ("a\x1b[2Jb\x1b[1;1Hc", "abc"),
    "title": ("x\x1b]0;pwned\x07y", "xy"),
    "title ended by ST": ("x\x1b]0;pwned\x1b\\y", "xy"),
    "clipboard": ("\x1b]52;c;ZXZpbA==\x07ok", "ok"),
    "link": ("\x1b]8;;http://evil\x1b\\good\x1b]8;;\x1b\\", "good"),
    "unfinished OSC": ("keep\x1b]0;never ends", "keep"),
    "unfinished OSC ends with its line": ("keep\x1b]0;never ends\nnext", "keep\nnext"),
    "device control": ("a\x1bP1$r0m\x1b\\b", "ab"),
    "eight-bit CSI": ("a\x9b31mb", "ab"),
    "eight-bit OSC": ("a\x9d0;t\x9cb", "ab"),
    "charset": ("\x1b(0lqqk", "lqqk"),
    "carriage return overwrites": ("deny\rallow", "denyallow"),
    "backspace": ("rm\b\bls", "rmls"),
    "bell and nul": ("a\x07\x00b", "ab"),
    "reversed reading order": ("\u202eevil\u2066", "evil"),
    "lone escape": ("a\x1b", "a"),
    "windows line ends": ("a\r\nb", "a\nb"),
    "kept": ("tab\t é 漢 👍 \u200d\nnext", "tab\t é 漢 👍 \u200d\nnext"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_control_sequences_are_removed_whole(name: str) -> None:
    """Each kind of escape sequence disappears with its payload; text, tabs and newlines stay."""
    hostile, harmless = HOSTILE[name]
    assert clean(hostile) == harmless


def test_a_cleaned_text_holds_no_control_character_at_all() -> None:
    """Every C0 and C1 character but newline and tab is gone, alone or in company."""
    soup = "".join(map(chr, range(0xA0))) * 2
    assert not {char for char in clean(soup) if ord(char) < 32 or 127 <= ord(char) < 160} - {"\n", "\t"}


def test_a_line_has_no_line_ends_and_fits_its_width() -> None:
    """`clean_line` folds white space, `shorten` cuts and shows that it did."""
    assert clean_line(" a\n\tb \x1b[1mc ") == "a b c"
    assert shorten("abcdef", 4) == "abc…"
    assert shorten("abcd", 4) == "abcd"
