"""Lists of models to fall back on: one that stands there twice is tried once more in vain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.rules import Context

DUPLICATE_MODEL = Rule("duplicate-model", "warning", "a model stands twice in a list of models")
RULES = (DUPLICATE_MODEL,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every model that stands in its list before."""
    del library
    for document in context.documents:
        first: dict[str, int] = {}
        for at, model in enumerate(listed(document.data.get("model"))):
            if isinstance(model, str) and first.setdefault(model, at) != at:
                related = (Related(document.span(("model", first[model])), "first named here"),)
                message = f"`{shown(model)}` is in this list already"
                yield Diagnostic(
                    DUPLICATE_MODEL, document.span(("model", at)), message, "a model that fails is not asked again", None, related
                )
