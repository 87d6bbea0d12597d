"""Reads the tokens of one `${…}` as a tree: `or`, `and`, `not`, one comparison, `??`, terms. Refuses what it does not know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from runner.expressions.lexer import ExpressionError, Token, tokens
from runner.expressions.nodes import Call, Coalesce, Compare, Constant, Index, ListOf, Logic, Member, Not, Path

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    from runner.expressions.nodes import CompareOp, Node

MAX_DEPTH = 50
"""How deep brackets, calls and `not` may be nested."""

FUNCTIONS = {"length": 1, "join": 2, "lower": 1}
"""The functions and how many arguments each takes."""

_COMPARE: dict[str, CompareOp] = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "in": "in"}
_WORDS = {"true": True, "false": False, "null": None}
_RESERVED = frozenset({"and", "or", "not", "in"})


def parse_expression(source: str, opening: int) -> tuple[Node, int]:
    """Return the tree of the `${…}` at `opening` and the place after its `}`. Raises ExpressionError."""
    parser = _Parser(tokens(source, opening))
    if parser.next.kind == "end":
        raise ExpressionError("`${}` is empty", opening, parser.next.end, hint="a literal `${` is written `$${`")
    node = parser.whole()
    if parser.next.kind != "end":
        raise parser.unexpected("`}`")
    return node, parser.next.end


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def whole(self) -> Node:
        with_depth = self._deeper()
        node = self._chain("or", lambda: self._chain("and", self._negation))
        self._depth = with_depth
        return node

    def unexpected(self, wanted: str) -> ExpressionError:
        token = self.next
        found = "the end of the expression" if token.kind == "end" else f"`{token.text}`"
        hint = "comparisons do not chain; join them with `and`" if token.text in _COMPARE else None
        return ExpressionError(f"expected {wanted}, found {found}", token.offset, token.end, hint=hint)

    def _deeper(self) -> int:
        before = self._depth
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"this expression is nested deeper than {MAX_DEPTH}", self.next.offset, self.next.end)
        return before

    def _take(self, text: str) -> Token | None:
        token = self.next
        if token.kind in ("op", "name") and token.text == text:
            self._at += 1
            return token
        return None

    def _expect(self, text: str) -> Token:
        token = self._take(text)
        if token is None:
            raise self.unexpected(f"`{text}`")
        return token

    def _chain(self, word: Literal["and", "or"], inner: Callable[[], Node]) -> Node:
        items = [inner()]
        while self._take(word):
            items.append(inner())
        return items[0] if len(items) == 1 else Logic(word, tuple(items), items[0].offset, items[-1].end)

    def _negation(self) -> Node:
        token = self._take("not")
        if token is None:
            return self._comparison()
        before = self._deeper()
        operand = self._negation()
        self._depth = before
        return Not(operand, token.offset, operand.end)

    def _comparison(self) -> Node:
        left = self._alternatives()
        op = _COMPARE.get(self.next.text) if self.next.kind in ("op", "name") else None
        if op is None:
            return left
        self._at += 1
        right = self._alternatives()
        return Compare(op, left, right, left.offset, right.end)

    def _alternatives(self) -> Node:
        items = [self._term()]
        while self._take("??"):
            items.append(self._term())
        return items[0] if len(items) == 1 else Coalesce(tuple(items), items[0].offset, items[-1].end)

    def _term(self) -> Node:
        token = self.next
        if token.kind in ("end", "op") and token.text not in ("(", "["):
            raise self.unexpected("a value")
        self._at += 1
        match token.kind:
            case "number":
                return Constant(_number(token), token.offset, token.end)
            case "text":
                return Constant(token.text[1:-1], token.offset, token.end)
            case "name":
                return self._named(token)
            case _:
                return self._group() if token.text == "(" else self._list(token)

    def _group(self) -> Node:
        node = self.whole()
        self._expect(")")
        return node

    def _list(self, opening: Token) -> Node:
        items, end = self._items("]")
        return ListOf(items, opening.offset, end)

    def _items(self, closing: str) -> tuple[tuple[Node, ...], int]:
        items: list[Node] = []
        while (token := self._take(closing)) is None:
            if items:
                self._expect(",")
            items.append(self.whole())
        return tuple(items), token.end

    def _named(self, token: Token) -> Node:
        if token.text in _RESERVED:
            raise ExpressionError(f"expected a value, found `{token.text}`", token.offset, token.end)
        if token.text in _WORDS:
            return Constant(_WORDS[token.text], token.offset, token.end)
        return self._call(token) if self._take("(") else self._path(token)

    def _call(self, name: Token) -> Node:
        arguments, end = self._items(")")
        wanted = FUNCTIONS.get(name.text)
        if wanted is None:
            hint = f"functions: {', '.join(sorted(FUNCTIONS))}"
            raise ExpressionError(f"there is no function `{name.text}`", name.offset, name.end, hint=hint)
        if len(arguments) != wanted:
            message = f"`{name.text}` takes {wanted} argument{'s' if wanted > 1 else ''}, found {len(arguments)}"
            raise ExpressionError(message, name.offset, end)
        return Call(name.text, arguments, name.offset, end)

    def _path(self, root: Token) -> Node:
        steps: list[Member | Index] = []
        while (step := self._step()) is not None:
            steps.append(step)
        return Path(root.text, tuple(steps), root.offset, root.end, steps[-1].end if steps else root.end)

    def _step(self) -> Member | Index | None:
        if opening := self._take("["):
            key = self.whole()
            return Index(key, opening.offset, self._expect("]").end)
        dot = self._take(".") or self._take("?.")
        if dot is None:
            return None
        name = self.next
        if name.kind != "name":
            raise self.unexpected(f"a name after `{dot.text}`")
        self._at += 1
        return Member(name.text, dot.text == "?.", name.offset, name.end)


def _number(token: Token) -> int | float:
    try:
        value = int(token.text) if token.text.lstrip("-").isdigit() else float(token.text)
    except ValueError:  # more digits than Python converts
        value = math.inf
    if math.isinf(value):
        raise ExpressionError("this number is too large", token.offset, token.end)
    return value
