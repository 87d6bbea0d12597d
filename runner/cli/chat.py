"""`agent-run chat`: talk to an agent. Drawn on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runner.cli import exits, options, show
from runner.cli.verb import Verb

if TYPE_CHECKING:
    from runner.app import Compiled
    from runner.app.live import LiveAgent
    from runner.cli.launch import Order
    from runner.cli.terminal.talk import Talk

Agent = Annotated[str, typer.Argument(help="A YAML file, or the name of an agent.", metavar="AGENT")]
Message = Annotated[str | None, typer.Argument(help="The first thing to say.", metavar="MESSAGE")]
NonInteractive = Annotated[bool, typer.Option("--non-interactive", help="Say MESSAGE, print the answer and leave, like `run`.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("chat", cls=Verb)(chat)


def chat(
    agent: Agent = "guide",
    message: Message = None,
    *,
    session: options.Session = None,
    resume: options.Resume = None,
    continue_last: options.Continue = False,
    non_interactive: NonInteractive = False,
    model: options.Model = None,
    provider: options.Provider = None,
    yes: options.Yes = False,
    quiet: options.Quiet = False,
    project: options.Project = None,
    profile: options.Profile = None,
    store: options.Store = None,
    workspace: options.Workspace = None,
    log_level: options.LogLevel = None,
    log_format: options.LogFormat = None,
    log_file: options.LogFile = None,
    debug: options.Debug = False,
) -> int:
    """Talk to an agent.

    Without a name it is the guide, which knows agent-run and needs no key.
    """
    from runner.cli.launch import Order

    flags = options.app_options(project=project, profile=profile, store=store, model=model, provider=provider, workspace=workspace)
    log = options.log_flags(log_level, log_format, log_file, debug=debug)
    order = Order(agent, message, flags, (), session, resume, continue_last, yes=yes, quiet=quiet, log=log).check()
    if non_interactive:
        from runner.cli.run import start

        return start(order, "text")
    import asyncio

    return asyncio.run(_chat(order))


async def _chat(order: Order) -> int:
    from runner import app
    from runner.cli.launch import compiled, log_listeners
    from runner.cli.stopping import Stopper
    from runner.cli.terminal import tty
    from runner.cli.terminal.talk import Talk

    agent = compiled(order)
    stopper = Stopper(tty.show_typing)
    desk = _desk(order, agent, stopper)
    opened = app.open_agent(
        agent,
        channel=desk.channel,
        session=order.session,
        resume=order.resume,
        continue_last=order.continue_last,
        listeners=log_listeners(order, agent),
    )
    with stopper.guarding():
        async with opened as live:
            talk = Talk(live, desk, stopper)
            if not order.quiet:
                desk.say(_greeting(live))
                for warning in live.warnings:
                    desk.say(f"warning: {warning}")
            if live.session.seq:
                await talk.go_on()
            await talk.hold(order.message)
            if talk.spoke and not order.quiet:
                desk.say(f"to go on: agent-run chat {order.agent} --resume {live.session.id}")
    return exits.INTERRUPTED if stopper.leaving else _code(talk)


def _desk(order: Order, agent: Compiled, stopper: Any) -> Any:
    """Return where the person sits: a drawn terminal when there is one, else plain lines."""
    if not drawable():
        from runner.cli.terminal.plain import PlainDesk

        show.claim()
        return PlainDesk(yes=order.yes, quiet=order.quiet)
    from runner.cli.terminal.desk import DrawnDesk
    from runner.cli.terminal.screen import Screen

    return DrawnDesk(Screen(), _models(agent), yes=order.yes, interrupt=stopper.stop)


def drawable() -> bool:
    """Return True when a person sits at a terminal that can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _models(agent: Compiled) -> str:
    name = agent.graph.agent
    return f"{name} · {', '.join(model.label().rstrip('/') for model in agent.graph.agents[name].models)}"


def _greeting(live: LiveAgent) -> str:
    from runner.cli.terminal.clean import clean_line

    title = f" · {clean_line(live.session.title)}" if live.session.seq and live.session.title else ""
    return f"{_models(live.compiled)} · session {live.session.id}{title} · /help"


def _code(talk: Talk) -> int:
    """Return the last run's exit code to a script; a person who leaves is always done."""
    return exits.DONE if sys.stdin.isatty() else talk.code
