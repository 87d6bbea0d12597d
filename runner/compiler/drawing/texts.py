"""Pictures as text that other programs draw or read: Mermaid, Graphviz' DOT and JSON. Every name of the author's is escaped."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.compiler.drawing.picture import Node, Picture

DASHED = ("model", "runs", "tool")
"""Kinds of edges that lead to what is used, not to what comes next."""

_LONGEST = 60
_MERMAID = {"agent": ("([", "])"), "tool": ("[", "]"), "provider": ("[(", ")]"), "step": ("[[", "]]"), "end": ("((", "))")}
_DOT = {"agent": "box, style=rounded", "tool": "box", "provider": "cylinder", "step": "component", "end": "circle"}


def words(text: str) -> str:
    """Return a text as one line of at most 60 characters, without what cannot be printed."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def lines_of(node: Node) -> list[str]:
    """Return the one or two lines that a node shows."""
    return [words(node.label), *([words(node.detail)] if node.detail else [])]


def mermaid(picture: Picture) -> str:
    """Return the picture as a Mermaid flowchart."""
    ids = {name: f"n{at}" for at, name in enumerate(picture.nodes)}
    out = ["flowchart LR"]
    for node in picture.nodes.values():
        opened, closed = _MERMAID[node.kind]
        out.append(f'  {ids[node.id]}{opened}"{"<br/>".join(_entities(line) for line in lines_of(node))}"{closed}')
    for edge in picture.edges:
        arrow = "-.->" if edge.kind in DASHED else "==>" if edge.kind == "handoff" else "-->"
        label = words(edge.label or ("" if edge.kind in ("flow", "tool") else edge.kind))
        out.append(f"  {ids[edge.start]} {arrow}" + (f'|"{_entities(label)}"|' if label else "") + f" {ids[edge.end]}")
    return "\n".join(out) + "\n"


def _entities(text: str) -> str:
    """Return a text that Mermaid shows as it is: everything that could mean something to it is an entity."""
    return "".join(sign if sign.isalnum() or sign in " .,/_-:…" else f"#{ord(sign)};" for sign in text)


def dot(picture: Picture) -> str:
    """Return the picture as a directed graph for Graphviz."""
    out = ["digraph agent {", "  rankdir=LR;"]
    for node in picture.nodes.values():
        label = "\\n".join(_quoted(line) for line in lines_of(node))
        out.append(f'  "{_quoted(node.id)}" [label="{label}", shape={_DOT[node.kind]}];')
    for edge in picture.edges:
        label = words(edge.label or edge.kind)
        style = ", style=dashed" if edge.kind in DASHED else ", style=bold" if edge.kind == "handoff" else ""
        out.append(f'  "{_quoted(edge.start)}" -> "{_quoted(edge.end)}" [label="{_quoted(label)}"{style}];')
    return "\n".join([*out, "}"]) + "\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def as_json(picture: Picture) -> str:
    """Return the picture as data: `agent`, `nodes` and `edges`."""
    data = {
        "agent": picture.agent,
        "nodes": [asdict(node) for node in picture.nodes.values()],
        "edges": [asdict(edge) for edge in picture.edges],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
