"""Limits of a run: one pot of tokens, money and time, shared with every agent it calls; a called agent's own limits are a ceiling inside it.

Waiting for a person does not count as time.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runner.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Generator

    from runner.graph import Limits
    from runner.messages import Usage


class Pot:
    """What is left for one call of an agent. `turns` and `tool_calls` are its own; tokens, cost and time are also its caller's."""

    def __init__(self, limits: Limits, agent: str, parent: Pot | None = None) -> None:
        self.limits = limits
        self.turns = 0
        self.tool_calls = 0
        self.tokens = 0
        self.cost = 0.0
        self._agent = agent
        self._parent = parent
        self._started = time.monotonic()
        self._waited = 0.0

    def spend(self, usage: Usage, cost: float | None) -> None:
        """Take tokens and dollars out of this pot and every pot around it."""
        self.tokens += usage.total()
        self.cost += cost or 0.0
        if self._parent:
            self._parent.spend(usage, cost)

    def seconds_left(self) -> float:
        """Return the time left in the tightest pot, never below 0."""
        own = self.limits.time - (time.monotonic() - self._started - self._waited)
        return max(0.0, min(own, self._parent.seconds_left()) if self._parent else own)

    @contextmanager
    def waiting(self) -> Generator[None]:
        """Stop the clocks while a person is asked."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._wait(time.monotonic() - began)

    def _wait(self, seconds: float) -> None:
        self._waited += seconds
        if self._parent:
            self._parent._wait(seconds)

    def take_turn(self, estimate: int) -> None:
        """Count a turn whose request is about `estimate` tokens. Raises LimitReached when it does not fit what is left."""
        self._check_pot(estimate)
        if self.turns >= self.limits.turns:
            raise self._reached("turns", f"{self.limits.turns} turns")
        self.turns += 1

    def take_call(self) -> None:
        """Count a tool call. Raises LimitReached when there is none left."""
        if self.tool_calls >= self.limits.tool_calls:
            raise self._reached("tool_calls", f"{self.limits.tool_calls} tool calls")
        self.tool_calls += 1

    def out_of_time(self) -> LimitReached:
        """Return the error for a run whose time is over, naming the pot that ran out."""
        if self._parent and self._parent.seconds_left() <= 0:
            return self._parent.out_of_time()
        return self._reached("time", f"{self.limits.time:g} s")

    def exhausted(self) -> bool:
        """True when nothing more can be done in this pot, whoever used it up."""
        try:
            self._check_pot(0)
        except LimitReached:
            return True
        return self.turns >= self.limits.turns

    def _check_pot(self, estimate: int) -> None:
        limits = self.limits
        if limits.tokens is not None and self.tokens + estimate >= limits.tokens:
            raise self._reached("tokens", f"{limits.tokens} tokens ({self.tokens} used, the next call needs about {estimate})")
        if limits.cost is not None and self.cost >= limits.cost:
            raise self._reached("cost", f"${limits.cost:g} (${self.cost:.4f} spent)")
        if self.limits.time <= time.monotonic() - self._started - self._waited:
            raise self._reached("time", f"{limits.time:g} s")
        if self._parent:
            self._parent._check_pot(estimate)

    def _reached(self, name: str, what: str) -> LimitReached:
        return LimitReached(
            f"`{self._agent}` reached its limit of {what}",
            stop_reason=f"limit.{name}",
            hint=f"raise `limits: {{{name}: …}}` of `{self._agent}`, or ask for less",
        )
