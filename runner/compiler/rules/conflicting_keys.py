"""Keys that do not go together, keys that do nothing without another, and definitions that have none of the keys they must choose from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import MISSING_KEY, listed, nearest, shown
from runner.compiler.link_reach import mapped
from runner.compiler.rules._tools import definitions, steps_of
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

CONFLICTING_KEYS = Rule("conflicting-keys", "error", "keys that do not go together, or a key that does nothing without another")
RULES = (CONFLICTING_KEYS,)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which keys go together. `one_of`: one of these must be there. `apart`: of each group one at most. `needs`: key → the key it needs.

    `never`: keys that the type has no use for, and why.
    """

    one_of: tuple[str, ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    never: tuple[tuple[str, str], ...] = ()


_OWN_INPUTS = (("inputs", "it brings its own"),)
_TOOLS: dict[str, Shape] = {
    "mcp": Shape(
        one_of=("command", "url"),
        apart=(("command", "url"),),
        needs=(("env", "command"), ("sandbox", "command"), ("headers", "url"), ("transport", "url"), ("oauth", "url")),
        never=_OWN_INPUTS,
    ),
    "http": Shape(apart=(("json", "form"),)),
    "shell": Shape(needs=(("inputs", "run"), ("stdin", "run"))),
    **{kind: Shape(never=_OWN_INPUTS) for kind in ("ask_user", "code", "files", "huggingface", "memory", "openapi", "todo", "web")},
}
_SCRIPTED = Shape(one_of=("rules", "script"), apart=(("rules", "script"),))
_STEP = Shape(needs=(("concurrency", "each"),))
_FLOW = ("instructions", "model", "settings", "prompt", "knowledge", "agents", "handoffs", "context")
"""Keys that ask a model; an agent that is a flow leaves that to the agents of its steps."""


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report what cannot stand together in tools, scripted models, agents and steps."""
    del library
    for document, where, data in definitions(iter(context.documents)):
        kind = data.get("type")
        if isinstance(kind, str) and kind in _TOOLS:
            yield from _checked(document, where, data, _TOOLS[kind], f"a tool of type `{kind}`")
    for agent in context.of_kind("agent"):
        yield from _flow(agent)
        for where, step in steps_of(agent):
            yield from _checked(agent, where, step, _STEP, "a step")
    for provider in context.of_kind("provider"):
        if provider.data.get("type") == "scripted":
            for name, model in mapped(provider.data.get("models")).items():
                if isinstance(model, dict):
                    yield from _checked(provider, ("models", name), mapped(model), _SCRIPTED, "a scripted model")


def _checked(document: Document, where: Where, data: Mapping[str, Any], shape: Shape, what: str) -> Iterator[Diagnostic]:
    choosing = shape.one_of and not any(key in data for key in shape.one_of)
    if choosing and not document.orphan and not any(nearest(str(key), shape.one_of) for key in data):
        yield _none_of(document, where, shape.one_of, what)
    for group in shape.apart:
        there = sorted((key for key in group if key in data), key=lambda key: _place(document, (*where, key)))
        for key in there[1:]:
            hint = f"{what} has one of them: leave the other out"
            yield _finding(document, (*where, key), f"`{key}` does not go with `{there[0]}`", hint, (*where, there[0]))
    for key, needed in shape.needs:
        if key in data and needed not in data and not choosing and not document.orphan:
            yield _needs(document, where, key, needed, next((other for other in shape.one_of if other in data), None))
    for key, why in shape.never:
        if key in data:
            yield _finding(document, (*where, key), f"{what} has no `{key}`: {why}", "leave the key out")


def _flow(agent: Document) -> Iterator[Diagnostic]:
    data = agent.data
    there = sorted((key for key in _FLOW if key in data), key=lambda key: _place(agent, (key,)))
    if "flow" in data and there:
        keys, do = (listed(there), "does") if len(there) == 1 else (f"{listed(there[:-1])} and {listed(there[-1:])}", "do")
        hint = "a flow asks no model itself; say it in the agents of its steps"
        yield _finding(agent, (there[0],), f"{keys} {do} not go with `flow`", hint, ("flow",))
    if "result" in data and "flow" not in data and not agent.orphan:
        yield _finding(
            agent, ("result",), "`result` does nothing without `flow`", "the answer of an agent is what its model says; leave it out"
        )


def _none_of(document: Document, where: Where, keys: tuple[str, ...], what: str) -> Diagnostic:
    span = document.span(where, key=True) if where and isinstance(where[-1], str) else document.span((*where, "type"))
    return Diagnostic(MISSING_KEY, span, f"{what} needs {' or '.join(f'`{key}`' for key in keys)}", "add one of them")


def _needs(document: Document, where: Where, key: str, needed: str, chosen: str | None) -> Diagnostic:
    if chosen:
        hint = f"leave `{key}` out, or write `{needed}` instead of `{chosen}`"
        return _finding(document, (*where, key), f"`{key}` goes with `{needed}`, not with `{chosen}`", hint, (*where, chosen))
    return _finding(document, (*where, key), f"`{key}` does nothing without `{needed}`", f"add `{needed}`, or leave `{key}` out")


def _finding(document: Document, where: Where, message: str, hint: str, other: Where | None = None) -> Diagnostic:
    related = (Related(document.span(other, key=True), f"`{shown(str(other[-1]))}` is here"),) if other else ()
    return Diagnostic(CONFLICTING_KEYS, document.span(where, key=True), message, hint, related=related)


def _place(document: Document, where: Where) -> tuple[str, int, int]:
    span = document.span(where, key=True)
    return (span.file, span.line, span.column)
