"""Splits Markdown that is still being written: what is finished can be printed for good, the rest is drawn again and again."""

from __future__ import annotations

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def split_finished(text: str) -> tuple[str, str]:
    """Return the finished blocks and the rest.

    A block is finished at an empty line outside a code fence when the next line has begun and is not indented:
    an indented line may still belong to the list above it.
    """
    cut = 0
    fence = ""
    position = 0
    blank = False
    for line in text.splitlines(keepends=True):
        if blank and not fence and line.strip() and not line[0].isspace():
            cut = position
        fence = _after(line, fence)
        blank = not line.strip()
        position += len(line)
    return text[:cut], text[cut:]


def _after(line: str, fence: str) -> str:
    """Return the fence that is open after a line, "" for none."""
    match = _FENCE.match(line)
    if not match:
        return fence
    mark, rest = match[1], match[2]
    if not fence:
        return "" if mark[0] == "`" and "`" in rest else mark
    closes = mark[0] == fence[0] and len(mark) >= len(fence) and not rest.strip()
    return "" if closes else fence
