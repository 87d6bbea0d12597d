"""The names of a flow's steps: each once, and every `to` names one of them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.compiler.findings import at_most, shown, suggestion
from runner.compiler.flows import END, flow_of
from runner.compiler.inference import UNRESOLVED_STEP
from runner.compiler.link_reach import listed, mapped
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.flows import Flow, Step
    from runner.compiler.rules import Context

DUPLICATE_STEP = Rule("duplicate-step", "error", "two steps of a flow have one name")
RULES = (DUPLICATE_STEP, UNRESOLVED_STEP)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report names that two steps have, and names in `to` that no step has."""
    del library
    for agent in context.of_kind("agent"):
        flow = flow_of(agent)
        if flow is not None:
            ways = (_ways(agent, flow, step) for step in flow.top)
            yield from at_most(chain(_names(agent, flow), *ways), agent.head())


def _names(agent: Document, flow: Flow) -> Iterator[Diagnostic]:
    for step in flow.all:
        if step.id is None:
            continue
        span = agent.span(step.named_at)
        if step.id == END:
            hint = "`to: end` ends the flow; call the step otherwise" if "id" in step.data else "give it another name with `id:`"
            yield Diagnostic(DUPLICATE_STEP, span, "a step cannot have the name `end`", hint)
        elif (first := flow.by_id[step.id]) is not step:
            hint = "rename one of the two" if "id" in step.data else "give it a name of its own with `id:`"
            related = (Related(agent.span(first.named_at), "first named here"),)
            yield Diagnostic(DUPLICATE_STEP, span, f"this flow already has a step `{shown(step.id)}`", hint, related=related)


def _ways(agent: Document, flow: Flow, step: Step) -> Iterator[Diagnostic]:
    for at, entry in enumerate(listed(step.data.get("next"))):
        name = mapped(entry).get("to")
        if not isinstance(name, str) or flow.target(name) is not None:
            continue
        span = agent.span((*step.where, "next", at, "to"))
        if name in flow.by_id:
            hint = "name the `parallel` around it; its steps start together"
            yield Diagnostic(UNRESOLVED_STEP, span, f"step `{shown(name)}` is inside `parallel`, where no way leads", hint)
        else:
            known = [END, *(one.id for one in flow.top if one.id is not None)]
            yield Diagnostic(UNRESOLVED_STEP, span, f"this flow has no step `{shown(name)}`", suggestion(name, known, "steps"))
