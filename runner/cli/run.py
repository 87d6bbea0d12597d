"""`agent-run run`: one message in, one answer out; for scripts, pipes and other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli import border, exits, options, show
from runner.cli.verb import Verb

if TYPE_CHECKING:
    from runner.app import Compiled
    from runner.app.live import LiveAgent
    from runner.cli.launch import Order
    from runner.cli.output import Output
    from runner.executor.result import RunResult

Prompt = Annotated[str | None, typer.Argument(help="What to say; piped standard input is put before it.", metavar="PROMPT")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("run", cls=Verb)(run)


def run(
    agent: options.Agent,
    prompt: Prompt = None,
    *,
    output_format: options.OutputFormat = "text",
    inputs: options.Input = [],  # noqa: B006 – typer reads it, nobody writes to it
    session: options.Session = None,
    resume: options.Resume = None,
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
    """Run an agent once and print its answer."""
    from runner.cli.launch import Order

    flags = options.app_options(project=project, profile=profile, store=store, model=model, provider=provider, workspace=workspace)
    log = options.log_flags(log_level, log_format, log_file, debug=debug)
    order = Order(agent, prompt, flags, tuple(inputs), session, resume, yes=yes, quiet=quiet, log=log)
    return start(order.check(), output_format)


def start(order: Order, form: str) -> int:
    """Carry an order out and return the exit code."""
    import asyncio

    from runner.cli.inputs import prompt_text
    from runner.cli.output import output
    from runner.errors import AgentRunError, UsageError

    shown = output(form, order.agent, yes=order.yes, quiet=order.quiet)
    border.last_words = border.LastWords(exits.FAILED, shown.broke)
    message = prompt_text(order.message)
    show.claim()
    try:
        result = asyncio.run(_run(order, message, shown))
    except UsageError:
        raise
    except AgentRunError as error:
        shown.refused(error)
        return exits.of(error)
    if result is None:
        return exits.INTERRUPTED
    shown.finished(result)
    return result.exit_code


async def _run(order: Order, message: str | None, shown: Output) -> RunResult | None:
    from runner import app
    from runner.cli.inputs import named_inputs
    from runner.cli.launch import compiled, log_listeners
    from runner.cli.stopping import Stopper

    agent = compiled(order)
    node = agent.graph.agents[agent.graph.agent]
    inputs = named_inputs(order.inputs, node.inputs)
    _something_to_say(order, message, agent, inputs)
    stopper = Stopper()
    shown.stop = stopper.stop
    opened = app.open_agent(agent, channel=shown, session=order.session, resume=order.resume, listeners=log_listeners(order, agent))
    with stopper.guarding():
        async with opened as live:
            shown.opened(live)
            return await stopper.finish(_answer(live, message, inputs, resuming=order.going_on))


async def _answer(live: LiveAgent, message: str | None, inputs: dict[str, object], *, resuming: bool) -> RunResult | None:
    """Finish a run that was cut off, then run the message; without a message the last result is the answer."""
    resumed = await live.resume() if resuming else None
    if message is not None or inputs or not resuming:
        return await live.run(message, inputs=inputs)
    return resumed or live.last_result()


def _something_to_say(order: Order, message: str | None, agent: Compiled, inputs: dict[str, object]) -> None:
    from runner.errors import UsageError

    node = agent.graph.agents[agent.graph.agent]
    if message is None and not inputs and node.prompt is None and not order.going_on:
        raise UsageError("there is nothing to say", hint=f'agent-run run {order.agent} "your question", or pipe it in')
