"""Where the boxes of a picture stand: columns by how far they are from the start, rows by where their neighbours stand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.compiler.drawing.texts import lines_of

if TYPE_CHECKING:
    from runner.compiler.drawing.picture import Picture

_LETTER, _LINE, _PAD, _GAP_X, _GAP_Y = 7, 16, 12, 130, 26


@dataclass(frozen=True, slots=True)
class Box:
    """The upper left corner and the size of a node, in pixels."""

    x: int
    y: int
    width: int
    height: int


def layout(picture: Picture) -> dict[str, Box]:
    """Return a box for each node; no two of them touch."""
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for name, column in _columns(picture).items():
        columns[column].append(name)
    rows: dict[str, float] = {}
    boxes: dict[str, Box] = {}
    x = _PAD
    for column in sorted(columns):
        names = _sorted(picture, columns[column], rows)
        widest, y = 0, _PAD
        for name in names:
            lines = lines_of(picture.nodes[name])
            box = Box(x, y, 2 * _PAD + _LETTER * max(map(len, lines)), _LINE * len(lines) + _PAD)
            boxes[name], rows[name] = box, y
            widest, y = max(widest, box.width), y + box.height + _GAP_Y
        x += widest + _GAP_X
    return boxes


def _sorted(picture: Picture, names: list[str], rows: dict[str, float]) -> list[str]:
    """Return the nodes of a column in the order of the mean row of those that lead to them."""
    leading: defaultdict[str, list[float]] = defaultdict(list)
    for edge in picture.edges:
        if edge.start in rows:
            leading[edge.end].append(rows[edge.start])
    return sorted(names, key=lambda name: sum(leading[name]) / (len(leading[name]) or 1))


def _columns(picture: Picture) -> dict[str, int]:
    """Return the column of each node: one after the last of those that lead to it, ways back left out."""
    after: defaultdict[str, list[str]] = defaultdict(list)
    for edge in picture.edges:
        after[edge.start].append(edge.end)
    columns: dict[str, int] = dict.fromkeys(picture.nodes, 0)
    order, back = _finished(list(picture.nodes), after)
    for name in reversed(order):
        for end in after[name]:
            if (name, end) not in back:
                columns[end] = max(columns[end], columns[name] + 1)
    return columns


def _finished(names: list[str], after: dict[str, list[str]]) -> tuple[list[str], set[tuple[str, str]]]:
    """Walk in depth; return the nodes in the order they are left, and the ways that lead back."""
    order: list[str] = []
    back: set[tuple[str, str]] = set()
    state: dict[str, bool] = {}
    for first in names:
        path = [(first, iter(after[first]))] if first not in state else []
        state.setdefault(first, True)
        while path:
            name, ends = path[-1]
            end = next(ends, None)
            if end is None:
                state[name] = False
                order.append(path.pop()[0])
            elif state.get(end):
                back.add((name, end))
            elif end not in state:
                state[end] = True
                path.append((end, iter(after[end])))
    return order, back
