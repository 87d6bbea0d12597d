"""What a condition tells about paths: `x != null` being true says that `x` is not null. Reads syntax trees only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.expressions.nodes import Call, Compare, Constant, Logic, Not, Path, path_use

if TYPE_CHECKING:
    from runner.expressions import Node

Names = tuple[str, ...]
"""A path by its names: `("steps", "review", "output")`."""

NOTHING: frozenset[Names] = frozenset()


def not_null(node: Node, *, when: bool) -> frozenset[Names]:
    """Return the paths that are surely not null when a condition is true, or, with `when=False`, when it is false."""
    match node:
        case Not():
            return not_null(node.operand, when=not when)
        case Logic():
            parts = [not_null(item, when=when) for item in node.items]
            together = (node.op == "and") == when
            return NOTHING.union(*parts) if together else parts[0].intersection(*parts[1:])
        case Compare():
            return _compared(node, when=when)
        case Path() | Call():
            return _needed(node)
        case _:
            return NOTHING


def _compared(node: Compare, *, when: bool) -> frozenset[Names]:
    if node.op in ("==", "!="):
        equal = (node.op == "==") == when
        sides = ((node.left, node.right), (node.right, node.left))
        found = [_with_prefixes(one) for one, other in sides if isinstance(one, Path) and _differs_from_null(other) == equal]
        return NOTHING.union(*found)
    if node.op == "in":
        return _needed(node.right)
    return _needed(node.left) | _needed(node.right)


def _differs_from_null(node: Node) -> bool | None:
    """Tell whether a written value is not null; None when it is not a written value."""
    return node.value is not None if isinstance(node, Constant) else None


def _needed(node: Node) -> frozenset[Names]:
    """Return what cannot be null because the operation on it would have failed."""
    if isinstance(node, Call):
        return _needed(node.arguments[0])
    return _with_prefixes(node) if isinstance(node, Path) else NOTHING


def _with_prefixes(path: Path) -> frozenset[Names]:
    names = path_use(path).names
    return frozenset(names[: at + 1] for at in range(1, len(names)))


def holding(node: Node, text: str, *, when: bool = True) -> frozenset[str]:
    """Return the conditions that hold, as they are written but without their spaces, when a condition is true or, else, false."""
    match node:
        case Not():
            return holding(node.operand, text, when=not when)
        case Logic() if (node.op == "and") == when:
            return frozenset(part for item in node.items for part in holding(item, text, when=when))
        case Compare(op="==" | "!=") if not when:
            left, right = (_plain(side, text) for side in (node.left, node.right))
            return frozenset({f"{left}{'!=' if node.op == '==' else '=='}{right}"})
        case _:
            return frozenset({_plain(node, text)} if when else ())


def _plain(node: Node, text: str) -> str:
    return "".join(text[node.offset : node.end].split())
