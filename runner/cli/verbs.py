"""The table of verbs. Each file registers its own command here; bodies import what they need when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from runner import __version__
from runner.cli import chat, config, doctor, exits, explain, graph, run, schema, sessions, show, tools, validate
from runner.cli.verb import Group
from runner.errors import AgentRunError

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERBS = (chat, run, validate, explain, graph, config, tools, sessions, doctor, schema)


def application() -> typer.Typer:
    """Return the typer application with every verb."""
    app = typer.Typer(
        help="Run AI agents that are written as YAML.",
        epilog="Start with: agent-run chat",
        cls=Group,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
        no_args_is_help=True,
    )
    app.callback()(_root)
    for verb in _VERBS:
        verb.register(app)
    return app


def execute(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Errors we can name are shown here."""
    command = typer.main.get_command(application())
    try:
        with command.make_context("agent-run", list(arguments)) as context:
            code = command.invoke(context)
    except typer.Exit as left:
        return left.exit_code
    except TyperException as wrong:
        return _usage(wrong)
    except AgentRunError as wrong:
        show.error(wrong)
        return exits.of(wrong)
    return code if isinstance(code, int) else exits.DONE


def _usage(wrong: TyperException) -> int:
    context = getattr(wrong, "ctx", None)
    message = wrong.format_message()
    if message.startswith("Usage: "):
        show.note(message)
        return exits.USAGE
    path = context.command_path if context else "agent-run"
    hint = f"`{path} --help` shows what fits"
    if "extra argument" in message:
        hint = f"quote words that belong together; {hint}"
    message = message.rstrip(".").replace("'", "`").replace(". Did you", "; did you").replace("argument(s)", "argument")
    show.problem(message[:1].lower() + message[1:], hint=hint)
    return exits.USAGE


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"agent-run {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.", is_eager=True, callback=_version)] = False,
) -> None:
    """Run AI agents that are written as YAML."""
    del version
