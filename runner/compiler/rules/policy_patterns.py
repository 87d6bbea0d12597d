"""The patterns of policies: that each is one, fits a tool in reach, and does not allow everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from runner.compiler.findings import listed as in_words
from runner.compiler.findings import nearest, shown, suggestion
from runner.compiler.link_reach import listed, mapped
from runner.compiler.rules._tools import Members, steps_of, tools_of
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
    toolsets = {tool.partition(".")[0] for tool in known}
    if any(pattern.fullmatch(tool) for tool in (*known, *toolsets)) or f"{toolset}.?" in known:
        return
    hint = _meant(name, known, toolsets)
    if where[-2] == "allow" or toolset in toolsets or hint.startswith("did you mean"):
        yield Diagnostic(UNUSED_PATTERN, document.inside(where, 0, len(name)), f"no tool in reach fits `{shown(name)}`", hint)


def _meant(name: str, known: Collection[str], toolsets: Collection[str]) -> str:
    """Return what was most likely meant; whoever denies what is not there may do so to be safe."""
    toolset, dot, member = name.partition(".")
    if member and toolset in toolsets:
        members = [tool.partition(".")[2] for tool in known if tool.startswith(f"{toolset}.")]
        hint = suggestion(member, members, f"`{toolset}` has") if "*" not in member else f"`{toolset}` has: {in_words(sorted(members))}"
        return (hint or "").replace("mean `", f"mean `{toolset}.") if members else f"`{toolset}` has no members"
    meant = nearest(toolset, toolsets) if "*" not in toolset else None
    if meant is not None:
        return f"did you mean `{meant}{dot}{member}`?"
    names = sorted(tool.removesuffix(".?") for tool in known)
    return f"tools in reach: {in_words(names)}" if names else "no tool is in reach"


def _known(document: Document, library: Library, members: Members) -> Collection[str]:
    """Return the names a policy may mean: `toolset.?` where the members are not known; all of the library for a project."""
    is_agent = document.kind == "agent"
    agents = _called(document, library) if is_agent else [cast("Document", agent) for agent in library.agents.values()]
    names: dict[str, None] = {}
    for agent in agents:
        for tool in tools_of(agent, library):
            found = members.all_of(tool.data)
            names.update(dict.fromkeys([f"{tool.name}.?"] if found is None else [_name(tool.name, member) for member in found]))
        for key in ("agents", "handoffs"):
            names.update((str(mapped(item).get("use", item)), None) for item in listed(agent.data.get(key)))
    if not is_agent:
        names.update((f"{name}.?", None) for name in library.tools)
    return names


def _name(toolset: str, member: str) -> str:
    return f"{toolset}.{member}" if member else toolset


def _called(document: Document, library: Library) -> list[Document]:
    """Return an agent and all that runs in a call of it, whose tools its policy holds for too. What it hands over to itself is free of it."""
    found = {document.name: document}
    waiting = [document]
    while waiting:
        agent = waiting.pop()
        handoffs = listed(agent.data.get("handoffs")) if agent is not document else []
        for item in [*listed(agent.data.get("agents")), *(step.get("agent") for _, step in steps_of(agent)), *handoffs]:
            name = mapped(item).get("use", item)
            other = library.agents.get(name) if isinstance(name, str) else None
            if other is not None and name not in found:
                found[name] = cast("Document", other)
                waiting.append(found[name])
    return list(found.values())
