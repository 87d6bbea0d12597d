"""Inputs that are declared and that no text of the definition names: what is given for them is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.compiler.findings import at_most, nearest, shown
from runner.compiler.link_reach import listed, mapped
from runner.compiler.types import of_field
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

UNUSED_INPUT = Rule("unused-input", "warning", "an input is declared and nothing uses it")
RULES = (UNUSED_INPUT,)

_TYPES = {"http": "url", "shell": "run"}
"""Types of tools that use their inputs in their own texts alone, and the key without which they do otherwise."""


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report the inputs that no expression of their agent, `http` or `shell` tool names."""
    del library
    parents = {document.own.get("extends") for document in context.all if document.kind in ("agent", "tool")}
    for document in context.documents:
        if document.name not in parents:
            yield from at_most(_in_document(document, context), document.head())


def _in_document(document: Document, context: Context) -> Iterator[Diagnostic]:
    data = document.data
    if document.kind == "tool" and _TYPES.get(str(data.get("type")), "") in data:
        yield from _unused(document, (), data, context)
    if document.kind != "agent":
        return
    if {"instructions", "prompt", "flow"} & data.keys():
        yield from _unused(document, (), data, context)
    for at, item in enumerate(listed(data.get("tools"))):
        tool = mapped(item)
        if _TYPES.get(str(tool.get("type")), "") in tool:
            yield from _unused(document, ("tools", at), tool, context)


def _unused(document: Document, owner: Where, data: Mapping[str, Any], context: Context) -> Iterator[Diagnostic]:
    declared = mapped(data.get("inputs"))
    used = _used(document, owner, context) if declared else set[str]()
    if used is None or used >= declared.keys():
        return
    used |= {nearest(name, declared) or "" for name in used.difference(declared)}  # a misspelling is another rule's
    for name in [name for name, field in declared.items() if name not in used and _counts(name, field)]:
        own = owner or name in mapped(document.own.get("inputs"))
        if own:
            bound = name in mapped(data.get("with"))
            hint = f"write ${{inputs.{shown(name)}}} where it belongs, or leave it out" + (" here and under `with`" if bound else "")
            span = document.span((*owner, "inputs", name), key=True)
            yield Diagnostic(UNUSED_INPUT, span, f"nothing uses the input `{shown(name)}`", hint)


def _used(document: Document, owner: Where, context: Context) -> set[str] | None:
    """Return the inputs that the texts of a definition name; None when that cannot be known."""
    found: set[str] = set()
    for text in context.texts.of(document):
        is_tools = document.kind == "agent" and text.where[:1] == ("tools",)
        if text.where[: len(owner)] != owner or (is_tools and not owner):
            continue
        template = text.template()
        if template is None:
            return None
        for path in template.paths():
            if path.names == ("inputs",):
                return None
            if path.names[0] == "inputs":
                found.add(path.names[1])
    return found


def _counts(name: str, field: Any) -> bool:
    """Tell whether an expression should name an input: not where its name or type is wrong, and not the message, which is used anyway."""
    return name != "message" and of_field(field).known and name.replace("-", "_").isidentifier() and not _is_file(field)


def _is_file(field: Any) -> bool:
    """Tell whether a field is a file or holds files: they go with the first message, named or not."""
    name = field if isinstance(field, str) else mapped(field).get("type")
    return str(name).removesuffix("?") == "file" or ("items" in mapped(field) and _is_file(mapped(field)["items"]))
