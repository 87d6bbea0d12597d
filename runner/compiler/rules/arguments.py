"""What `with` gives to agents and tools, against the inputs that they declare; and the `result` of a flow against its `output`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import at_most, shown, suggestion
from runner.compiler.findings import listed as in_words
from runner.compiler.inference import EXPRESSION_TYPE, MAYBE_NOT_RUN, UNRESOLVED_FIELD, not_run
from runner.compiler.link_reach import listed, mapped
from runner.compiler.surroundings import Surroundings, alone
from runner.compiler.types import ANY, NULL, TEXT, Type, map_of, of_fields, required
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.flows import Step
    from runner.compiler.rules import Context

UNKNOWN_ARGUMENT = Rule("unknown-argument", "error", "`with` gives something that the agent or tool does not take")
MISSING_ARGUMENT = Rule("missing-argument", "error", "a step does not give what its agent or tool needs")
ARGUMENT_TYPE = Rule("argument-type", "error", "a value under `with` does not fit the input that it is for")
RULES = (UNKNOWN_ARGUMENT, MISSING_ARGUMENT, ARGUMENT_TYPE, EXPRESSION_TYPE, UNRESOLVED_FIELD, MAYBE_NOT_RUN)

_DECLARED = frozenset({"http", "shell"})
"""Types of tools whose `inputs` are all that they take; the others learn more from elsewhere."""


@dataclass(frozen=True, slots=True)
class _Taker:
    """Who takes arguments: its name for people, the types of what it takes, and what it needs."""

    label: str
    takes: Mapping[str, Type]
    needs: tuple[str, ...] = ()


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report arguments that do not fit, and results that do not."""
    for agent in context.of_kind("agent"):
        if any(key in agent.data for key in ("flow", "tools", "agents")):
            around = Surroundings(agent, library)
            yield from at_most(chain(_references(agent, around), _steps(agent, around), _result(agent, around)), agent.head())


def _references(agent: Document, around: Surroundings) -> Iterator[Diagnostic]:
    for key in ("tools", "agents"):
        for at, item in enumerate(listed(agent.data.get(key))):
            data = mapped(item)
            name = data.get("use")
            taker = (_tool(name, around) if key == "tools" else _agent(name, around)) if isinstance(name, str) else None
            if taker is not None and isinstance(data.get("with"), dict):
                yield from _given(agent, around, (key, at, "with"), taker)


def _steps(agent: Document, around: Surroundings) -> Iterator[Diagnostic]:
    for step in around.flow.all if around.flow else ():
        name = step.data.get(step.kind)
        if step.kind not in ("agent", "tool") or not isinstance(name, str):
            continue
        taker = _agent(name, around) if step.kind == "agent" else _tool(name, around)
        if taker is not None and isinstance(step.data.get("with", {}), dict):
            yield from _given(agent, around, (*step.where, "with"), taker)
            yield from _missing(agent, step, taker)


def _given(agent: Document, around: Surroundings, where: Where, taker: _Taker) -> Iterator[Diagnostic]:
    values = mapped(_at(agent.data, where))
    for name, value in values.items():
        if name not in taker.takes:
            span = agent.span((*where, name), key=True)
            hint = suggestion(name, taker.takes, "it takes") or "it takes nothing"
            yield Diagnostic(UNKNOWN_ARGUMENT, span, f"{taker.label} takes no `{shown(name)}`", hint)
        else:
            yield from _fits(around, (*where, name), value, taker.takes[name], (ARGUMENT_TYPE, f"input `{shown(name)}`"))


def _missing(agent: Document, step: Step, taker: _Taker) -> Iterator[Diagnostic]:
    given = mapped(step.data.get("with"))
    missing = [name for name in taker.needs if name not in given and not any(_near(name, other, taker) for other in given)]
    if missing:
        words = in_words(missing)
        span = agent.span((*step.where, "with") if "with" in step.data else (*step.where, step.kind), key=True)
        yield Diagnostic(MISSING_ARGUMENT, span, f"{taker.label} needs {words}", f"write `with: {{{missing[0]}: …}}`")


def _near(name: str, given: str, taker: _Taker) -> bool:
    """Tell whether what is given is only a misspelling of a name; that has been said."""
    return given not in taker.takes and (suggestion(given, taker.takes, "") or "").startswith(f"did you mean `{name}`")


