"""Makes text of models, tools and files safe to print: no control character reaches a terminal.

Escape sequences can move the cursor, rewrite what a person has read, set the clipboard and fake an approval. They are removed whole.
"""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    r"""
      (?:\x1b\]|\x9d) [^\x07\x1b\x9c\n]* (?:\x07|\x1b\\|\x9c|(?=\n)|\Z)      # OSC: titles, links, clipboard
    | (?:\x1b[PX^_]|[\x90\x98\x9e\x9f]) [^\x1b\x9c\n]* (?:\x1b\\|\x9c|(?=\n)|\Z)  # DCS, SOS, PM, APC
    | (?:\x1b\[|\x9b) [0-?]* [ -/]* (?:[@-~]|\Z)                              # CSI: colours, cursor
    | \x1b [ -/]* (?:[0-~]|\Z)                                                # other escapes
    """,
    re.VERBOSE,
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return text without escape sequences, control characters (but newline and tab) and characters that reverse the reading order."""
    if not _CONTROLS.search(text):
        return text
    text = text.replace("\r\n", "\n")
    return _CONTROLS.sub("", _SEQUENCES.sub("", text))


def clean_line(text: str) -> str:
    """Return text cleaned and on one line: every run of white space becomes one space."""
    return " ".join(clean(text).split())


def shorten(text: str, width: int) -> str:
    """Return one line of at most `width` characters; what is cut shows as `…`."""
    line = clean_line(text)
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"
