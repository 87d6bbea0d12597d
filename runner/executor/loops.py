"""Sees an agent going in circles: the same call with the same result, alternating calls, calls to tools that do not exist, repeated words.

A changed result is progress. The response grows: warn the model with the evidence, then forbid that call, then stop.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from runner.messages import ToolCall, ToolResult

CYCLES = 3
"""How often a pair or triple of calls, an unknown tool, or the same words may come before it is a loop."""

Response = Literal["warn", "forbid", "stop"]
_LADDER: tuple[Response, ...] = ("warn", "forbid", "stop")


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that was seen: what repeats, the evidence in words, and what is done about it."""

    pattern: Literal["identical", "alternating", "missing", "text"]
    evidence: str
    response: Response
    key: str


class LoopWatch:
    """Watches the calls and answers of one agent call. `repeats` is how many identical calls make a loop."""

    def __init__(self, repeats: int) -> None:
        self._repeats = repeats
        self._trail: list[str] = []
        self._names: dict[str, str] = {}
        self._missing = 0
        self._texts: Counter[str] = Counter()
        self._strikes: Counter[str] = Counter()
        self._forbidden: dict[str, str] = {}

    def forbidden(self, call: ToolCall) -> str | None:
        """Return why this very call is forbidden, None when it is not."""
        return self._forbidden.get(_key(call.name, call.arguments))

    def forgive(self) -> None:
        """Forget everything that was held against the agent: a person said to go on."""
        self._trail.clear()
        self._texts.clear()
        self._strikes.clear()
        self._forbidden.clear()
        self._missing = 0

    def saw_call(self, call: ToolCall, result: ToolResult, *, exists: bool) -> Loop | None:
        """Take a finished call; return the loop it completes."""
        if not exists:
            self._missing += 1
            if self._missing % CYCLES == 0:
                return self._found("missing", f"{self._missing} calls to tools that do not exist, last `{call.name}`", "missing", "")
            return None
        call_key = _key(call.name, call.arguments)
        if call_key in self._forbidden:
            return Loop("identical", f"`{call.name}` again, though it was forbidden: {self._forbidden[call_key]}", "stop", call_key)
        mark = _key(call_key, result.text())
        self._names[mark] = call.name
        self._trail.append(mark)
        return self._identical(mark, call_key, call) or self._alternating(call_key)

    def saw_text(self, text: str) -> Loop | None:
        """Take the words of a turn that goes on; return the loop they complete."""
        words = " ".join(text.split())
        if not words:
            return None
        self._texts[words] += 1
        if self._texts[words] < CYCLES:
            return None
        return self._found("text", f"the same words {self._texts[words]} times: {words[:80]}", _key("text", words), "")

    def _identical(self, mark: str, call_key: str, call: ToolCall) -> Loop | None:
        run = 0
        for earlier in reversed(self._trail):
            if earlier != mark:
                break
            run += 1
        if run < self._repeats:
            return None
        return self._found("identical", f"`{call.name}` {run} times with the same arguments and the same result", mark, call_key)

    def _alternating(self, call_key: str) -> Loop | None:
        for size in (2, 3):
            tail = self._trail[-size * CYCLES :]
            pattern = tail[:size]
            if len(tail) == size * CYCLES and tail == pattern * CYCLES and len(set(pattern)) > 1:
                names = " → ".join(f"`{self._names[mark]}`" for mark in pattern)
                return self._found("alternating", f"{names} {CYCLES} times with the same results", "".join(pattern[:1]), call_key)
        return None

    def _found(self, pattern: Literal["identical", "alternating", "missing", "text"], evidence: str, key: str, call_key: str) -> Loop:
        family = f"{pattern}:{key if pattern != 'alternating' else ''}"
        response = _LADDER[min(self._strikes[family], len(_LADDER) - 1)]
        self._strikes[family] += 1
        if response == "forbid" and call_key:
            self._forbidden[call_key] = evidence
        return Loop(pattern, evidence, response, call_key)


def _key(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
