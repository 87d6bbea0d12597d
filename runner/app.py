"""Assembly: compile, open, run, resume, sessions. The library API, and all that a verb of the command line needs.

compiled = app.compile_agent("support", app.Options())
async with app.open_agent(compiled, channel=Headless()) as live:
    result = await live.run("Where is order 7?")
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from runner.channel import Channel
    from runner.diagnostics import Diagnostic
    from runner.executor.result import RunResult
    from runner.graph import Graph
    from runner.stores import SessionInfo, Store


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
    """A checked agent, ready to open. `warnings` are shown once; `store` is the resolved `store:` value; `log` the project's `log:` map."""

    graph: Graph
    warnings: tuple[Diagnostic, ...]
    options: Options
    store: str = "sqlite"
    log: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Validation:
    """All findings of all files, sorted; `files` were read."""

    files: int
    findings: tuple[Diagnostic, ...]
    needs_env: tuple[str, ...] = ()
    needs_secrets: tuple[str, ...] = ()


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
    raise NotImplementedError


def compile_agent(agent: str, options: Options) -> Compiled:
    """Return the graph of an agent given as a file or a name. Raises ConfigError with diagnostics, or UsageError for a missing path."""
    raise NotImplementedError


class LiveAgent:
    """An opened agent in one session: what a chat talks to. Made by `open_agent`."""

    session: SessionInfo
    compiled: Compiled
    store: Store

    async def run(
        self,
        message: str | None,
        *,
        inputs: Mapping[str, Any] | None = None,
        files: Sequence[Path] = (),
    ) -> RunResult:
        """Run one message to its end and return how it ended. Never raises for what happens inside a run.

        Cancelling the task (Ctrl-C) stops the run: the partial answer is kept, marked `cut`, and the result says `interrupted`.
        """
        raise NotImplementedError

    async def resume(self) -> RunResult | None:
        """Go on with a run of this session that has no end; None when the last run ended."""
        raise NotImplementedError

    def tools(self) -> tuple[ToolInfo, ...]:
        """Return the live tools of the active agent."""
        raise NotImplementedError

    async def clear(self) -> None:
        """Forget the conversation from here on; the stored history stays."""
        raise NotImplementedError

    async def retitle(self, title: str) -> None:
        """Change the session's title."""
        raise NotImplementedError


def open_agent(
    compiled: Compiled,
    *,
    channel: Channel,
    session: str | None = None,
    resume: str | None = None,
    continue_last: bool = False,
) -> Any:
    """Return an async context manager of a LiveAgent.

    `session`: start or go on with that id. `resume`: go on with that id; SessionNotFound when there is none. `continue_last`: the project's
    last session. Raises StoreError, SessionBusy, SecretError, ProviderError before the first turn.
    """
    raise NotImplementedError


def open_store(options: Options) -> Any:
    """Return an async context manager of the Store that the options and the project name (for `sessions …`)."""
    raise NotImplementedError


async def history(store: Store, session: str) -> AsyncIterator[Any]:
    """Yield the messages of a stored session in order, as `runner.messages` values."""
    raise NotImplementedError
    yield
