"""Names that hide what ships with agent-run: whoever knows the shipped definition is misled, and agents that ship use this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.documents import NAMED
from runner.compiler.findings import shown
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.rules import Context

SHADOWED_SHIPPED = Rule("shadowed-shipped", "warning", "a name hides a definition that ships with agent-run")
RULES = (SHADOWED_SHIPPED,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every definition that has the name of a shipped one and does not extend it."""
    del library
    shipped = {(document.kind, document.name): document for document in context.shipped if document.kind in NAMED}
    for document in context.documents:
        hidden = shipped.get((document.kind, document.name))
        if hidden is None or document.shipped:
            continue
        if document.own.get("extends") != document.name and document.own != hidden.own:  # a copy hides nothing
            name = shown(document.name)
            message = f"this hides the {document.kind} `{name}` that ships with agent-run"
            hint = f"write `extends: {name}` to change only a part of it, or take another name"
            yield Diagnostic(SHADOWED_SHIPPED, document.head(), message, hint)
