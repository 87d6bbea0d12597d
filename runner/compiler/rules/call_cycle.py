"""Agents that call each other in a circle. Circles of handoffs are fine: control moves, nothing waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context
    from runner.diagnostics import Span

UNBOUNDED_CYCLE = Rule("unbounded-cycle", "error", "agents call each other in a circle")
RULES = (UNBOUNDED_CYCLE,)

Calls = dict[str, list[tuple[str, "Span"]]]


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report each circle of calls once, at the call that closes it."""
    del library
    calls: Calls = {agent.name: list(_calls(agent)) for agent in context.of_kind("agent")}
    done: set[str] = set()
    for start in sorted(calls):
        path: list[tuple[str, Span | None]] = [(start, None)]
        waiting = [iter(calls[start])] if start not in done else []
        while waiting:
            name, span = next(waiting[-1], ("", None))
            if span is None:
                waiting.pop()
                done.add(path.pop()[0])
            elif any(name == known for known, _ in path):
                yield _circle(path, name, span)
            elif name in calls and name not in done:
                path.append((name, span))
                waiting.append(iter(calls[name]))


def _calls(agent: Document) -> Iterator[tuple[str, Span]]:
    for at, item in enumerate(listed(agent.data.get("agents"))):
        name = item if isinstance(item, str) else mapped(item).get("use")
        if isinstance(name, str):
            yield name, agent.span(("agents", at))


def _circle(path: list[tuple[str, Span | None]], name: str, span: Span) -> Diagnostic:
    names = [known for known, _ in path]
    circle = path[names.index(name) :]
    way = " → ".join(f"`{shown(known)}`" for known in (*(known for known, _ in circle), name))
    related = tuple(Related(place, f"`{shown(known)}` is called here") for known, place in circle[1:] if place)
    hint = "let one of them hand over instead (`handoffs:`), or leave it out"
    return Diagnostic(UNBOUNDED_CYCLE, span, f"these agents call each other in a circle: {way}", hint, related=related)
