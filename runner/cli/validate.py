"""`agent-run validate`: check definitions without a key, the network or anybody's code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli import border, exits, options, show
from runner.cli.verb import Verb

if TYPE_CHECKING:
    from runner.app import Validation

Paths = Annotated[list[Path] | None, typer.Argument(help="Files and folders; this folder when none is given.", metavar="PATHS")]
Strict = Annotated[bool, typer.Option("--strict", help="Let warnings fail the check too.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("validate", cls=Verb)(validate)


def validate(
    paths: Paths = None,
    form: options.Format = "text",
    strict: Strict = False,
    project: options.Project = None,
    profile: options.Profile = None,
) -> int:
    """Check definitions.

    Every finding of every file, in one pass; no key, no network, none of your code is imported.
    """
    border.last_words = border.LastWords(code=exits.VALIDATE_BUG)
    from runner import app

    validation = app.validate(paths or [Path()], options.app_options(project=project, profile=profile))
    show.put(_report(validation, form))
    if form == "text":
        _needs(validation)
    return exits.FINDINGS if _fails(validation, strict=strict) else exits.DONE


def _report(validation: Validation, form: str) -> str:
    if form == "json":
        from runner.compiler.report import json

        return json.render(validation.findings, files=validation.files)
    from runner.compiler.report import text

    return text.render(validation.findings, files=validation.files, sources=validation.sources)


def _fails(validation: Validation, *, strict: bool) -> bool:
    return any(strict or finding.severity == "error" for finding in validation.findings)


def _needs(validation: Validation) -> None:
    """Say on standard error what a run will want; no value is ever read."""
    if validation.needs_env:
        show.note(f"note: a run needs these environment variables: {', '.join(validation.needs_env)}")
    if validation.needs_secrets:
        show.note(f"note: a run needs these secrets: {', '.join(validation.needs_secrets)}")
