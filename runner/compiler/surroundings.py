"""What the expressions of a definition may name at each place, with types: its inputs, the session, the steps before, the item at hand.

One `Surroundings` per document; the flow is understood once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from runner.compiler.flows import NO_FACTS, Facts, Flow, Step, flow_of, inside
from runner.compiler.inference import Inference, record
from runner.compiler.link_reach import listed, mapped
from runner.compiler.types import (
    ANY,
    NULL,
    NUMBER,
    TEXT,
    Type,
    kind_of,
    list_of,
    map_of,
    of_data,
    of_field,
    of_fields,
    one_of,
)
from runner.expressions import Expression, ExpressionError, parse_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.expressions import Node

_SESSION = map_of({"id": TEXT, "user": TEXT, "date": TEXT})
_ERROR = map_of({"kind": TEXT, "message": TEXT})
_ITEM_ERROR = map_of({"index": NUMBER, "kind": TEXT, "message": TEXT})


class Surroundings:
    """The types of names at the places of one agent or tool."""

    def __init__(self, document: Document, library: Library) -> None:
        self.document = document
        self.library = library

    @cached_property
    def flow(self) -> Flow | None:
        """The flow of an agent, or None."""
        return flow_of(self.document) if self.document.kind == "agent" else None

    @cached_property
    def inputs(self) -> Type:
        """The inputs of the agent or tool."""
        return _inputs(self.document.data, is_agent=self.document.kind == "agent")

    def step_at(self, where: Where) -> Step | None:
        """Return the step that a place is in."""
        if self.flow is None or where[:1] != ("flow",):
            return None
        return self.flow.index.get(where[: 4 if where[2:3] == ("parallel",) else 2])

    def inference(self, where: Where, text: str) -> Inference:
        """Return what finds the types of the expressions of a text at a place."""
        if self.document.kind == "agent" and where[:1] == ("tools",):
            tool = mapped(listed(self.document.data["tools"])[int(where[1])])
            return Inference(text, {"inputs": _inputs(tool, is_agent=False), "session": _SESSION})
        roots = {"inputs": self.inputs, "session": _SESSION}
        if self.flow is None or where[0] not in ("flow", "result"):
            return Inference(text, roots)
        step = self.step_at(where)
        facts = self._facts(self.flow, step, where)
        known = frozenset(fact.path for fact in facts if not fact.given)
        roots["steps"] = self._steps(facts)
        if step is not None and "each" in step.data and "each" not in where[len(step.where) :]:
            roots |= {"item": self._item(step), "index": NUMBER}
        return Inference(text, roots, known, tuple((fact.given, fact.path) for fact in facts if fact.given))

    def _facts(self, flow: Flow, step: Step | None, where: Where) -> Facts:
        if step is None:
            return flow.at_end or NO_FACTS
        key = where[len(step.where)] if len(where) > len(step.where) else None
        if key == "when":
            outer = flow.top[step.at]
            return inside(flow, outer) if step.is_child else flow.known[step.at] or NO_FACTS
        return inside(flow, step, ran=key == "next")

    def _steps(self, facts: Facts) -> Type:
        flow = self.flow
        there = {fact.path[1] for fact in facts if not fact.given and fact.path[0] == "steps" and fact.path[2:3] == ("output",)}
        steps = flow.by_id.items() if flow else ()
        return map_of({name: self._record(step, sure=name in there) for name, step in steps})

    def _record(self, step: Step, *, sure: bool) -> Type:
        output = self.output_of(step)
        error = list_of(_ITEM_ERROR) if "each" in step.data else _ERROR
        return record(output if sure else output.or_null(step.id or step.kind), error.or_null())

    def output_of(self, step: Step) -> Type:
        """Return the type of a step's output when it has run."""
        one = self._one_output(step)
        if "each" in step.data:
            return list_of(one.or_null() if step.goes_on else one)
        return one

    def _one_output(self, step: Step) -> Type:
        match step.kind:
            case "ask":
                return _answer(step.data.get("choices"))
            case "agent":
                return self._agent_output(step.data)
            case "tool":
                return self._tool_output(step.data["tool"])
            case "fail":
                return NULL
            case _:
                return ANY

    def _agent_output(self, step: Mapping[str, Any]) -> Type:
        if "output" in step:
            return map_of(of_fields(step["output"])) if isinstance(step["output"], dict) else ANY
        name = step.get("agent")
        agent = self.library.agents.get(name) if isinstance(name, str) else None
        if agent is None:
            return ANY
        if "output" in agent.data:
            return map_of(of_fields(agent.data["output"])) if isinstance(agent.data["output"], dict) else ANY
        return ANY if {"flow", "handoffs"} & agent.data.keys() else TEXT

    def _tool_output(self, name: Any) -> Type:
        output = self.tool(name).get("output") if isinstance(name, str) and "." not in name else None
        return map_of(of_fields(output)) if isinstance(output, dict) else ANY

    def tool(self, name: str) -> Mapping[str, Any]:
        """Return the definition of a tool that a step may name: one in the agent, else one of the project; {} when there is none."""
        for item in listed(self.document.data.get("tools")):
            own = mapped(item)
            if "type" in own and own.get("name") == name:
                return own
        found = self.library.tools.get(name)
        return found.data if found else {}

    def _item(self, step: Step) -> Type:
        each = step.data.get("each")
        if isinstance(each, str):
            found = self.type_of((*step.where, "each"), each)
            return found.items if found is not None and found.items is not None else ANY
        return of_data(each).items or ANY if isinstance(each, list) and not _has_expression(each) else ANY

    def type_of(self, where: Where, value: Any) -> Type | None:
        """Return the type of a value at a place, without a word on what is wrong in it; None when it cannot be read."""
        if not _has_expression(value):
            return of_data(value)
        if not isinstance(value, str):
            return Type(frozenset({kind_of(value)}))
        parts = _parts(value)
        if parts is None:
            return None
        part = parts[0] if len(parts) == 1 else None
        return self.inference(where, value).of(part.node) if isinstance(part, Expression) else TEXT


def alone(value: str) -> Node | None:
    """Return the expression that a text consists of, or None when it is something else."""
    parts = _parts(value)
    part = parts[0] if parts and len(parts) == 1 else None
    return part.node if isinstance(part, Expression) else None


def _parts(value: str) -> tuple[Any, ...] | None:
    try:
        return parse_template(value).parts
    except ExpressionError:
        return None


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, dict):
        return any(_has_expression(item) for item in mapped(value).values())
    return any(_has_expression(item) for item in listed(value))


def _inputs(data: Mapping[str, Any], *, is_agent: bool) -> Type:
    declared = data.get("inputs", {})
    if not isinstance(declared, dict):
        return ANY
    return map_of(({"message": of_field("string")} if is_agent else {}) | of_fields(mapped(declared)))


def _answer(choices: Any) -> Type:
    items = [item for item in listed(choices) if isinstance(item, str)]
    if not items or len(items) < len(listed(choices)) or _has_expression(items):
        return TEXT
    return one_of(items)
