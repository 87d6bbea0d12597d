"""The options that several verbs share, as annotated types, and what they amount to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.app import Options

Agent = Annotated[str, typer.Argument(help="A YAML file, or the name of an agent.", metavar="AGENT", show_default=False)]
Project = Annotated[Path | None, typer.Option("--project", help="The project's folder, instead of the nearest one.", metavar="DIR")]
Profile = Annotated[str | None, typer.Option("--profile", help="A profile of the project file.", metavar="NAME")]
Store = Annotated[
    str | None, typer.Option("--store", help="Where sessions are kept: sqlite, a path, memory or mongodb://….", metavar="STORE")
]
Workspace = Annotated[Path | None, typer.Option("--workspace", help="The folder tools work in, instead of this one.", metavar="DIR")]
Model = Annotated[
    str | None, typer.Option("-m", "--model", help="Another model: PROVIDER/ID, or an id of the agent's provider.", metavar="MODEL")
]
Provider = Annotated[str | None, typer.Option("-p", "--provider", help="Another provider for the same model.", metavar="NAME")]
Input = Annotated[
    list[str], typer.Option("--input", help="A named input; @FILE reads the value from a file. Repeatable.", metavar="NAME=VALUE")
]
Session = Annotated[str | None, typer.Option("-s", "--session", help="Start or go on with the session of that id.", metavar="ID")]
Resume = Annotated[str | None, typer.Option("--resume", help="Go on with an existing session.", metavar="ID")]
Continue = Annotated[bool, typer.Option("--continue", "-c", help="Go on with this project's last session.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Allow every tool call that would ask. Denied ones stay denied.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only the answer and errors.")]
OutputFormat = Annotated[Literal["text", "json", "stream-json"], typer.Option("--output-format", help="What goes to standard output.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="What goes to standard output.")]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"] | None,
    typer.Option("--log-level", help="Log to standard error from this level on."),
]
LogFormat = Annotated[Literal["console", "json"] | None, typer.Option("--log-format", help="Lines for people or for machines.")]
LogFile = Annotated[Path | None, typer.Option("--log-file", help="Log to a file instead.", metavar="FILE")]
Debug = Annotated[bool, typer.Option("--debug", help="Log everything, and show the traceback of a bug.")]


def app_options(
    *,
    project: Path | None = None,
    profile: str | None = None,
    store: str | None = None,
    model: str | None = None,
    provider: str | None = None,
    workspace: Path | None = None,
) -> Options:
    """Return what the flags say, checked: folders exist. Raises UsageError."""
    from runner.app import Options

    return Options(
        project=_folder(project, "--project"),
        profile=profile,
        store=store,
        model=model,
        provider=provider,
        workspace=(_folder(workspace, "--workspace") or Path.cwd()).absolute(),
    )


def log_flags(level: str | None, form: str | None, file: Path | None, *, debug: bool) -> Mapping[str, Any]:
    """Return the log flags that were given, by the words of the project's `log:` map."""
    given = {"level": level, "format": form, "file": file, "debug": debug}
    return {name: value for name, value in given.items() if value}


def _folder(path: Path | None, flag: str) -> Path | None:
    from runner.errors import UsageError

    if path is not None and not path.is_dir():
        raise UsageError(f"{flag}: there is no folder `{path}`")
    return path
