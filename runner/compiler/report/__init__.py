"""One output format of findings per file: `render(findings, *, files, sources, checked) -> str`, found by listing this folder.

`files` counts what was checked and `checked` names it; `sources` are the texts by the name that findings use.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.diagnostics import Diagnostic


class Format(Protocol):
    """What a file here offers as a module."""

    def render(
        self,
        findings: Sequence[Diagnostic],
        *,
        files: int | None = None,
        sources: Mapping[str, str] | None = None,
        checked: Sequence[str] = (),
    ) -> str:
        """Return the findings as text."""
        ...


def formats() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Format:
    """Return a format by its name."""
    return cast("Format", importlib.import_module(f"{__name__}.{name}"))
