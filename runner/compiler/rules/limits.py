"""Limits that cannot be meant: so high that they guard nothing, so low that nothing can run, or above the caller's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import shown
from runner.compiler.link_reach import agents_of, mapped
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Definition, Library
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

ABSURD_LIMIT = Rule("absurd-limit", "warning", "a limit is so high that it guards nothing, or so low that nothing can run")
LIMIT_ABOVE_CALLER = Rule("limit-above-caller", "warning", "a called agent's limit is above that of every caller and is never reached")
RULES = (ABSURD_LIMIT, LIMIT_ABOVE_CALLER)

_DAY = 86400.0
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": _DAY}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_MOST: dict[str, tuple[float, str]] = {
    "turns": (1000, "1,000"),
    "tool_calls": (10_000, "10,000"),
    "tokens": (1_000_000_000, "1,000,000,000"),
    "cost": (10_000, "10,000 dollars"),
    "time": (_DAY, "one day"),
    "repeats": (100, "100"),
    "depth": (10, "10"),
}
_ZERO = ("cost", "time")
_POTS = ("tokens", "cost", "time")
"""What is one pot for a run: a called agent's own limit is a ceiling inside it."""


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report limits that guard nothing."""
    agents = [agent for agent in context.of_kind("agent") if isinstance(agent.data.get("limits"), dict)]
    for agent in agents:
        yield from _absurd(agent)
    limited = [agent for agent in agents if any(key in agent.data["limits"] for key in _POTS)]
    if limited:
        callers = _callers(library, {agent.name for agent in limited})
        for agent in limited:
            yield from _above(agent, callers.get(agent.name, []))


def _absurd(agent: Document) -> Iterator[Diagnostic]:
    for key, written in mapped(agent.data["limits"]).items():
        value = _number(written)
        if value is None or key not in _MOST:
            continue
        most, words = _MOST[key]
        span = agent.span(("limits", key))
        if value > most:
            yield Diagnostic(
                ABSURD_LIMIT, span, f"`{key}: {shown(str(written))}` guards nothing", f"more than {words} is hardly ever meant"
            )
        elif value == 0 and key in _ZERO:
            yield Diagnostic(ABSURD_LIMIT, span, f"with `{key}: {shown(str(written))}` nothing can run", "leave it out for the default")


def _callers(library: Library, names: set[str]) -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = {}
    for caller in library.agents.values():
        for name in set(agents_of(caller.data)) & names - set(_named(caller.data)):
            found.setdefault(name, []).append(caller)
    return found


def _named(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield those that the conversation is handed to: they are not called."""
    yield from agents_of({"handoffs": data.get("handoffs")})


def _above(agent: Document, callers: list[Definition]) -> Iterator[Diagnostic]:
    for key in _POTS:
        own = _number(agent.data["limits"].get(key))
        theirs = [(_number(mapped(caller.data.get("limits")).get(key)), caller) for caller in callers]
        if own is None or not theirs or any(limit is None or limit >= own for limit, _ in theirs):
            continue
        caller = max(theirs, key=lambda one: (one[0] or 0, one[1].name))[1]
        written, above = (shown(str(one.data["limits"][key])) for one in (caller, agent))
        related = (Related(caller.span(("limits", key)), f"the limit of its caller `{shown(caller.name)}`"),)
        message = f"`{key}: {above}` is never reached: the caller `{shown(caller.name)}` stops at {written}"
        hint = "a called agent uses up what its caller has; lower this one, or raise the caller's"
        yield Diagnostic(LIMIT_ABOVE_CALLER, agent.span(("limits", key)), message, hint, related=related)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) * _SECONDS[match[2]] if match else None
