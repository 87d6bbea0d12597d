"""Agents that call each other in a circle, from their models or from the steps of a flow, and none says how deep.

Every run has a limit of depth, so a circle ends; who means one says so with `limits: {depth: n}` in one of its agents. Circles of
handoffs are fine: control moves, nothing waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped
from runner.compiler.rules._tools import steps_of
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
    deep = {agent.name for agent in context.of_kind("agent") if "depth" in mapped(agent.data.get("limits"))}
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
                circle = [known for known, _ in path]
                if deep.isdisjoint(circle[circle.index(name) :]):
                    yield _circle(path, name, span)
            elif name in calls and name not in done:
                path.append((name, span))
                waiting.append(iter(calls[name]))


def _calls(agent: Document) -> Iterator[tuple[str, Span]]:
    for at, item in enumerate(listed(agent.data.get("agents"))):
        name = item if isinstance(item, str) else mapped(item).get("use")
        if isinstance(name, str):
            yield name, agent.span(("agents", at))
    for where, step in steps_of(agent):
        if isinstance(name := step.get("agent"), str):
            yield name, agent.span((*where, "agent"))


def _circle(path: list[tuple[str, Span | None]], name: str, span: Span) -> Diagnostic:
    names = [known for known, _ in path]
    circle = path[names.index(name) :]
    way = " → ".join(f"`{shown(known)}`" for known in (*(known for known, _ in circle), name))
    related = tuple(Related(place, f"`{shown(known)}` is called here") for known, place in circle[1:] if place)
    hint = "let one of them hand over instead (`handoffs:`), or say how deep it may go: `limits: {depth: 3}`"
    return Diagnostic(UNBOUNDED_CYCLE, span, f"these agents call each other in a circle: {way}", hint, related=related)
