"""Tools and providers that nobody names. Agents are where a run begins: nobody has to name them.

Speaks only when the whole project is looked at and has an agent: a folder of tools alone is a library for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.compiler.discovery import shipped_files
from runner.compiler.findings import nearest, shown
from runner.compiler.link_reach import models_of, providers_of, tools_of
from runner.compiler.nodes import Map, Seq
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

UNUSED_DEFINITION = Rule("unused-definition", "warning", "a tool or provider is defined and nobody names it")
RULES = (UNUSED_DEFINITION,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every tool and provider of the project that no other definition names."""
    whole = {id(document) for document in context.documents}
    if not all(id(document) in whole for document in context.all) or not any(context.of_kind("agent")):
        return
    named = {("tool", name) for agent in context.of_kind("agent") for name in tools_of(agent.data)}
    named |= {("provider", name) for name in _providers(library, context)}
    ships = {(document.kind, document.name) for document in context.shipped}
    left = [document for document in context.documents if _counts(document) and not {(document.kind, document.name)} & (named | ships)]
    if left:
        words = set(_words(context.documents)) | set(_meant(library, context))
        files = {found.path for found in shipped_files()}
        yield from (_finding(document) for document in left if document.path not in files and not _is_named(document, words))


def _finding(document: Document) -> Diagnostic:
    hint = "list it under an agent's `tools:`" if document.kind == "tool" else "name it in a `model:`, as `name/model`"
    return Diagnostic(
        UNUSED_DEFINITION, document.head(), f"nobody uses the {document.kind} `{shown(document.name)}`", f"{hint}, or take it away"
    )


def _counts(document: Document) -> bool:
    data = document.data
    return document.kind in ("tool", "provider") and document.named and data.get("enabled") is not False and not data.get("auto")


def _providers(library: Library, context: Context) -> Iterator[str]:
    """Yield the providers that models name; all of them when a name is known at a run only."""
    texts = {text for agent in context.of_kind("agent") for text in models_of(agent, library)}
    for text in texts:
        yield from library.providers if "${" in text.partition("/")[0] else providers_of(text, library)


def _meant(library: Library, context: Context) -> Iterator[str]:
    """Yield the names that misspelt references mean; that they are misspelt is another rule's."""
    for agent in context.of_kind("agent"):
        yield from (nearest(name, library.tools) or "" for name in tools_of(agent.data) if name not in library.tools)
        names = (text.partition("/")[0] for text in models_of(agent, library))
        yield from (nearest(name, library.providers) or "" for name in names if name not in library.providers)


def _words(documents: Iterable[Document]) -> Iterator[str]:
    """Yield every text that might be or begin with a name, wherever it stands, but for the definitions' own names."""
    for document in documents:
        waiting: list[Any] = [value for key, value in document.data.items() if key not in ("name", "instructions", "description")]
        waiting += [document.own.get("extends")]
        while waiting:
            value = waiting.pop()
            if isinstance(value, Map):
                waiting.extend(value.values())
            elif isinstance(value, Seq):
                waiting.extend(value)
            elif isinstance(value, str) and len(value) < 1000:
                yield value


def _is_named(document: Document, words: set[str]) -> bool:
    """Tell whether any text is the name, or begins with it as references and patterns do."""
    begins = tuple(document.name + sign for sign in ("/" if document.kind == "provider" else ".("))
    return any(word == document.name or word.startswith(begins) for word in words)
