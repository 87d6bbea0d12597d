"""The type of `${…}` against the place it stands in, what it names there, and what may be null because a step may not have run."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from runner.compiler import inference
from runner.compiler.findings import at_most, shown
from runner.compiler.inference import EXPRESSION_TYPE
from runner.compiler.link_reach import listed, mapped
from runner.compiler.surroundings import Surroundings, alone
from runner.compiler.types import BOOLEAN, LIST, NUMBER, TEXT, Type
from runner.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.inference import Problem
    from runner.compiler.rules import Context
    from runner.compiler.texts import Text

RULES = inference.RULES

_SHOWN = Type(TEXT.kinds | NUMBER.kinds | BOOLEAN.kinds | {"list", "map"})
_TEXTS = ("instructions", "prompt")
_STEP_TEXTS = ("prompt", "ask", "fail")


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every expression whose type does not fit."""
    for document in context.documents:
        if document.kind in ("agent", "tool"):
            texts = context.texts.of(document)
            around = Surroundings(document, library)
            found = (_in_text(text, around) for text in texts if text.scope.roots)
            yield from at_most(chain(chain.from_iterable(found), _plain_conditions(document, around)), document.head())


def _in_text(text: Text, around: Surroundings) -> Iterator[Diagnostic]:
    template = text.template()
    if template is None or not template.expressions():
        return
    found = around.inference(text.where, text.value)
    whole = alone(text.value)
    wanted = _wanted(text.where, around)
    for part in template.expressions():
        before = len(found.problems)
        place = (part.node.offset, part.node.end)
        found_type = found.of(part.node)
        if len(found.problems) > before:
            continue
        if whole is None:
            found.fits(found_type, _SHOWN, place, "null cannot stand in text")
        elif wanted is not None:
            found.fits(found_type, wanted[0], place, wanted[1])
    if whole is None and wanted is not None and wanted[0] in (BOOLEAN, LIST):
        yield _mixed(text, wanted[1])
    yield from (_finding(text, problem) for problem in dict.fromkeys(found.problems))


def _finding(text: Text, problem: Problem) -> Diagnostic:
    return Diagnostic(problem.rule, text.span(problem.offset, problem.end), problem.message, problem.hint)


def _mixed(text: Text, why: str) -> Diagnostic:
    hint = "one `${…}` alone keeps its type; put all of the condition into it" if why.startswith("`when`") else None
    return Diagnostic(EXPRESSION_TYPE, text.document.span(text.where), f"{why}, and this is text with an expression in it", hint)


def _wanted(where: Where, around: Surroundings) -> tuple[Type, str] | None:
    """Return the type that a place needs and the words for it; None when anything fits."""
    if where[0] in _TEXTS:
        return _SHOWN, f"`{where[0]}` is text"
    step = around.step_at(where)
    if step is None:
        return None
    rest = where[len(step.where) :]
    match rest:
        case ("when",) | ("next", int(), "when"):
            return BOOLEAN, "`when` needs true or false"
        case ("each",):
            return LIST, "`each` needs a list"
        case ("choices",):
            return LIST, "`choices` needs a list"
        case (str() as key,) | ("choices" as key, _) if key in (*_STEP_TEXTS, "choices"):
            return _SHOWN, f"`{key}` is text"
        case _:
            return None


def _plain_conditions(document: Document, around: Surroundings) -> Iterator[Diagnostic]:
    """Report conditions and lists of a flow that hold no expression at all: plain text is neither true nor a list."""
    flow = around.flow
    for step in flow.all if flow else ():
        yield from _plain(document, step.where, step.data, ("when", "each", "choices"))
        for at, entry in enumerate(listed(step.data.get("next"))):
            yield from _plain(document, (*step.where, "next", at), mapped(entry), ("when",))


def _plain(document: Document, where: Where, data: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[Diagnostic]:
    for key in keys:
        value = data.get(key)
        if isinstance(value, str) and value and "${" not in value:
            what = "is a condition" if key == "when" else "is a list"
            hint = f"write it as an expression: `${{{shown(value)}}}`" if key == "when" else "write `[one, two]`, or `${…}` that is a list"
            yield Diagnostic(EXPRESSION_TYPE, document.span((*where, key)), f"`{key}` {what}, and this is plain text", hint)
