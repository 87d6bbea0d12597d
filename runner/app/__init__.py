"""Assembly: compile, open, run, resume, sessions. The library API, and all that a verb of the command line needs.

    compiled = app.compile_agent("support", app.Options())
    async with app.open_agent(compiled, channel=Headless()) as live:
        result = await live.run("Where is order 7?")

Importing this module imports neither the compiler nor the executor; each function does when it is called.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.app.places import data_dir, store_location

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence

    from runner.app.live import LiveAgent
    from runner.channel import Channel
    from runner.diagnostics import Diagnostic
    from runner.events import Event
    from runner.graph import Graph
    from runner.messages import Message
    from runner.stores import Store

__all__ = [
    "Compiled",
    "Options",
    "ToolInfo",
    "Validation",
    "compile_agent",
    "data_dir",
    "history",
    "open_agent",
    "open_store",
    "project_root",
    "validate",
]


@dataclass(frozen=True, slots=True)
class Options:
    """What a command line says about where and how; None = the project's word, then the default."""

    project: Path | None = None
    profile: str | None = None
    store: str | None = None
    model: str | None = None
    provider: str | None = None
    workspace: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A checked agent, ready to open. `warnings` are shown once; `project` is the project document as data; `sources` the texts by file."""

    graph: Graph
    warnings: tuple[Diagnostic, ...]
    options: Options
    store: str = "sqlite"
    project: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sources: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def log(self) -> Mapping[str, Any]:
        """The project's `log:` map."""
        return self.project.get("log", {})


@dataclass(frozen=True, slots=True)
class Validation:
    """All findings of all files, sorted; `files` were read; `sources` are their texts by the name that findings use.

    `checked` are the names of the files that were asked for.
    """

    files: int
    findings: tuple[Diagnostic, ...]
    needs_env: tuple[str, ...] = ()
    needs_secrets: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    checked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """One live tool of an agent: the YAML name (`toolset.member`), what the model sees, and where it was defined."""

    name: str
    model_name: str
    type: str
    effect: str
    description: str
    source: str
    enabled: bool = True


def validate(paths: Sequence[Path], options: Options) -> Validation:
    """Check definitions: no key, no network, no import of user code, no variable's value. Raises UsageError for a path that does not exist."""
    from runner.app.checking import check

    return check(paths, options)[0]


def compile_agent(agent: str, options: Options) -> Compiled:
    """Return the graph of an agent given as a file or a name. Raises ConfigError with diagnostics, or UsageError for a missing path."""
    from runner.compiler import compile as compiler

    made = compiler.compile_agent(
        agent,
        cwd=options.workspace,
        project=options.project,
        profile=options.profile,
        model=options.model,
        provider=options.provider,
    )
    store = options.store or made.project_data.get("store", "sqlite")
    return Compiled(made.graph, made.warnings, options, store_location(store, Path(made.graph.root)), made.project_data, made.sources)


@asynccontextmanager
async def open_agent(
    compiled: Compiled,
    *,
    channel: Channel,
    session: str | None = None,
    resume: str | None = None,
    continue_last: bool = False,
    listeners: Sequence[Callable[[Event], None]] = (),
) -> AsyncGenerator[LiveAgent]:
    """Open an agent in one session and close all of it again.

    `session`: start or go on with that id. `resume`: go on with that id; SessionNotFound when there is none. `continue_last`: the project's
    last session. `listeners` see every event. Raises StoreError, SessionBusy, SecretError or a tool's ConfigError before the first turn.
    """
    from runner.app.opening import open_live

    async with open_live(compiled, channel, session, resume, continue_last=continue_last, listeners=listeners) as live:
        yield live


@asynccontextmanager
async def open_store(options: Options) -> AsyncGenerator[Store]:
    """Open the store that the options and the project name, for verbs about sessions."""
    from runner import registry

    location = options.store
    if location is None:
        from runner.compiler import compile as compiler

        root = project_root(options)
        location = store_location(compiler.project_data(root, options.profile).get("store", "sqlite"), root)
    store = registry.open_store(location)
    try:
        await store.open()
        yield store
    finally:
        await store.close()


def project_root(options: Options) -> Path:
    """Return the folder whose sessions are meant by "the current project"."""
    from runner.compiler import compile as compiler

    return options.project.resolve() if options.project else compiler.find_root(options.workspace)


async def history(store: Store, session: str) -> AsyncIterator[Message]:
    """Yield the messages of a stored session in order."""
    from runner.executor.conversation import read_all

    for message in read_all(await store.load(session)):
        yield message
