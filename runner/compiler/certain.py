"""Which word somebody meant beyond doubt: one candidate within two slips of the finger. Suggestions may guess; mends may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_SLIPS = 2
_SHORT = 4
"""In words up to this length two slips make any word of any other."""


def certain(word: str, candidates: Iterable[str]) -> str | None:
    """Return the only candidate at an edit distance of at most two (one for short words), or None when there is none or more than one."""
    most = 1 if len(word) <= _SHORT else MOST_SLIPS
    near = [name for name in set(candidates) if abs(len(name) - len(word)) <= most and distance(word, name) <= most]
    return near[0] if len(near) == 1 else None


def distance(one: str, other: str) -> int:
    """Return how many letters must be inserted, deleted, replaced, or swapped with their neighbour, each letter at most once."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        last, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            cost = min(row[to - 1] + 1, before[to] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, last[to - 2] + 1)
            row.append(cost)
    return row[-1]
