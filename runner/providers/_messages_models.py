"""What each Claude model takes, read from its id: the vendor refuses a whole request for one word that the model does not know.

Taken from the vendor's model pages and migration guides, November 2026. An id of an unknown form (a gateway's own) is asked for anything
and judged by the server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_LINES = "opus|sonnet|haiku|fable|mythos"
_ID = re.compile(rf"claude-(?P<line>{_LINES})-(?P<major>\d{{1,2}})(?:[-.](?P<minor>\d{{1,2}}))?(?!\d)")
_TURNED = re.compile(rf"claude-(?P<major>\d{{1,2}})(?:[-.](?P<minor>\d{{1,2}}))?-(?P<line>{_LINES})")
"""Third-generation ids, and those of some gateways: the version before the line."""

_ALWAYS = {"fable", "mythos"}

Thinking = Literal["none", "budget", "adaptive", "unknown"]
"""How a model is told to think: not at all, with a number of tokens, by itself with an effort."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model takes. `output` is how long an answer may get when nobody says, `context` the window, both in tokens.

    `off` is the thinking type that turns thinking off, None where it cannot be, "" where it is off unless asked for. `sampling`:
    takes temperature and top_p. `structured`: takes a schema for its answer. `forced`: can be made to call a tool. `bound`: thinking
    goes stale when what stood before it changes.
    """

    output: int = 8192
    context: int | None = None
    thinking: Thinking = "unknown"
    off: str | None = ""
    sampling: bool = True
    structured: bool = False
    forced: bool = True
    bound: bool = False


@lru_cache(maxsize=256)
def traits(model: str) -> Traits:
    """Return what a model takes."""
    found = _ID.search(model) or _TURNED.search(model)
    if found is None:
        return Traits()
    version = (int(found["major"]), int(found["minor"] or 0))
    return _old(version, found["line"]) if version < (4, 0) else _modern(version, found["line"])


def _old(version: tuple[int, int], line: str) -> Traits:
    """The third generation: only its last model thinks."""
    if version >= (3, 7):
        return Traits(32_000, 200_000, "budget")
    return Traits(4096 if version == (3, 0) or line == "opus" else 8192, 200_000, "none")


def _modern(version: tuple[int, int], line: str) -> Traits:
    if version < (4, 6):
        return Traits(32_000, 200_000, "budget", structured=version >= (4, 5))
    later = version > (4, 6)
    return Traits(
        32_000,
        1_000_000,
        "adaptive",
        off=_off(version, line),
        sampling=not later,
        structured=True,
        forced=version <= (5, 0),
        bound=version > (5, 0),
    )


def _off(version: tuple[int, int], line: str) -> str | None:
    if version < (5, 0):
        return ""
    if line in _ALWAYS or (line == "opus" and version > (5, 0)):
        return None
    return "between_tools" if line == "sonnet" and version > (5, 0) else "disabled"
