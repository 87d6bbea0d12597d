"""A question whose answer nothing reads: whatever the person says, the flow goes the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.findings import shown
from runner.compiler.flows import NO_FACTS, flow_of, ways
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.flows import Flow, Step
    from runner.compiler.rules import Context

UNREAD_ANSWER = Rule("unread-answer", "warning", "a person is asked and nothing reads the answer")
RULES = (UNREAD_ANSWER,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every `ask` whose output no expression names and that is not the flow's own answer."""
    del library
    for agent in context.of_kind("agent"):
        flow = flow_of(agent)
        asks = [step for step in flow.top if step.kind == "ask"] if flow else []
        if flow is not None and asks:
            read = _read(agent, context)
            yield from (_finding(agent, step) for step in asks if read is not None and not _is_read(agent, flow, step, read))


def _read(agent: Document, context: Context) -> set[str] | None:
    """Return the steps whose records are named in an agent; None when that cannot be known."""
    found: set[str] = set()
    for text in context.texts.of(agent):
        template = text.template()
        if template is None:
            return None
        for path in template.paths():
            if path.names == ("steps",):
                return None
            if path.names[0] == "steps" and path.names[2:3] != ("error",):
                found.add(path.names[1])
    return found


def _is_read(agent: Document, flow: Flow, step: Step, read: set[str]) -> bool:
    ends_here = any(target == len(flow.top) for target, _ in ways(flow, step, NO_FACTS))
    return step.id in read or ("result" not in agent.data and ends_here)


def _finding(agent: Document, step: Step) -> Diagnostic:
    name = step.id or "confirm"
    missing = "" if step.id else f"give it an `id: {name}`, and "
    hint = f"{missing}read `${{steps.{shown(name)}.output}}` in a `when`, a `next` or a later step"
    return Diagnostic(UNREAD_ANSWER, agent.span((*step.where, "ask"), key=True), "nothing reads the answer to this question", hint)
