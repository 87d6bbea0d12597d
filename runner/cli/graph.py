"""`agent-run graph`: the picture of what an agent reaches."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runner.cli import exits, options, show
from runner.cli.verb import Verb

Form = Annotated[Literal["mermaid", "dot", "json", "svg"], typer.Option("--format", help="What goes to standard output.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("graph", cls=Verb)(graph)


def graph(agent: options.Agent, *, form: Form = "mermaid", project: options.Project = None, profile: options.Profile = None) -> int:
    """Draw what an agent reaches.

    Agents, tools, providers and the steps of flows; no key, no network, and the agent need not be able to run.
    """
    from runner.app.showing import picture
    from runner.compiler.drawing import render

    drawn, looked = picture(agent, options.app_options(project=project, profile=profile))
    if looked.findings:
        show.findings(looked.findings, looked.sources)
    if drawn is None:
        return exits.FINDINGS
    show.put(render(drawn, form))
    return exits.DONE
