"""One check of meaning per file; found by the folder listing.

A rule file has `RULES: tuple[Rule, ...]`, the rules it speaks with, and `check(library, context) -> Iterable[Diagnostic]`. It reads the
`Library` (what names mean) and the context's `documents` (those to speak about), tolerates definitions whose shape is wrong, and never
reports what reading or the shape check has said. Nothing has to be registered: a new file in this folder is run.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.texts import Texts
    from runner.diagnostics import Diagnostic, Rule


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may look at: `documents` to speak about, `all` of the project in the order of its files, and their `texts`.

    `shipped` are the definitions that come with agent-run, those included that the project replaces.
    """

    documents: tuple[Document, ...]
    all: tuple[Document, ...]
    texts: Texts
    shipped: tuple[Document, ...] = ()

    def of_kind(self, kind: str) -> Iterator[Document]:
        """Yield the documents of a kind."""
        return (document for document in self.documents if document.kind == kind)


class Check(Protocol):
    """What a rule file offers as a module."""

    RULES: tuple[Rule, ...]

    def check(self, library: Library, context: Context) -> Iterable[Diagnostic]:
        """Yield what is wrong, in any order."""
        ...


@lru_cache(maxsize=1)
def checks() -> tuple[Check, ...]:
    """Return every check in this folder, sorted by its file's name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(cast("Check", cast("Any", importlib.import_module(f"{__name__}.{name}"))) for name in names)
