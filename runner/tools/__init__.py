"""The tool contract: a toolset has members, each with a JSON Schema; a call gets validated arguments and a context.

A tool file `runner/tools/my_tool.py` (type `my-tool`, or `my_tool`) has:

    class Settings(ToolSettings): ...              # strict, frozen pydantic; its YAML keys beside the common ones
    def open(node, settings, context) -> Toolset   # cheap; heavy imports here or in `Toolset.open`
    EFFECT = "read"                                # when all of its members have the same; left out when only opening it tells
    NOT_YET = ("search.rerank",)                   # keys that are checked and cannot run yet; left out when there are none

A file without `open` is a type that is checked and cannot run yet: a run that reaches it stops with `not-yet-runnable`.

A toolset promises: `call` is only reached with arguments that fit the schema; `ToolError` is told to the model; another exception of
a user's own function is turned into a `ToolError` (type and message, no traceback) by the plug-in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from runner.graph import Approve, Effect, ToolsetNode
    from runner.messages import Citation, FilePart, TextPart


@dataclass(frozen=True, slots=True)
class Member:
    """One callable of a toolset. `name` is "" for a tool that is its own single member.

    `effect` and `approve` are the type's own defaults; YAML may say otherwise.
    """

    name: str
    description: str
    input_schema: Mapping[str, Any]
    effect: Effect = "write"
    approve: Approve = "ask"


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """What a call gave back. `parts` are for the model, uncut; `data` is the structured value, None when the text is all."""

    parts: tuple[TextPart | FilePart, ...]
    data: Any = None
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolsetContext:
    """What a toolset gets when it is opened: the workspace and the data folder (both absolute paths), and doors to others.

    `resolve` fills the `${env:…}` and `${secret:…}` of a settings value (str, list or map) and raises SecretError for one that is not set.
    """

    workspace: str
    data_dir: str
    python_roots: tuple[str, ...] = ()
    network_allow: tuple[str, ...] = ()
    resolve: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True, slots=True)
class CallContext:
    """What one call gets. `progress(message, done, total)` shows; `put_blob(bytes, media_type, name)` keeps a file and returns its part.

    `call_agent(name, inputs)` runs another agent of the graph and returns its output; `ask(question, choices)` asks the person.
    """

    call_id: str
    session: str
    run: str
    agent: str
    progress: Callable[[str, float | None, float | None], None] = lambda _message, _done, _total: None
    put_blob: Callable[[bytes, str, str], Awaitable[FilePart]] | None = None
    call_agent: Callable[[str, Mapping[str, Any]], Awaitable[ToolOutput]] | None = None
    ask: Callable[[str, tuple[str, ...]], Awaitable[str | None]] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Toolset(Protocol):
    """An opened tool or toolset, shared by all agents of a process."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What it cannot do since it was opened, one line each for the person: a server that failed, files that could not be read."""
        ...

    async def open(self) -> None:
        """Connect or load. Called once before `members`."""
        ...

    def members(self) -> tuple[Member, ...]:
        """Return what can be called now."""
        ...

    async def call(self, member: str, arguments: Mapping[str, Any], context: CallContext) -> ToolOutput:
        """Call a member. Raises ToolError for what the model should read. Cancelling the task cancels the work."""
        ...

    async def close(self) -> None:
        """Give everything back. May be called twice."""
        ...


class ToolType(Protocol):
    """What a tool file offers as a module."""

    Settings: Any

    def open(self, node: ToolsetNode, settings: Any, context: ToolsetContext) -> Toolset:
        """Return a toolset for a node whose settings are resolved and validated."""
        ...
