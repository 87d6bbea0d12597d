"""What `run` and `chat` do before the first word: compile, show warnings once, start the log."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.cli import show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.app import Compiled, Options
    from runner.events import Event


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asked for: which agent, with what, in which session."""

    agent: str
    message: str | None
    options: Options
    inputs: tuple[str, ...] = ()
    session: str | None = None
    resume: str | None = None
    continue_last: bool = False
    yes: bool = False
    quiet: bool = False
    log: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def going_on(self) -> bool:
        """True when it names a session that must exist."""
        return self.resume is not None or self.continue_last

    def check(self) -> Order:
        """Return itself. Raises UsageError when it names more than one session."""
        from runner.errors import UsageError

        given = [
            flag for flag, value in (("--session", self.session), ("--resume", self.resume), ("--continue", self.continue_last)) if value
        ]
        if len(given) > 1:
            raise UsageError(f"{given[0]} and {given[1]} both name a session", hint="give one of them")
        return self


def compiled(order: Order) -> Compiled:
    """Return the checked agent of an order. Raises ConfigError or UsageError."""
    from runner import app

    agent = app.compile_agent(order.agent, order.options)
    if agent.warnings and not order.quiet:
        show.findings(agent.warnings, agent.sources)
    return agent


def log_listeners(order: Order, agent: Compiled) -> tuple[Callable[[Event], None], ...]:
    """Start the log where a flag, the environment or the project asks for one, and return what writes events to it; else load nothing."""
    if not order.log and not agent.log and not any(name.startswith("AGENT_RUN_LOG_") for name in os.environ):
        return ()
    from runner import log

    return (log.configure(log.settings(order.log, os.environ, agent.log)),)
