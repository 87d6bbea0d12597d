"""Conditions over the values of an enum that forget one: with that value the flow falls out of its end and nobody has said so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import listed as in_words
from runner.compiler.findings import shown
from runner.compiler.flows import END, Condition, condition
from runner.compiler.link_reach import listed, mapped
from runner.compiler.surroundings import Surroundings
from runner.diagnostics import Diagnostic, Related, Rule
from runner.expressions import equal
from runner.expressions.nodes import Compare, Constant, ListOf, Logic, Path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.flows import Step
    from runner.compiler.rules import Context
    from runner.expressions import Node

FALL_THROUGH = Rule("fall-through", "warning", "a value of an enum has no step and falls out of the flow's end")
RULES = (FALL_THROUGH,)


@dataclass(frozen=True, slots=True)
class _Case:
    """One condition: the path it tests, the values it holds for, and where it stands."""

    path: str
    values: tuple[Any, ...]
    where: Where
    node: Path


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report flows that end in conditions over one enum, at least two, which leave a value out."""
    for agent in context.of_kind("agent"):
        around = Surroundings(agent, library)
        if around.flow is not None and around.flow.top:
            yield from _last_steps(agent, around, around.flow.top)
            yield from _last_ways(agent, around, around.flow.top[-1])


def _last_steps(agent: Document, around: Surroundings, top: Sequence[Step]) -> Iterator[Diagnostic]:
    """Look at the steps at the end that all have a `when` about the same path."""
    cases: list[_Case] = []
    for step in reversed(top):
        case = None if "next" in step.data else _case(condition(step.data), (*step.where, "when"))
        if case is None or (cases and case.path != cases[0].path):
            break
        cases.insert(0, case)
    if len(cases) > 1:
        yield from _left_out(agent, around, cases, "no step runs")


def _last_ways(agent: Document, around: Surroundings, step: Step) -> Iterator[Diagnostic]:
    """Look at the ways on from the last step; only where one of them says `to: end` is falling out of the end no way of its own."""
    entries = [mapped(entry) for entry in listed(step.data.get("next"))]
    cases = [_case(condition(entry), (*step.where, "next", at, "when")) for at, entry in enumerate(entries)]
    found = [case for case in cases if case is not None]
    if len(found) == len(entries) > 1 and len({case.path for case in found}) == 1 and any(entry.get("to") == END for entry in entries):
        yield from _left_out(agent, around, found, "no way is taken")


def _left_out(agent: Document, around: Surroundings, cases: list[_Case], what: str) -> Iterator[Diagnostic]:
    first = cases[0]
    known = around.inference(first.where, first.path).of(first.node).values or ()
    left = [value for value in known if value is not None and not any(equal(value, one) for case in cases for one in case.values)]
    if left and any(equal(value, one) for value in known for one in first.values):
        names = in_words(sorted(shown(str(value)) for value in left))
        related = tuple(Related(agent.span(case.where), "the next case") for case in cases[1:])
        message = f"when `{shown(first.path)}` is {names}, {what} and the flow ends"
        yield Diagnostic(FALL_THROUGH, agent.span(first.where), message, "say what happens then, if only `to: end`", related=related)


def _case(found: Condition | None, where: Where) -> _Case | None:
    tested = _tested(found.node) if found else None
    if found is None or tested is None:
        return None
    path, values = tested
    return _Case("".join(found.text[path.offset : path.end].split()).replace("?.", "."), values, where, path)


def _tested(node: Node) -> tuple[Path, tuple[Any, ...]] | None:
    """Return the path that a condition compares with written values, and these; None for any other condition."""
    match node:
        case (
            Compare(op="==", left=Path() as path, right=Constant() as value)
            | Compare(op="==", left=Constant() as value, right=Path() as path)
        ):
            return path, (value.value,)
        case Compare(op="in", left=Path() as path, right=ListOf(items=items)):
            values = tuple(item.value for item in items if isinstance(item, Constant))
            return (path, values) if len(values) == len(items) else None
        case Logic(op="or", items=items):
            return _together([_tested(item) for item in items])
        case _:
            return None


def _together(tested: list[tuple[Path, tuple[Any, ...]] | None]) -> tuple[Path, tuple[Any, ...]] | None:
    found = [one for one in tested if one is not None]
    same = len({tuple(str(getattr(step, "name", step)) for step in path.steps) for path, _ in found}) == 1
    if len(found) < len(tested) or not same:
        return None
    return found[0][0], tuple(value for _, values in found for value in values)
