"""A flow as a graph: its steps with their names and places, the ways between them, and what has surely run when a step begins.

Tolerates flows whose shape is wrong: what cannot be understood is a step without a name and without ways of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.compiler.link_reach import listed, mapped
from runner.compiler.narrowing import Names, holding, not_null
from runner.expressions import Expression, ExpressionError, parse_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Where
    from runner.compiler.documents import Document
    from runner.expressions import Node

END = "end"
_KINDS = ("tool", "ask", "fail", "parallel", "agent")


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `at` is its place among the top-level steps, that of its `parallel` for a child; `kind` is the key that makes it one."""

    where: Where
    at: int
    kind: str
    data: Mapping[str, Any]

    @property
    def is_child(self) -> bool:
        """True for a step inside `parallel`."""
        return len(self.where) > 2

    @property
    def id(self) -> str | None:
        """What others call it, or None when it has no name. A member `toolset.member` is called `toolset_member`."""
        name = self.data.get("id", self.data.get(self.kind) if self.kind in ("agent", "tool") else None)
        if not isinstance(name, str):
            return None
        return name if "id" in self.data else name.replace(".", "_")

    @property
    def named_at(self) -> Where:
        """Where its name is written."""
        return (*self.where, "id" if "id" in self.data or self.kind not in ("agent", "tool") else self.kind)

    @property
    def goes_on(self) -> bool:
        """True when a failure of it does not end the flow."""
        return self.data.get("on_error") == "continue"


@dataclass(frozen=True, slots=True)
class Fact:
    """A path that is not null, or is not null when all conditions of `given` hold. `of` are the steps that this depends on."""

    path: Names
    given: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()


Facts = frozenset[Fact]
NO_FACTS: Facts = frozenset()
Edge = tuple[int, Facts]
"""The step that follows (the number of steps = the flow's end) and what is known on the way."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A `when` that could be read: its tree and its text."""

    node: Node
    text: str

    def facts(self, *, when: bool) -> Facts:
        """Return what is known when it holds, or, with `when=False`, when it does not."""
        return frozenset(Fact(path) for path in not_null(self.node, when=when))

    def parts(self, *, when: bool = True) -> frozenset[str]:
        """Return the conditions that hold, as they are written, when it holds or, else, does not."""
        return holding(self.node, self.text, when=when)

    def known(self, facts: Facts, *, when: bool = True) -> Facts:
        """Return facts and what follows from them and from its holding or, else, not holding."""
        return follow(facts | self.facts(when=when), self.parts(when=when))


def follow(facts: Facts, parts: frozenset[str]) -> Facts:
    """Return facts and those that hold because conditions do."""
    return facts | frozenset(Fact(fact.path) for fact in facts if fact.given and fact.given <= parts)


def condition(data: Mapping[str, Any]) -> Condition | None:
    """Return the `when` of a step or a way on; None when there is none that can be read."""
    text = data.get("when")
    if not isinstance(text, str) or "${" not in text:
        return None
    try:
        parts = parse_template(text).parts
    except ExpressionError:
        return None
    return Condition(parts[0].node, text) if len(parts) == 1 and isinstance(parts[0], Expression) else None


@dataclass(frozen=True, slots=True)
class Flow:
    """The steps of an agent. `known` are the facts at the beginning of each top-level step; None for one that is never reached."""

    top: tuple[Step, ...]
    all: tuple[Step, ...]
    by_id: Mapping[str, Step]
    known: tuple[Facts | None, ...] = ()
    at_end: Facts | None = None
    index: Mapping[Where, Step] = field(default_factory=dict["Where", Step])

    def target(self, name: Any) -> int | None:
        """Return the number of the top-level step that `to` names, that of the end for `end`, None when there is none."""
        if name == END:
            return len(self.top)
        step = self.by_id.get(name) if isinstance(name, str) else None
        return None if step is None or step.is_child else step.at


def flow_of(document: Document) -> Flow | None:
    """Return the flow of an agent, or None when it has none."""
    flow = document.data.get("flow")
    if not isinstance(flow, list):
        return None
    top = tuple(_step(("flow", at), at, item) for at, item in enumerate(listed(flow)))
    every = tuple(step for one in top for step in (one, *_children(one)))
    by_id: dict[str, Step] = {}
    for step in every:
        if step.id is not None:
            by_id.setdefault(step.id, step)
    plain = Flow(top, every, by_id, index={step.where: step for step in every})
    known = _known(plain)
    return Flow(top, every, by_id, known[:-1], known[-1], plain.index)


