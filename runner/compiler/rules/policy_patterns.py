"""The patterns of policies: that each is one, fits a tool in reach, and does not allow everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runner.compiler.findings import shown, suggestion
from runner.compiler.link_reach import listed, mapped
from runner.compiler.rules._tools import Members, tools_of
from runner.compiler.rules.globs import BROAD_PATTERN, UNUSED_PATTERN
from runner.diagnostics import Diagnostic, Rule
from runner.policy import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

BAD_PATTERN = Rule("bad-pattern", "error", "a policy holds something that is no pattern")
RULES = (BAD_PATTERN, BROAD_PATTERN, UNUSED_PATTERN)

_LISTS = ("allow", "ask", "deny")


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report the patterns of agents, of the project and of its profiles."""
    members = Members(library)
    for document in context.documents:
        places: list[Where] = [("policy",)] if "policy" in document.data else []
        if document.kind == "project":
            places += [("profiles", name, "policy") for name in mapped(document.data.get("profiles"))]
        for where in places:
            yield from _policy(document, where, library, members)


def _policy(document: Document, where: Where, library: Library, members: Members) -> Iterator[Diagnostic]:
    known: Collection[str] | None = None
    data = document.data
    for step in where:
        data = mapped(data.get(str(step)))
    for key in _LISTS:
        for at, written in enumerate(listed(data.get(key))):
            if not isinstance(written, str) or "${" in written:
                continue
            place = (*where, key, at)
            try:
                parse(written)
            except ValueError:
                hint = "write `name`, `toolset.member` or `name(input=glob)`; `*` is the only wildcard"
                yield Diagnostic(BAD_PATTERN, document.span(place), f"`{shown(written)}` is no pattern", hint)
                continue
            if known is None:
                known = _known(document, library, members)
            yield from _pattern(document, place, written, known)


def _pattern(document: Document, where: Where, written: str, known: Collection[str]) -> Iterator[Diagnostic]:
    name = written.partition("(")[0].strip()
    if name.strip("*.") == "":
        if where[-2] == "allow" and "(" not in written:
            hint = "name the tools that may run unasked, or give each tool its own `approve: never`"
            yield Diagnostic(BROAD_PATTERN, document.span(where), f"`{shown(written)}` allows every tool, also those that come later", hint)
        return
    pattern = parse(written).name
    toolset = name.partition(".")[0]
    if any(pattern.fullmatch(tool) or pattern.fullmatch(tool.partition(".")[0]) for tool in known):
        return
    if "*" not in toolset and any(tool.partition(".")[0] == toolset and tool.endswith(".?") for tool in known):
        return
    hint = suggestion(name, [tool.removesuffix(".?") for tool in known], "tools in reach") or "no tool is in reach"
    yield Diagnostic(UNUSED_PATTERN, document.inside(where, 0, len(name)), f"no tool in reach fits `{shown(name)}`", hint)


def _known(document: Document, library: Library, members: Members) -> Collection[str]:
    """Return the names a policy may mean: `toolset.?` where the members are not known; all of the library for a project."""
    is_agent = document.kind == "agent"
    agents = _called(document, library) if is_agent else [cast("Document", agent) for agent in library.agents.values()]
    names: dict[str, None] = {}
    for agent in agents:
        for tool in tools_of(agent, library):
            found = members.of(tool)
            names.update(dict.fromkeys([f"{tool.name}.?"] if found is None else [_name(tool.name, member) for member in found]))
        for key in ("agents", "handoffs"):
            names.update((str(mapped(item).get("use", item)), None) for item in listed(agent.data.get(key)))
    if not is_agent:
        names.update((f"{name}.?", None) for name in library.tools)
    return names


def _name(toolset: str, member: str) -> str:
    return f"{toolset}.{member}" if member else toolset


def _called(document: Document, library: Library) -> list[Document]:
    """Return an agent and those it calls, whose tools its policy holds for too. Handing over ends its policy."""
    found = {document.name: document}
    waiting = [document]
    while waiting:
        agent = waiting.pop()
        for item in [*listed(agent.data.get("agents")), *(mapped(step).get("agent") for step in listed(agent.data.get("flow")))]:
            name = mapped(item).get("use", item)
            other = library.agents.get(name) if isinstance(name, str) else None
            if other is not None and name not in found:
                found[name] = cast("Document", other)
                waiting.append(found[name])
    return list(found.values())
