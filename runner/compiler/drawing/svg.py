"""Pictures as SVG, drawn here: no program, font or script of others is needed to see them."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from runner.compiler.drawing.layout import Box, layout
from runner.compiler.drawing.texts import DASHED, lines_of, words

if TYPE_CHECKING:
    from runner.compiler.drawing.picture import Edge, Node, Picture

_FILL = {"agent": "#dbeafe", "tool": "#fef3c7", "provider": "#e5e7eb", "step": "#dcfce7", "end": "#ffffff"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ARROW = '<marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker>'


def svg(picture: Picture) -> str:
    """Return the picture as a drawing of its own size."""
    boxes = layout(picture)
    width = max(box.x + box.width for box in boxes.values()) + 60
    height = max(box.y + box.height for box in boxes.values()) + 60
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">'
    )
    title = f"<title>{_text(f'What {picture.agent} reaches')}</title>"
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    ways = [_edge(edge, boxes) for edge in picture.edges]
    nodes = [_node(node, boxes[node.id]) for node in picture.nodes.values()]
    return "\n".join([head, title, f"<defs>{_ARROW}</defs>", paper, *ways, *nodes, "</svg>"]) + "\n"


def _node(node: Node, box: Box) -> str:
    radius = {"agent": 12, "end": 14}.get(node.kind, 2)
    about = _text(f"{node.kind} {words(node.label)} {node.source}".strip())
    rect = (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="{radius}" fill="{_FILL[node.kind]}" stroke="#555"/>'
    )
    lines = "".join(
        f'<text x="{box.x + box.width // 2}" y="{box.y + 18 + 16 * at}" text-anchor="middle"{_faint(at)}>{_text(line)}</text>'
        for at, line in enumerate(lines_of(node))
    )
    return f"<g><title>{about}</title>{rect}{lines}</g>"


def _faint(at: int) -> str:
    return ' fill="#555" font-size="10"' if at else ""


def _edge(edge: Edge, boxes: dict[str, Box]) -> str:
    start, end = boxes[edge.start], boxes[edge.end]
    x1, y1, x2, y2 = start.x + start.width, start.y + start.height // 2, end.x, end.y + end.height // 2
    bend = 60
    if x2 <= start.x:
        x1, y1, x2, y2, bend = start.x + start.width // 2, start.y + start.height, end.x + end.width // 2, end.y + end.height, 0
    drop = 0 if bend else 50
    path = f"M{x1} {y1}C{x1 + bend} {y1 + drop} {x2 - bend} {y2 + drop} {x2} {y2}"
    dash = ' stroke-dasharray="4 3"' if edge.kind in DASHED else ""
    thick = 2 if edge.kind == "handoff" else 1
    label = words(edge.label or ("" if edge.kind in ("flow", "tool", "runs") else edge.kind))
    line = f'<path d="{path}" fill="none" stroke="#555" stroke-width="{thick}"{dash} marker-end="url(#arrow)"/>'
    middle = f'<text x="{(x1 + x2) // 2}" y="{(y1 + y2) // 2 + drop - 4}" text-anchor="middle" font-size="10">{_text(label)}</text>'
    return line + (middle if label else "")


def _text(text: str) -> str:
    return escape(_NOT_XML.sub(" ", text))
