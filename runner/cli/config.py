"""`agent-run config`: definitions as they hold in the end, and where each value comes from."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runner.cli import exits, options, show
from runner.cli.validate import validate
from runner.cli.verb import Group, Verb

Origins = Annotated[bool, typer.Option("--origins", help="Say the file and line of each value.")]
Form = Annotated[Literal["yaml", "json"], typer.Option("--format", help="What goes to standard output.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Show what definitions amount to.", cls=Group, no_args_is_help=True, rich_markup_mode=None)
    group.command("show", cls=Verb)(shown)
    group.command("validate", cls=Verb)(validate)
    app.add_typer(group, name="config")


def shown(
    agent: options.Agent, *, origins: Origins = False, form: Form = "yaml", project: options.Project = None, profile: options.Profile = None
) -> int:
    """Show an agent's definition as it holds in the end.

    After `extends`, profile and defaults, with the project's below it; secrets and variables stay references.
    """
    from runner.app.showing import resolved
    from runner.compiler.origins import as_json, as_yaml

    found, looked = resolved(agent, options.app_options(project=project, profile=profile))
    if looked.findings:
        show.findings(looked.findings, looked.sources)
    if not found:
        return exits.FINDINGS
    show.put((as_json if form == "json" else as_yaml)(found, origins=origins))
    return exits.DONE
