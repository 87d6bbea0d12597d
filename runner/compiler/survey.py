"""Looks over a project without running it: what it defines, what is wrong with it, which variables it names, which servers it would start.

Reads no value of a variable and opens nothing. What it finds may have errors; it tells them apart from what can be used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from runner.compiler.caller import NAME as CALLER
from runner.compiler.caller import calling
from runner.compiler.compile import check_all, find_root, read
from runner.compiler.documents import NAMED
from runner.compiler.link_providers import provider_nodes
from runner.compiler.link_reach import agents_of, listed, mapped, models_of, providers_of, tools_of
from runner.compiler.link_text import plain
from runner.compiler.link_tools import tool_uses
from runner.compiler.reading import read_project
from runner.errors import ConfigError
from runner.graph import ModelRef
from runner.registry import tool_type, type_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from runner.compiler.definition import Definition, Library
    from runner.compiler.documents import Document
    from runner.compiler.reading import World
    from runner.diagnostics import Diagnostic
    from runner.graph import ProviderNode, ToolsetNode

UNKNOWN = "?"
"""The effect of a tool that only its server can tell."""


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as it is written down. `effect` is the one it says, else its type's, else `?`; `source` is `file:line`."""

    name: str
    type: str
    effect: str
    description: str
    source: str
    shipped: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable or secret that definitions name. `needed`: an agent of the project reaches a place that has no default.

    `vendor`: the key of a shipped provider that `model: auto` may take. `default`: nothing is missing when it is not set.
    """

    name: str
    kind: Literal["env", "secret"]
    source: str
    needed: bool
    vendor: bool
    default: bool


@dataclass(frozen=True, slots=True)
class Survey:
    """What a project has. `reached` holds the names of toolsets in `servers` that an agent of the project uses; `auto`: an agent asks any model."""

    root: Path
    counts: Mapping[str, int]
    findings: tuple[Diagnostic, ...]
    project: Mapping[str, Any]
    variables: tuple[Variable, ...]
    servers: tuple[ToolsetNode, ...]
    reached: frozenset[str]
    providers: tuple[ProviderNode, ...]
    auto: bool
    python: tuple[str, ...] = ()
    network_allow: tuple[str, ...] = field(default=())


def tool_definitions(cwd: Path, project: Path | None, profile: str | None) -> tuple[tuple[ToolDefinition, ...], int]:
    """Return all tools that a project can name, its own first, and how many errors its files have that hide some."""
    world = read_project(project.resolve() if project else find_root(cwd), None, profile, cwd)
    found = [_tool(definition) for definition in world.library.tools.values() if isinstance(definition.data.get("type"), str)]
    errors = [finding for finding in world.findings if finding.severity == "error"]
    return tuple(sorted(found, key=lambda tool: (tool.shipped, tool.name))), len(errors)


def _tool(definition: Definition) -> ToolDefinition:
    data = definition.data
    kind = str(data["type"])
    effect = str(data.get("effect") or (_effect(kind) if kind in type_names("tools") else UNKNOWN))
    description = str(data.get("description", ""))
    source = definition.span().label()
    return ToolDefinition(definition.name, kind, effect, description, source, definition.shipped, data.get("enabled") is not False)


def _effect(kind: str) -> str:
    return str(getattr(tool_type(kind), "EFFECT", UNKNOWN))


def survey(cwd: Path, project: Path | None, profile: str | None) -> Survey:
    """Look over the project around a folder; definitions with errors are counted and otherwise left out."""
    reading = read([], root=project, profile=profile, cwd=cwd)
    world = reading.worlds[0]
    findings = check_all(reading) if world.documents else ()
    broken = {finding.span.file for finding in findings if finding.severity == "error"}
    library = world.library
    sound = [agent for agent in library.agents.values() if not agent.shipped and agent.file not in broken]
    used = _used(library, sound)
    servers, reached = _servers(library, sound, used, broken)
    own = library.project if library.project and library.project.file not in broken else None
    data: Mapping[str, Any] = plain(own.data) if own else {}
    return Survey(
        root=library.root,
        counts={kind: sum(document.kind == kind for document in world.documents) for kind in (*NAMED, "test")},
        findings=findings,
        project=data,
        variables=tuple(_variables(world, used)),
        servers=servers,
        reached=reached,
        providers=_providers(library, broken),
        auto=any("auto" in models_of(agent, library) for agent in sound),
        python=tuple(data.get("python") or ()),
        network_allow=tuple(mapped(data.get("network")).get("allow") or ()),
    )


def _used(library: Library, agents: list[Definition]) -> set[tuple[str, str]]:
    """Return (kind, name) of all that the project's agents reach; providers that only `auto` reaches are left out."""
    used: set[tuple[str, str]] = set()
    waiting = list(agents)
    while waiting:
        agent = waiting.pop()
        if ("agent", agent.name) in used:
            continue
        used.add(("agent", agent.name))
        used |= {("tool", name) for name in tools_of(agent.data)}
        used |= {("provider", name) for text in models_of(agent, library) if text != "auto" for name in providers_of(text, library)}
        waiting += [library.agents[name] for name in agents_of(agent.data) if name in library.agents]
    return used


