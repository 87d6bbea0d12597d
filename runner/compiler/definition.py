"""What the stages of the compiler hand to each other: definitions with positions, and the library of all that a project has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from runner.diagnostics import Span

Where = tuple[str | int, ...]
"""A path into a definition: keys and list indexes, `("tools", 0, "use")`."""


class Definition(Protocol):
    """One document, after `extends` and profile: plain data, and for every value where it was written.

    `data` is plain JSON-like data (dict and list subclasses that carry positions are fine). `file` is the path as shown to people.
    `root` is the project root its paths are confined to; `shipped` is True for what comes with agent-run.
    """

    kind: str
    name: str
    file: str
    path: Path
    root: Path
    shipped: bool

    @property
    def data(self) -> dict[str, Any]:
        """The definition itself."""
        ...

    def span(self, where: Where = (), *, key: bool = False) -> Span:
        """Return where the value (or, with `key`, its key) at a path stands; the nearest existing parent when it is absent."""
        ...

    def base(self, where: Where = ()) -> Path:
        """Return the folder that a relative path written at this place starts from."""
        ...


@dataclass(frozen=True, slots=True)
class Library:
    """All definitions that a project can name: its own laid over the shipped ones, by name."""

    root: Path
    agents: Mapping[str, Definition] = field(default_factory=dict[str, "Definition"])
    tools: Mapping[str, Definition] = field(default_factory=dict[str, "Definition"])
    providers: Mapping[str, Definition] = field(default_factory=dict[str, "Definition"])
    project: Definition | None = None