def _step(where: Where, at: int, item: Any) -> Step:
    data = mapped(item)
    return Step(where, at, next((kind for kind in _KINDS if kind in data), ""), data)


def _children(step: Step) -> Iterator[Step]:
    for at, item in enumerate(listed(step.data.get("parallel"))):
        yield _step((*step.where, "parallel", at), step.at, item)


def children(flow: Flow, step: Step) -> tuple[Step, ...]:
    """Return the steps inside a `parallel`."""
    return tuple(child for child in flow.all if child.is_child and child.at == step.at)


def ways(flow: Flow, step: Step, known: Facts) -> Iterator[Edge]:
    """Yield the ways on from a top-level step that begins with these facts."""
    guard = condition(step.data)
    if "when" in step.data:
        skipped = guard.known(known, when=False) if guard else known
        yield step.at + 1, skipped | _if_run(flow, step, guard)
    if step.kind != "fail":
        after = _after(flow, step, guard.known(known) if guard else known)
        yield from _ways_on(flow, step, after | _if_run(flow, step, guard))


def _ways_on(flow: Flow, step: Step, after: Facts) -> Iterator[Edge]:
    for entry in listed(step.data.get("next")):
        data = mapped(entry)
        choice = condition(data)
        target = flow.target(data.get("to"))
        if target is not None:
            yield target, choice.known(after) if choice else after
        if "when" not in data and "max" not in data:
            return
        if choice and "max" not in data:
            after = choice.known(after, when=False)
    yield step.at + 1, after


def _after(flow: Flow, step: Step, known: Facts) -> Facts:
    """Return what is known when a step has run: its own output is there, what was known of its last visit is not."""
    ran = (step, *children(flow, step))
    names = {one.id for one in ran if one.id is not None}
    kept = frozenset(fact for fact in known if not (fact.path[0] == "steps" and fact.path[1] in names) and not fact.of & names)
    sure = [one for one in ran if one is step or not ("when" in one.data or step.goes_on)]
    return kept | frozenset(fact for one in sure for fact in _left_behind(one))


def _left_behind(step: Step, given: frozenset[str] = frozenset(), of: frozenset[str] = frozenset()) -> tuple[Fact, ...]:
    """Return what is known of a step's record when it has run: its output is there, if need be on condition that it did not fail."""
    if step.id is None or step.kind == "fail":
        return ()
    if step.goes_on and "each" not in step.data:
        given, of = given | {f"steps.{step.id}.error==null"}, of | {step.id}
    return (Fact(("steps", step.id), given, of), Fact(("steps", step.id, "output"), given, of))


def _if_run(flow: Flow, step: Step, guard: Condition | None) -> Facts:
    """Return what holds after a step whether it ran or not: where its condition holds, its output is there."""
    found: set[Fact] = set()
    for one in (step, *children(flow, step)):
        own = condition(one.data) if one is not step else None
        given = (guard.parts() if guard else frozenset[str]()) | (own.parts() if own else frozenset[str]())
        unclear = ("when" in step.data and not guard) or (one is not step and ("when" in one.data) != bool(own))
        if given and not unclear and not (one is not step and step.goes_on):
            of = frozenset(name for name in flow.by_id if any(f"steps.{name}" in part for part in given))
            found.update(_left_behind(one, given, of))
    return frozenset(found)


def _known(flow: Flow) -> tuple[Facts | None, ...]:
    """Return the facts at the beginning of every step and at the end: what holds on all ways that lead there."""
    known: list[Facts | None] = [None] * (len(flow.top) + 1)
    known[0] = NO_FACTS
    waiting = [0] if flow.top else []
    while waiting:
        at = waiting.pop()
        for target, facts in ways(flow, flow.top[at], known[at] or NO_FACTS):
            before = known[target]
            after = facts if before is None else before & facts
            if after != before:
                known[target] = after
                if target < len(flow.top) and target not in waiting:
                    waiting.append(target)
    return tuple(known)


def inside(flow: Flow, step: Step, *, ran: bool = False) -> Facts:
    """Return what is known inside a step: at its beginning, its `when` taken as true, and, with `ran`, when it has run."""
    top = flow.top[step.at]
    facts = flow.known[step.at] or NO_FACTS
    parts: frozenset[str] = frozenset()
    for one in dict.fromkeys((top.where, step.where)):
        guard = condition(flow.index[one].data)
        if guard:
            facts |= guard.facts(when=True)
            parts |= guard.parts()
    if ran:
        facts = _after(flow, top, facts) | _if_run(flow, top, condition(top.data))
    return follow(facts, parts)