def _result(agent: Document, around: Surroundings) -> Iterator[Diagnostic]:
    output = agent.data.get("output")
    if around.flow is None or "result" not in agent.data or not isinstance(output, dict):
        return
    result, fields = agent.data["result"], of_fields(output)
    if not isinstance(result, dict):
        yield from _fits(around, ("result",), result, map_of(fields), (EXPRESSION_TYPE, "the agent's `output`"))
        return
    for name, value in mapped(result).items():
        if name in fields:
            yield from _fits(around, ("result", name), value, fields[name], (EXPRESSION_TYPE, f"`{shown(name)}` of `output`"))
        else:
            span = agent.span(("result", name), key=True)
            yield Diagnostic(UNRESOLVED_FIELD, span, f"`output` has no `{shown(name)}`", suggestion(name, fields, "it has"))
    missing = [name for name in required(output) if name not in result]
    if missing:
        related = f"`result` lacks {in_words(missing)}, and `output` needs it"
        yield Diagnostic(EXPRESSION_TYPE, agent.span(("result",), key=True), related, "add it, or let its type end in `?`")


def _fits(around: Surroundings, where: Where, value: Any, wanted: Type, what: tuple[Rule, str]) -> Iterator[Diagnostic]:
    """Report a value that cannot be of the type wanted. What is wrong inside an expression is another rule's."""
    found = around.type_of(where, value)
    if found is None or not wanted.known:
        return
    span = _place(around.document, where, value)
    if found.waits is not None and not wanted.may_be_null:
        problem = not_run(found.waits, (0, 0), "its output", "give it a default with `??`")
        yield Diagnostic(problem.rule, span, problem.message, problem.hint)
    elif not found.known or (found.kinds == NULL.kinds and wanted.may_be_null):
        return
    elif found.never(wanted):
        rule, place = what
        if not (wanted.values and found.kinds & wanted.kinds):
            yield Diagnostic(rule, span, f"{place} is {wanted.without_null().words()}, and this is {found.words()}", _mend(value, wanted))
            return
        values = [str(one) for one in wanted.values]
        word = str(found.values[0]) if found.values and len(found.values) == 1 else ""
        yield Diagnostic(rule, span, f"{place} cannot have this value", suggestion(word, values, "its values"))


def _mend(value: Any, wanted: Type) -> str | None:
    return f'quote it: "{value}"' if wanted == TEXT and isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _place(agent: Document, where: Where, value: Any) -> Any:
    node = alone(value) if isinstance(value, str) else None
    return agent.inside(where, node.offset, node.end) if node else agent.span(where)


def _agent(name: str, around: Surroundings) -> _Taker | None:
    agent = around.library.agents.get(name)
    inputs = agent.data.get("inputs", {}) if agent else None
    if not isinstance(inputs, dict):
        return None
    declared = mapped(inputs)
    return _Taker(
        f"agent `{shown(name)}`", {"message": TEXT, **of_fields(declared)}, tuple(n for n in required(declared) if n != "message")
    )


def _tool(name: str, around: Surroundings) -> _Taker | None:
    """Return a tool whose inputs are all declared, or None for one that has members or is described elsewhere."""
    tool = around.tool(name)
    inputs = tool.get("inputs", {} if str(tool.get("type")) in _DECLARED and "run" in tool else None)
    if not isinstance(inputs, dict):
        return None
    own = mapped(tool.get("with"))
    declared, bound = mapped(inputs), _bound(name, around) | own.keys()
    takes = {**dict.fromkeys(own, ANY), **of_fields(declared)}
    return _Taker(f"tool `{shown(name)}`", takes, tuple(one for one in required(declared) if one not in bound))


def _bound(name: str, around: Surroundings) -> set[str]:
    """Return what the agent's own references to a tool bind."""
    references = [mapped(item) for item in listed(around.document.data.get("tools"))]
    return {key for item in references if item.get("use") == name for key in mapped(item.get("with"))}


def _at(data: Any, where: Where) -> Any:
    for key in where:
        data = mapped(data).get(key) if isinstance(key, str) else listed(data)[key]
    return data
