"""The tools in an agent's reach and the members they are known to have. Python is read from source, never imported; servers are not asked."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.link_reach import listed, mapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.diagnostics import Span

MEMBERS = {
    "files": ("edit", "list", "read", "search", "write"),
    "memory": ("add", "forget", "search"),
    "web": ("fetch", "search"),
}
"""The members of our own toolsets."""

SINGLE = frozenset({"ask_user", "code", "http", "huggingface", "knowledge", "shell", "todo"})
"""Types that are one tool."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as one agent has it: its definition (`data` at `where` of `document`), and where the agent `names` it."""

    name: str
    data: Mapping[str, Any]
    document: Document
    where: Where
    agent: Document
    names: Where
    only: tuple[str, ...] | None = None

    @property
    def type(self) -> str:
        """Its type, "" when it is not said."""
        return str(self.data.get("type", ""))

    def place(self) -> Span:
        """Return where the agent names it."""
        return self.agent.span(self.names)


def tools_of(agent: Document, library: Library) -> Iterator[Tool]:
    """Yield the tools that an agent lists, puts into steps or takes knowledge from; those that do not exist or are switched off are not."""
    for at, item in enumerate(listed(agent.data.get("tools"))):
        entry = mapped(item)
        if "type" in entry and isinstance(entry.get("name"), str):
            if entry.get("enabled") is not False:
                yield Tool(entry["name"], entry, agent, ("tools", at), agent, ("tools", at, "name"))
        else:
            name = entry.get("use", item)
            only = tuple(map(str, listed(entry["only"]))) if isinstance(entry.get("only"), list) else None
            yield from _named(name, agent, ("tools", at, "use"), library, only)
    for at, name in enumerate(listed(agent.data.get("knowledge"))):
        yield from _named(name, agent, ("knowledge", at), library)
    for where, step in steps_of(agent):
        if isinstance(name := step.get("tool"), str):
            toolset, _, member = name.partition(".")
            yield from _named(toolset, agent, (*where, "tool"), library, (member,) if member else None)


def steps_of(agent: Document) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    """Yield the steps of a flow with their places, those inside `parallel` included."""
    for at, step in enumerate(listed(agent.data.get("flow"))):
        yield ("flow", at), mapped(step)
        for number, child in enumerate(listed(mapped(step).get("parallel"))):
            yield ("flow", at, "parallel", number), mapped(child)


def _named(name: Any, agent: Document, where: Where, library: Library, only: tuple[str, ...] | None = None) -> Iterator[Tool]:
    definition = library.tools.get(name) if isinstance(name, str) else None
    if definition is not None and definition.data.get("enabled") is not False:
        yield Tool(definition.name, definition.data, cast("Document", definition), (), agent, where, only)


def definitions(documents: Iterator[Document]) -> Iterator[tuple[Document, Where, Mapping[str, Any]]]:
    """Yield every tool that documents define, those inside agents included: the document, the place in it, and its data."""
    for document in documents:
        if document.kind == "tool":
            yield document, (), document.data
        elif document.kind == "agent":
            for at, item in enumerate(listed(document.data.get("tools"))):
                if "type" in (data := mapped(item)):
                    yield document, ("tools", at), data


def fits(member: str, globs: Any) -> bool:
    """Tell whether one of the patterns names a member."""
    return any(isinstance(glob, str) and fnmatchcase(member, glob) for glob in listed(globs))


@dataclass(slots=True)
class Members:
    """What members tools have; each piece of Python is read once."""

    library: Library
    _described: dict[tuple[str, tuple[str, ...], tuple[str, ...] | None], Any] = field(
        default_factory=dict["tuple[str, tuple[str, ...], tuple[str, ...] | None]", Any]
    )

    def all_of(self, data: Mapping[str, Any]) -> tuple[str, ...] | None:
        """Return every member that a definition has before it is narrowed, ("",) for a single tool, None when that cannot be known."""
        kind = str(data.get("type", ""))
        if kind in SINGLE:
            return ("",)
        if kind == "python":
            found = self.described(data)
            return tuple(member.name for member in found.members) or None if found else None
        return MEMBERS.get(kind)

    def of(self, tool: Tool) -> tuple[str, ...] | None:
        """Return the members that an agent has of a tool, None when they cannot be known."""
        found = self.all_of(tool.data)
        return None if found is None else tuple(name for name in found if not name or self._has(tool, name))

    def certain(self, tool: Tool) -> tuple[str, ...]:
        """Return the members that an agent surely has: the known ones, and those of a server that `only` names without a wildcard."""
        found = self.of(tool)
        if found is not None:
            return found
        named = [*(tool.only or ()), *listed(tool.data.get("only"))]
        plain = dict.fromkeys(name for name in named if isinstance(name, str) and name and not set(name) & set("*?["))
        return tuple(name for name in plain if self._has(tool, name))

    def described(self, data: Mapping[str, Any]) -> Any:
        """Return what the source of a Python tool says (`runner.tools._python_members.Description`), None when it names nothing."""
        call = data.get("call")
        if not isinstance(call, str):
            return None
        inputs = tuple(data["inputs"]) if isinstance(data.get("inputs"), dict) else None
        key = (call, tuple(mapped(data.get("with"))), inputs)
        if key not in self._described:
            # a stranger on the same floor, asked by name as the registry asks for plug-ins: this half of it reads source only
            source = cast("Any", importlib.import_module("runner.tools._python_members"))
            self._described[key] = source.describe(call, self._roots(), bound=key[1], inputs=inputs)
        return self._described[key]

    def _roots(self) -> list[str]:
        project = self.library.project
        roots = listed(project.data.get("python")) if project else []
        return [str(Path(self.library.root, root)) for root in (".", *roots) if isinstance(root, str)]

    @staticmethod
    def _has(tool: Tool, member: str) -> bool:
        if tool.only is not None and not fits(member, list(tool.only)):
            return False
        own = tool.data.get("only")
        return (not isinstance(own, list) or fits(member, own)) and not fits(member, tool.data.get("except"))
