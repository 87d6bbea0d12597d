"""A command line that the model writes, in an agent whose other tools bring what strangers wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped
from runner.compiler.rules._risks import UNTRUSTED, Witness, powers_of, stopped
from runner.compiler.rules._tools import Members, tools_of
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context
    from runner.compiler.rules._tools import Tool

UNTRUSTED_SHELL = Rule("untrusted-shell", "warning", "what strangers wrote reaches a model that writes command lines")
RULES = (UNTRUSTED_SHELL,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every open shell of an agent that reads pages or messages unasked, also those it gets as answers of agents it calls."""
    members = Members(library)
    for agent in context.of_kind("agent"):
        for tool in tools_of(agent, library) if "tools" in agent.data else ():
            if _is_open(tool) and not stopped(Witness(tool, ""), agent, library):
                source = _source(agent, library, members)
                if source is not None:
                    yield _finding(tool, source)


def _is_open(tool: Tool) -> bool:
    """Tell whether a shell runs what the model writes, unfenced. `always-ask` says that the author knows."""
    data = tool.data
    return tool.type == "shell" and "run" not in data and data.get("sandbox", "none") == "none" and data.get("approve") != "always-ask"


def _source(agent: Document, library: Library, members: Members) -> Witness | None:
    callees = [library.agents.get(str(mapped(item).get("use", item))) for item in listed(agent.data.get("agents"))]
    for reader in (agent, *callees):
        if reader is not None:
            for witness in powers_of(cast("Document", reader), library, members)[UNTRUSTED]:
                if not stopped(witness, agent, library):
                    return witness
    return None


def _finding(tool: Tool, source: Witness) -> Diagnostic:
    message = f"`{shown(source.name)}` brings what strangers wrote to the model that writes the command lines of `{shown(tool.name)}`"
    hint = "give the shell a `run:` of its own or a `sandbox:`, or say `approve: always-ask` and read each line before you allow it"
    return Diagnostic(
        UNTRUSTED_SHELL, tool.place(), message, hint, related=(Related(source.tool.place(), f"`{shown(source.name)}` is named here"),)
    )
