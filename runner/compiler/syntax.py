"""Puts what the YAML parser complains about into our words. Knows the parser's messages and people's habits, and imports no YAML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import YAML_SYNTAX, shown
from runner.compiler.nodes import LINE_BREAK
from runner.diagnostics import Diagnostic, Related

if TYPE_CHECKING:
    from runner.compiler.nodes import Part

_QUOTE_EXPRESSION = 'inside `{ }` and `[ ]` quote an expression: "${x}"'
_QUOTE_STAR = 'quote text that begins with `*`: "*.md"'

_ENDS = re.compile(r"\s*(?:\Z|---|\.\.\.)")
_NO_SPACE = re.compile(r"\s*(?:- )?([A-Za-z_][\w-]*):\S")
_ONLY_WORD = re.compile(r"\s*(?:- )?([A-Za-z_][\w-]*)\s*$")

_WORDS: dict[str, tuple[str, str | None]] = {
    "did not find expected key": (
        "this does not belong to the map it stands in",
        "check the indentation; a text with quotes inside is quoted as a whole",
    ),
    "did not find expected '-' indicator": (
        "this does not belong to the list it stands in",
        "check the indentation; an item begins with `- `",
    ),
    "did not find expected ',' or '}'": ("expected `,` or `}`", "the `{` is closed by `}`; entries are separated by `,`"),
    "did not find expected ',' or ']'": ("expected `,` or `]`", "the `[` is closed by `]`; items are separated by `,`"),
    "did not find expected node content": ("expected a value here", 'text that begins with `,`, `]` or `}` must be quoted: "]"'),
    "could not find expected ':'": ("this key has no `:`", "write `key: value`; a space follows the colon"),
    "block sequence entries are not allowed in this context": (
        "a list cannot begin here",
        "put the items on lines of their own below the key",
    ),
    "found a tab character that violates indentation": ("a tab cannot indent a line", "indent with spaces"),
    "found a tab character where an indentation space is expected": ("a tab cannot indent a line", "indent with spaces"),
    "did not find expected <document start>": ("a new document must begin with `---`", None),
    "did not find expected comment or line break": ("text after `|` or `>` begins on the next line", None),
    "found unknown escape character": (
        "this escape does not exist",
        "in double quotes a backslash is written `\\\\`; in single quotes it is plain",
    ),
    "found invalid Unicode character escape code": ("this escape is not a character", None),
    "found undefined tag handle": ("tags are not part of the language", "quote text that begins with `!`"),
    "found incompatible YAML document": ("this version of YAML is not known", "delete the `%YAML` line"),
    "found unknown directive name": ("YAML directives are not part of the language", "delete the line that begins with `%`"),
}


def explain(error: Any, part: Part) -> Diagnostic:
    """Return the finding for an error of the parser (a `MarkedYAMLError`) in a part of a file."""
    mark, context = error.problem_mark, error.context_mark
    at = min(mark.index, len(part.text)) if mark else 0
    problem = error.problem or "this is not YAML"
    if problem in ("found unexpected end of stream", "found unexpected document indicator") and context:
        quote = part.text[context.index : context.index + 1]
        span = part.span(context.index, context.index + 1)
        return Diagnostic(
            YAML_SYNTAX, span, f"this quote is never closed: {quote}", f"close it with {quote}; inside it write {_inner(quote)}"
        )
    if problem == "did not find expected node content" and _ENDS.match(part.text, at):
        if part.text.startswith("...", at) and not part.text[:at].strip():
            return Diagnostic(YAML_SYNTAX, part.span(at, at + 3), "`...` ends a document, and there is none before it", "delete the line")
        at = max(len(part.text[:at].rstrip()) - 1, 0)
        message, hint = "the document ends where a value should stand", "close every `[` and `{` that is open"
        return Diagnostic(YAML_SYNTAX, part.span(at, at + 1), message, hint)
    message, hint = _words(problem, error.context or "", part.text, at)
    span = part.span(at, at + (0 if at >= len(part.text) or part.text[at] in "\r\n" else 1))
    opened = context and context.index < at and part.at(context.index)[0] != span.line and "flow" in (error.context or "")
    related = (Related(part.span(context.index, context.index + 1), "opened here"),) if opened else ()
    return Diagnostic(YAML_SYNTAX, span, message, hint, related=related)


def _inner(quote: str) -> str:
    return "`''` for a quote" if quote == "'" else '`\\"` for a quote'


def _words(problem: str, context: str, text: str, at: int) -> tuple[str, str | None]:
    sign = text[at : at + 1]
    if text[at - 1 : at + 1] == "${":
        return "an expression in `{ }` or `[ ]` must be quoted", _QUOTE_EXPRESSION
    if context == "while scanning an alias":
        return "`*` begins the name of an anchor here", _QUOTE_STAR
    if context == "while scanning an anchor":
        return "`&` begins the name of an anchor here", 'quote text that begins with `&`: "&x"'
    if problem == "found character that cannot start any token":
        if sign == "\t":
            return "a tab cannot indent a line", "indent with spaces"
        return f"a value cannot begin with {_ticked(sign)}", "quote it"
    if problem == "mapping values are not allowed in this context":
        return _colon(text, at)
    return _WORDS.get(problem, (shown(problem[:1].lower() + problem[1:], 100), None))


def _ticked(sign: str) -> str:
    return "a backtick" if sign == "`" else f"`{shown(sign)}`"


def _colon(text: str, at: int) -> tuple[str, str]:
    *_, before, line = ["", *LINE_BREAK.split(text[:at])]
    if line.rfind("${") > line.rfind("}"):
        return "an expression with `: ` inside must be quoted", "put the whole value in quotes"
    if tight := _NO_SPACE.match(before):
        return "a `:` cannot stand here", f"a space follows the colon; the line before has none: `{shown(tight[1])}:`"
    if word := _ONLY_WORD.match(before):
        return "a `:` cannot stand here", f"the line before has no colon: `{shown(word[1])}`"
    return (
        "a `:` cannot stand here",
        "quote the whole value if the colon is part of it; else check the indentation of this line and the one before",
    )
