"""The ways between the steps of a flow: a way back says how often, and every step can be reached."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.compiler.findings import at_most, shown
from runner.compiler.flows import flow_of
from runner.compiler.link_reach import listed, mapped
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.flows import Flow, Step
    from runner.compiler.rules import Context

UNBOUNDED_JUMP = Rule("unbounded-jump", "error", "a way back in a flow does not say how often it may be taken")
UNREACHABLE_STEP = Rule("unreachable-step", "warning", "a step of a flow, or a way on from one, is never reached")
RULES = (UNBOUNDED_JUMP, UNREACHABLE_STEP)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report ways back without `max`, steps that no way leads to, and ways that are never taken."""
    del library
    for agent in context.of_kind("agent"):
        flow = flow_of(agent)
        if flow is not None:
            each = (chain(_back(agent, flow, step), _shut(agent, step)) for step in flow.top)
            yield from at_most(chain(*each, _unreached(agent, flow)), agent.head())


def _back(agent: Document, flow: Flow, step: Step) -> Iterator[Diagnostic]:
    for at, entry in enumerate(listed(step.data.get("next"))):
        data = mapped(entry)
        target = flow.target(data.get("to"))
        if target is not None and target <= step.at and "max" not in data:
            what = "leads back to its own step" if target == step.at else f"leads back to `{shown(data['to'])}`"
            message = f"this way {what} without saying how often"
            yield Diagnostic(UNBOUNDED_JUMP, agent.span((*step.where, "next", at, "to")), message, "add how often at most: `max: 3`")


def _shut(agent: Document, step: Step) -> Iterator[Diagnostic]:
    """Report the first way on after one that is always taken."""
    entries = listed(step.data.get("next"))
    for at, entry in enumerate(entries[:-1]):
        if isinstance(entry, dict) and not {"when", "max"} & mapped(entry).keys():
            related = (Related(agent.span((*step.where, "next", at, "to")), "always taken"),)
            hint = "put the way without `when` last"
            span = agent.span((*step.where, "next", at + 1, "to"))
            yield Diagnostic(UNREACHABLE_STEP, span, "this way on is never taken: the one before it always is", hint, related=related)
            return


def _unreached(agent: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Report the first of each row of steps that nothing leads to; not when a `to` is misspelt, which may be the way."""
    entries = [mapped(entry) for step in flow.top for entry in listed(step.data.get("next"))]
    if any("to" in entry and flow.target(entry["to"]) is None for entry in entries):
        return
    for step in flow.top:
        if flow.known[step.at] is None and flow.known[step.at - 1] is not None:
            name = f"step `{shown(step.id)}`" if step.id else "this step"
            hint = "the step before it ends the flow or always goes elsewhere; name it in a `next`, or leave it out"
            yield Diagnostic(UNREACHABLE_STEP, agent.span(step.named_at), f"{name} is never reached", hint)
