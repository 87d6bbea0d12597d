"""An agent that nobody wrote: it has tools and nothing else, so that they can be linked, listed and called without a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from runner.compiler.definition import Definition, Library, Where
    from runner.diagnostics import Span

NAME = "tools-call"


@dataclass(slots=True)
class Caller:
    """The definition of such an agent. It stands where its tool stands: `tool` lends it every place."""

    tool: Definition
    data: dict[str, Any]
    file: str
    path: Path
    root: Path
    kind: str = "agent"
    name: str = NAME
    shipped: bool = False

    def span(self, where: Where = (), *, key: bool = False) -> Span:
        """Return where the tool is defined."""
        del where, key
        return self.tool.span()

    def base(self, where: Where = ()) -> Path:
        """Return the folder of the tool's definition."""
        del where
        return self.tool.base()


def calling(library: Library, tools: Sequence[str]) -> Library:
    """Return the library with one agent, named `NAME`, that has these tools, and with no model to ask. `tools` is not empty."""
    first = library.tools[tools[0]]
    caller = Caller(first, {"model": "auto", "tools": list(tools)}, first.file, first.path, library.root)
    return replace(library, agents={NAME: caller}, providers={})
