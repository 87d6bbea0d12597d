"""`only` and `except`: lists that are empty, take everything, or name members that a toolset is known not to have."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import shown, suggestion
from runner.compiler.link_reach import listed
from runner.compiler.rules._tools import Members, definitions, tools_of
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

EMPTY_ONLY = Rule("empty-only", "warning", "an empty `only` takes every member away")
BROAD_PATTERN = Rule("broad-pattern", "warning", "a pattern fits everything")
UNUSED_PATTERN = Rule("unused-pattern", "warning", "a pattern fits nothing that is there")
RULES = (EMPTY_ONLY, BROAD_PATTERN, UNUSED_PATTERN)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report the lists of definitions, and those of the references to them."""
    members = Members(library)
    for document, where, data in definitions(iter(context.documents)):
        if data.get("type") in ("mcp", "openapi"):
            yield from _list(document, (*where, "only"), data.get("only"), None)
            yield from _excepted(document, (*where, "except"), listed(data.get("except")))
    for agent in context.of_kind("agent"):
        for tool in tools_of(agent, library) if "tools" in agent.data else ():
            if tool.only is not None and tool.names[0] == "tools":
                yield from _list(agent, (*tool.names[:-1], "only"), list(tool.only), members.all_of(tool.data), tool.data)


def _list(
    document: Document, where: Where, globs: Any, known: tuple[str, ...] | None, data: Mapping[str, Any] | None = None
) -> Iterator[Diagnostic]:
    if not isinstance(globs, list):
        return
    if not globs:
        hint = "leave `only` out to take all, or the tool out to take none"
        yield Diagnostic(EMPTY_ONLY, document.span(where), "an empty `only` takes no member at all", hint)
    elif known == ("",):
        hint = "leave `only` out; it is for toolsets"
        yield Diagnostic(UNUSED_PATTERN, document.span(where), "this is one tool and has no members to choose from", hint)
    else:
        yield from _items(document, where, listed(globs), known, narrowed=data is not None and "only" in data)


def _items(document: Document, where: Where, globs: list[Any], known: tuple[str, ...] | None, *, narrowed: bool) -> Iterator[Diagnostic]:
    for at, glob in enumerate(globs):
        if glob == "*" and not narrowed:
            hint = "leave `only` out to take all of them, also those that come later; or name the ones that are needed"
            yield Diagnostic(BROAD_PATTERN, document.span((*where, at)), "`*` takes every member", hint)
        elif isinstance(glob, str) and known is not None:
            yield from _unused(document, (*where, at), glob, known)


def _excepted(document: Document, where: Where, globs: list[Any]) -> Iterator[Diagnostic]:
    for at, glob in enumerate(globs):
        if glob == "*":
            hint = "leave the tool out, or name the members that are not wanted"
            yield Diagnostic(BROAD_PATTERN, document.span((*where, at)), "`*` takes every member away", hint)


def _unused(document: Document, where: Where, glob: str, known: tuple[str, ...]) -> Iterator[Diagnostic]:
    if not any(fnmatchcase(member, glob) for member in known):
        message = f"no member fits `{shown(glob)}`"
        yield Diagnostic(UNUSED_PATTERN, document.span(where), message, suggestion(glob, known, "members"))
