"""Two different tools of one name in the reach of one run, where one of them is defined inside an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped, reached
from runner.compiler.rules._tools import tools_of
from runner.compiler.rules.duplicate_name import DUPLICATE_NAME
from runner.diagnostics import Diagnostic, Related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context
    from runner.compiler.rules._tools import Tool
    from runner.diagnostics import Rule

RULES: tuple[Rule, ...] = (DUPLICATE_NAME,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report a tool inside an agent when a run that reaches it also reaches another of its name."""
    inside = _inside(library)
    if not inside:
        return
    asked = {id(document) for document in context.documents}
    for root in library.agents.values():
        first: dict[str, Tool] = {}
        for name in reached(library, root.name).agents:
            agent = cast("Document", library.agents[name])
            for tool in tools_of(agent, library):
                other = first.setdefault(tool.name, tool) if tool.name in inside else tool
                if (other.document, other.where) != (tool.document, tool.where) and other.agent is not agent and id(agent) in asked:
                    yield _finding(tool, other)


def _inside(library: Library) -> set[str]:
    """Return the names of tools inside agents that are not the only ones of their name."""
    count: dict[str, int] = dict.fromkeys(library.tools, 1)
    names: set[str] = set()
    for agent in library.agents.values():
        for item in listed(agent.data.get("tools")):
            if "type" in (tool := mapped(item)) and isinstance(name := tool.get("name"), str):
                count[name] = count.get(name, 0) + 1
                names.add(name)
    return {name for name in names if count[name] > 1}


def _finding(tool: Tool, other: Tool) -> Diagnostic:
    message = f"agent `{shown(other.agent.name)}`, which runs with this one, has another tool `{shown(tool.name)}`"
    hint = "rename one of the two, or define it once in `tools.d` for both"
    return Diagnostic(DUPLICATE_NAME, tool.place(), message, hint, related=(Related(other.place(), "the other one"),))
