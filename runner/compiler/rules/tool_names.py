"""Tools that have one name to the model: `a.b_c` and `a_b.c`, a tool and an agent, a tool and `handoff_to_…`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped
from runner.compiler.rules._tools import Members, tools_of
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

TOOL_NAME_COLLISION = Rule("tool-name-collision", "error", "two tools of an agent have one name to the model")
RULES = (TOOL_NAME_COLLISION,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every name of an agent's tools that an earlier one has to the model."""
    members = Members(library)
    for agent in context.of_kind("agent"):
        first: dict[str, tuple[str, Where]] = {}
        for name, where in _names(agent, library, members):
            seen = name.replace(".", "_")
            other, place = first.setdefault(seen, (name, where))
            if other != name:
                message = f"`{shown(other)}` and `{shown(name)}` are both `{shown(seen)}` to the model"
                related = (Related(agent.span(place), f"`{shown(other)}` is named here"),)
                yield Diagnostic(
                    TOOL_NAME_COLLISION, agent.span(where), message, "rename one, or narrow a toolset with `only`", None, related
                )


def _names(agent: Document, library: Library, members: Members) -> Iterator[tuple[str, Where]]:
    for tool in tools_of(agent, library):
        if tool.names[0] == "tools":
            yield from ((f"{tool.name}.{member}" if member else tool.name, tool.names) for member in members.certain(tool))
    for key, prefix in (("agents", ""), ("handoffs", "handoff_to.")):
        for at, item in enumerate(listed(agent.data.get(key))):
            name = mapped(item).get("use", item)
            if isinstance(name, str):
                yield f"{prefix}{name}", (key, at, "use")
