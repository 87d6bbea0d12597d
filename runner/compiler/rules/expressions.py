"""What stands in `${…}`: that it can be read, that it names what is known at its place, and that named inputs exist."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import YAML_BUDGET, at_most, listed, shown, suggestion
from runner.compiler.link_reach import mapped
from runner.compiler.nodes import spot_of
from runner.compiler.texts import MAX_EXPRESSIONS
from runner.diagnostics import Diagnostic, Rule
from runner.expressions import template_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library
    from runner.compiler.rules import Context
    from runner.compiler.texts import Text
    from runner.expressions import ExpressionError, PathUse, Template

EXPRESSION_SYNTAX = Rule("expression-syntax", "error", "an expression cannot be read")
UNKNOWN_NAMESPACE = Rule("unknown-namespace", "error", "an expression names something that is not known at its place")
UNRESOLVED_INPUT = Rule("unresolved-input", "error", "an expression names an input that is not declared")
RULES = (EXPRESSION_SYNTAX, UNKNOWN_NAMESPACE, UNRESOLVED_INPUT)

_LITERAL = "a literal `${` is written `$${`"
_SESSION = ("date", "id", "user")


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report what is wrong in the expressions of every text."""
    del library
    for document in context.documents:
        yield from at_most(chain.from_iterable(_in_text(text) for text in context.texts.of(document)), document.head())


def _in_text(text: Text) -> Iterator[Diagnostic]:
    if text.too_long:
        hint = "put them into several texts"
        yield Diagnostic(YAML_BUDGET, text.span(0, 1), f"this text holds more than {MAX_EXPRESSIONS:,} expressions", hint)
        return
    problems = template_problems(text.value)
    yield from (_syntax(text, problem) for problem in problems)
    template = None if problems else text.template()
    if template is not None and not template.is_plain:
        yield from _names(text, template)


def _syntax(text: Text, problem: ExpressionError) -> Diagnostic:
    hint = (
        "` #` begins a comment: put the whole value in quotes"
        if "never closed" in problem.message and _cut_by_comment(text)
        else problem.hint
    )
    return Diagnostic(EXPRESSION_SYNTAX, text.span(problem.offset, problem.end), problem.message, hint)


def _cut_by_comment(text: Text) -> bool:
    if text.included is not None:
        return False
    (_, event, part), _, _ = spot_of(text.document.data, text.where, text.document.spot)
    after = part.text[event.end_mark.index :].split("\n", 1)[0]
    return after[:1].isspace() and after.lstrip().startswith("#")


def _names(text: Text, template: Template) -> Iterator[Diagnostic]:
    scope = text.scope
    label = f"`{shown(next((step for step in reversed(text.where) if isinstance(step, str)), ''))}`"
    for special in template.specials():
        if special.kind not in scope.specials:
            span = text.span(special.offset, special.end)
            yield Diagnostic(UNKNOWN_NAMESPACE, span, f"`{special.kind}:` cannot stand in {label}", _known(scope.words()))
    for path in template.paths():
        root = path.places[0]
        if root.name not in scope.roots:
            span = text.span(root.offset, root.end)
            if not scope.words():
                yield Diagnostic(UNKNOWN_NAMESPACE, span, f"{label} cannot hold an expression", _LITERAL)
            else:
                hint = suggestion(root.name, scope.roots, "known here") or _known(scope.words())
                if root.name in ("item", "index") and "steps" in scope.roots:
                    hint = "`item` and `index` are known inside a step that has `each`"
                yield Diagnostic(UNKNOWN_NAMESPACE, span, f"`{shown(root.name)}` is not known in {label}", hint)
        elif root.name == "inputs":
            yield from _input(text, path)
        elif root.name == "session" and len(path.names) > 1 and path.names[1] not in _SESSION:
            span = text.span(path.places[1].offset, path.places[1].end)
            yield Diagnostic(
                UNKNOWN_NAMESPACE, span, f"`session` has no `{shown(path.names[1])}`", suggestion(path.names[1], _SESSION, "it has")
            )


def _known(words: list[str]) -> str:
    return f"known here: {listed(words)}" if words else _LITERAL


def _input(text: Text, path: PathUse) -> Iterator[Diagnostic]:
    fields, of = _declared(text)
    for place in path.places[1:]:
        if fields is None:
            return
        if place.name not in fields:
            span = text.span(place.offset, place.end)
            hint = suggestion(place.name, fields, "inputs" if of else "fields") or f"declare it: `inputs: {{{shown(place.name)}: string}}`"
            yield Diagnostic(
                UNRESOLVED_INPUT, span, f"{of or 'this input'} has no {'input' if of else 'field'} `{shown(place.name)}`", hint
            )
            return
        inner = mapped(fields[place.name])
        fields, of = (mapped(inner["properties"]) if isinstance(inner.get("properties"), dict) else None), ""


def _declared(text: Text) -> tuple[Mapping[str, Any] | None, str]:
    """Return the inputs that may be named in a text, and whose they are; None when they cannot be known."""
    data, where = text.document.data, text.where
    owner: Any = data
    if text.document.kind == "agent" and where[0] == "tools":
        owner = data["tools"][where[1]]
    is_agent = owner is data and text.document.kind == "agent"
    inputs: Any = mapped(owner).get("inputs", {})
    if not isinstance(inputs, dict):
        return None, ""
    return ({"message": "string", **inputs}, "this agent") if is_agent else (mapped(inputs), "this tool")
