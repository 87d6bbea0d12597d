"""A YAML string as a template: plain text, `${expressions}` and specials (`env secret file`), each with its place.

Reading happens once, after YAML; what a template renders to is never read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runner.expressions.evaluate import EvaluationError, evaluate, to_text
from runner.expressions.lexer import MAX_LENGTH, ExpressionError
from runner.expressions.nodes import Expression, Named, Path, PathUse, Special, children, path_use
from runner.expressions.parser import parse_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Literal

    from runner.expressions.nodes import Node

_OPENING = re.compile(r"\$?\$\{")
_SPECIAL = re.compile(r"\s*([A-Za-z_]\w*):")
_KINDS: dict[str, Literal["env", "secret", "file"]] = {"env": "env", "secret": "secret", "file": "file"}
_NAMES = {"env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), "secret": re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")}


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed string. `parts` are literal texts (with `$${` already made `${`), expressions and specials in order."""

    text: str
    parts: tuple[str | Expression | Special, ...]

    @property
    def is_plain(self) -> bool:
        """True when there is nothing to fill in."""
        return all(isinstance(part, str) for part in self.parts)

    def expressions(self) -> tuple[Expression, ...]:
        """Return the expressions in order."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    def specials(self) -> tuple[Special, ...]:
        """Return the specials in order."""
        return tuple(part for part in self.parts if isinstance(part, Special))

    def paths(self) -> tuple[PathUse, ...]:
        """Return every path that any expression reads, in the order they are written, those inside indexes included."""
        return tuple(path_use(node) for expression in self.expressions() for node in _walk(expression.node) if isinstance(node, Path))

    def roots(self) -> tuple[Named, ...]:
        """Return the root name of every path."""
        return tuple(path.places[0] for path in self.paths())

    def render(self, scope: Mapping[str, Any], special: Callable[[Special], Any] | None = None) -> Any:
        """Return the value with everything filled in: of its own type when one `${…}` is all there is, else text.

        `special` gives the value of a special; without it one is an error. Raises EvaluationError.
        """
        if len(self.parts) == 1:
            return _value(self.parts[0], scope, special, self.text)
        return "".join(to_text(_value(part, scope, special, self.text), part, self.text) for part in self.parts)


def render_data(value: Any, scope: Mapping[str, Any], special: Callable[[Special], Any] | None = None) -> Any:
    """Return plain data with every string in it rendered; keys stay. Raises ExpressionError or EvaluationError."""
    if isinstance(value, str):
        return parse_template(value).render(scope, special) if "${" in value else value
    if isinstance(value, (list, tuple)):
        return [render_data(item, scope, special) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {key: render_data(item, scope, special) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value


@lru_cache(maxsize=2048)
def parse_template(text: str) -> Template:
    """Return a string as a template. Raises ExpressionError for the first thing that is wrong."""
    parts, errors = _read(text)
    if errors:
        raise errors[0]
    return Template(text, parts)


def template_problems(text: str) -> tuple[ExpressionError, ...]:
    """Return everything that is wrong with a template, in order; at most one finding for each `${…}`."""
    return _read(text)[1] if "${" in text else ()


def _read(text: str) -> tuple[tuple[str | Expression | Special, ...], tuple[ExpressionError, ...]]:
    parts: list[str | Expression | Special] = []
    errors: list[ExpressionError] = []
    literal, at = "", 0
    while match := _OPENING.search(text, at):
        literal += text[at : match.start()]
        if match[0] == "$${":
            literal, at = literal + "${", match.end()
            continue
        if literal:
            parts.append(literal)
            literal = ""
        try:
            part = _part(text, match.start())
        except ExpressionError as error:
            errors.append(error)
            at = _after(text, error)
        else:
            parts.append(part)
            at = part.end
    literal += text[at:]
    return (*parts, literal) if literal or not parts else tuple(parts), tuple(errors)


def _after(text: str, error: ExpressionError) -> int:
    closing = text.find("}", error.offset)
    return len(text) if closing < 0 else closing + 1


def _part(text: str, opening: int) -> Expression | Special:
    if match := _SPECIAL.match(text, opening + 2):
        return _special(text, opening, match)
    node, end = parse_expression(text, opening)
    return Expression(node, opening, end)


def _special(text: str, opening: int, match: re.Match[str]) -> Special:
    kind = _KINDS.get(match[1])
    closing = text.find("}", match.end(), opening + MAX_LENGTH)
    if closing < 0:
        raise ExpressionError("`${` is never closed", opening, opening + 2, hint="end it with `}`; a literal `${` is written `$${`")
    if kind is None:
        hint = "known are ${env:NAME}, ${secret:NAME} and ${file:path}"
        raise ExpressionError(f"`{match[1]}:` is not known", match.start(1), match.end(), hint=hint)
    inside = text[match.end() : closing]
    name, default, required = inside.strip(), None, None
    if kind == "env":
        name, default, required = _env(inside)
    start = match.end() + len(inside) - len(inside.lstrip())
    pattern = _NAMES.get(kind)
    if not name or (pattern and not pattern.fullmatch(name)):
        wanted = "a path" if kind == "file" else "a name of letters, digits and `_`"
        raise ExpressionError(f"expected {wanted} after `{kind}:`", match.start(1), closing, hint=_hint(kind))
    return Special(kind, name, default, required, opening, closing + 1, start, start + len(name))


def _env(inside: str) -> tuple[str, str | None, str | None]:
    name, colon, rest = inside.partition(":")
    if not colon:
        return name.strip(), None, None
    if rest.startswith("-"):
        return name.strip(), rest[1:], None
    return (name.strip(), None, rest[1:].strip()) if rest.startswith("?") else (inside.strip(), None, None)


def _hint(kind: str) -> str | None:
    return "write ${env:NAME}, ${env:NAME:-default} or ${env:NAME:?what to do}" if kind == "env" else None


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _walk(child)


def _value(part: str | Expression | Special, scope: Mapping[str, Any], special: Callable[[Special], Any] | None, text: str) -> Any:
    if isinstance(part, str):
        return part
    if isinstance(part, Expression):
        return evaluate(part.node, scope, text)
    if special is None:
        raise EvaluationError(f"`{text[part.offset : part.end]}` cannot stand here", part.offset, part.end)
    return special(part)