def _servers(
    library: Library, agents: list[Definition], used: set[tuple[str, str]], broken: set[str]
) -> tuple[tuple[ToolsetNode, ...], frozenset[str]]:
    """Return the MCP servers of the project, and the shipped ones that its agents use; and the names of those that are used."""
    wanted = [
        tool.name
        for tool in library.tools.values()
        if tool.data.get("type") == "mcp" and tool.file not in broken and (not tool.shipped or ("tool", tool.name) in used)
    ]
    found: dict[str, ToolsetNode] = {}
    for name in wanted:
        found |= _linked(library, calling(library, [name]).agents[CALLER])
    reached = {name for name in found if ("tool", name) in used}
    for agent in agents:
        if any(mapped(item).get("type") == "mcp" for item in listed(agent.data.get("tools"))):
            inline = {name: node for name, node in _linked(library, agent).items() if name not in library.tools}
            found = {**inline, **found}
            reached |= set(inline)
    return tuple(node for node in found.values() if node.type == "mcp"), frozenset(reached)


def _linked(library: Library, agent: Definition) -> dict[str, ToolsetNode]:
    """Return the toolsets of an agent; none when something it extends has errors."""
    found: dict[str, ToolsetNode] = {}
    try:
        tool_uses(library, agent, found)
    except (ConfigError, ValueError):
        return {}
    return found


def _providers(library: Library, broken: set[str]) -> tuple[ProviderNode, ...]:
    """Return the providers that say where they are."""
    names = [name for name, found in library.providers.items() if found.file not in broken and found.data.get("base_url")]
    return tuple(provider_nodes(library, {ModelRef(name, "") for name in names}).values())


def _variables(world: World, used: set[tuple[str, str]]) -> Iterator[Variable]:
    found: dict[tuple[str, str], Variable] = {}
    for document, reached, vendor in _naming(world, used):
        for text in world.texts.of(document):
            template = text.template()
            for special in template.specials() if template else ():
                if special.kind == "file":
                    continue
                source = text.span(special.offset, special.end).label()
                default = special.default is not None
                made = Variable(special.name, special.kind, source, reached and not default, vendor, default)
                known = found.setdefault((special.kind, special.name), made)
                if _rank(made) > _rank(known):
                    found[special.kind, special.name] = made
    yield from sorted(found.values(), key=lambda variable: (variable.vendor, variable.name, variable.kind))


def _rank(variable: Variable) -> tuple[bool, bool, bool]:
    """Return how much a place that names a variable matters, beside others that name the same."""
    return variable.needed, not variable.vendor, not variable.default


def _naming(world: World, used: set[tuple[str, str]]) -> Iterator[tuple[Document, bool, bool]]:
    """Yield the documents whose variables matter: the project's own, shipped ones that are used, providers that `auto` may take."""
    library = world.library
    shelves = (library.agents, library.tools, library.providers)
    everything = cast("Iterable[Document]", [document for shelf in shelves for document in shelf.values()])
    for document in everything:
        reached = (document.kind, document.name) in used
        vendor = document.shipped and document.kind == "provider" and bool(document.data.get("auto")) and not reached
        if reached or vendor or not document.shipped:
            yield document, reached, vendor
    if library.project:
        yield cast("Document", library.project), True, False
