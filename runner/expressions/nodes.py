"""The syntax tree of expressions: frozen nodes, each with its 0-based place in the template's text (end exclusive)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

CompareOp = Literal["==", "!=", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, true, false or null."""

    value: Any
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list written in place."""

    items: tuple[Node, ...]
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Member:
    """`.name` or, with `optional`, `?.name`. The place is the name's."""

    name: str
    optional: bool
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Index:
    """`[expr]`. The place includes the brackets."""

    key: Node
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Path:
    """A root name and the steps from it. `root_end` is where the root's name ends."""

    root: str
    steps: tuple[Member | Index, ...]
    offset: int
    root_end: int
    end: int


@dataclass(frozen=True, slots=True)
class Call:
    """One of the functions `length join lower`."""

    name: str
    arguments: tuple[Node, ...]
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Not:
    """`not x`."""

    operand: Node
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Logic:
    """`a and b and …` or `a or b or …`; at least two items."""

    op: Literal["and", "or"]
    items: tuple[Node, ...]
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Coalesce:
    """`a ?? b ?? …`: the first item that is not null."""

    items: tuple[Node, ...]
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison; comparisons do not chain."""

    op: CompareOp
    left: Node
    right: Node
    offset: int
    end: int


Node = Constant | ListOf | Path | Call | Not | Logic | Coalesce | Compare


@dataclass(frozen=True, slots=True)
class Expression:
    """One `${…}` with a tree in it. The place includes `${` and `}`."""

    node: Node
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Special:
    """One `${env:…}`, `${secret:…}` or `${file:…}`. `name` is the variable, the secret or the path.

    `default` is the text after `:-`, `required` the text after `:?`; None when not written. The place includes `${` and `}`;
    `name_offset` and `name_end` are the name's.
    """

    kind: Literal["env", "secret", "file"]
    name: str
    default: str | None
    required: str | None
    offset: int
    end: int
    name_offset: int
    name_end: int


@dataclass(frozen=True, slots=True)
class Named:
    """A name in an expression and its place."""

    name: str
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class PathUse:
    """A path as far as it is known without running: `("inputs", "customer")`, each name with its place.

    It stops before the first index that is not a written text. `optional[i]` is True when name i follows `?.`.
    """

    names: tuple[str, ...]
    places: tuple[Named, ...]
    optional: tuple[bool, ...]
    offset: int
    end: int


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly inside a node, in the order they are written."""
    match node:
        case ListOf(items=items) | Logic(items=items) | Coalesce(items=items) | Call(arguments=items):
            return items
        case Not():
            return (node.operand,)
        case Compare():
            return (node.left, node.right)
        case Path():
            return tuple(step.key for step in node.steps if isinstance(step, Index))
        case Constant():
            return ()


def path_use(path: Path) -> PathUse:
    """Return the part of a path that is known without running."""
    places = [Named(path.root, path.offset, path.root_end)]
    optional = [False]
    for step in path.steps:
        if isinstance(step, Member):
            places.append(Named(step.name, step.offset, step.end))
            optional.append(step.optional)
        elif isinstance(step.key, Constant) and isinstance(step.key.value, str):
            places.append(Named(step.key.value, step.key.offset, step.key.end))
            optional.append(False)
        else:
            break
    return PathUse(tuple(place.name for place in places), tuple(places), tuple(optional), path.offset, path.end)
