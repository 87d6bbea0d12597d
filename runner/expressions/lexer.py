"""Cuts the inside of one `${…}` into tokens. Knows no grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runner.errors import ConfigError

MAX_LENGTH = 10_000
"""Characters one `${…}` may have."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<text>'[^']*'|"[^"]*")
    | (?P<name>[^\W\d][\w-]*)
    | (?P<op>==|!=|<=|>=|\?\?|\?\.|[<>()\[\],.}])
    )""",
    re.VERBOSE,
)
_SPACE = re.compile(r"\s*")
_HINTS = (
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("!", "write `not`"),
    ("=", "write `==` to compare"),
    ("?[", "write `?.name`; an index has no `?`"),
    ("?", "there is no `a ? b : c`; `??` gives a default for null"),
    ("|", "there are no filters; functions are length(x), join(list, text), lower(text)"),
    ("{", "there are no maps in expressions; inside quotes `{` is plain"),
    ("$", "an expression is not nested in another; write the name alone"),
    *((sign, "expressions do not calculate") for sign in "+-*/%"),
)


class ExpressionError(ConfigError):
    """A template that cannot be read. `offset` and `end` are 0-based places in the template's text, end exclusive."""

    kind = "expression"

    def __init__(self, message: str, offset: int, end: int, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.offset = offset
        self.end = max(end, offset + 1)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, text, name, op or end; `text` is as written."""

    kind: str
    text: str
    offset: int
    end: int


def tokens(source: str, opening: int) -> list[Token]:
    """Return the tokens between the `${` at `opening` and its `}`; the last one is of kind `end` and is that `}`."""
    found: list[Token] = []
    at = opening + 2
    while True:
        match = _TOKEN.match(source, at)
        if match is None:
            raise _no_token(source, opening, at)
        kind = match.lastgroup or "op"
        start, at = match.span(kind)
        if at - opening > MAX_LENGTH:
            raise ExpressionError(f"this expression is longer than {MAX_LENGTH:,} characters", opening, opening + 2)
        if match[kind] == "}":
            return [*found, Token("end", "}", start, at)]
        found.append(Token(kind, match[kind], start, at))


def _no_token(source: str, opening: int, at: int) -> ExpressionError:
    space = _SPACE.match(source, at)
    start = space.end() if space else at
    if start >= len(source):
        return ExpressionError("`${` is never closed", opening, opening + 2, hint="end it with `}`; a literal `${` is written `$${`")
    if source[start] in "'\"":
        return ExpressionError("this text is never closed", start, start + 1, hint=f"end it with {source[start]}")
    for sign, hint in _HINTS:
        if source.startswith(sign, start):
            return ExpressionError(f"`{sign}` has no meaning here", start, start + len(sign), hint=hint)
    return ExpressionError(f"`{_shown(source[start])}` has no meaning here", start, start + 1)


def _shown(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"
