"""Two definitions of one kind and name, an agent and a tool of one name, and two tools of one name in one agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.findings import at_most, shown
from runner.compiler.link_reach import listed, mapped
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context
    from runner.diagnostics import Span

DUPLICATE_NAME = Rule("duplicate-name", "error", "two definitions have one name")
RULES = (DUPLICATE_NAME,)

_SPACES = {"agent": "agent or tool", "tool": "agent or tool", "provider": "provider"}


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every definition whose name an earlier one has."""
    del library
    first: dict[tuple[str, str], Document] = {}
    spoken_of = {id(document) for document in context.documents}
    for document in context.all:
        if document.kind in _SPACES and document.named:
            other = first.setdefault((_SPACES[document.kind], document.name), document)
            if other is not document and (id(document) in spoken_of or id(other) in spoken_of):
                yield _finding(document, other)
    for agent in context.of_kind("agent"):
        yield from at_most(_inside(agent), agent.head())


def _finding(document: Document, other: Document) -> Diagnostic:
    name = shown(document.name)
    if document.kind == other.kind:
        message = f"there is already {'an' if document.kind == 'agent' else 'a'} {document.kind} `{name}`"
    else:
        message = f"an agent and a tool have the name `{name}`"
    return Diagnostic(
        DUPLICATE_NAME, document.head(), message, "rename one of the two", related=(Related(other.head(), "first defined here"),)
    )


def _inside(agent: Document) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for at, item in enumerate(listed(agent.data.get("tools"))):
        tool = mapped(item)
        name = tool.get("name") if "type" in tool else tool.get("use", item)
        if not isinstance(name, str):
            continue
        before = first.setdefault(name, at)
        if before != at:
            related = (Related(_place(agent, before), "first listed here"),)
            yield Diagnostic(
                DUPLICATE_NAME, _place(agent, at), f"this agent already has a tool `{shown(name)}`", "keep one of the two", related=related
            )


def _place(agent: Document, at: int) -> Span:
    tool = mapped(agent.data["tools"][at])
    return agent.span(("tools", at, "name" if "type" in tool else "use"))
