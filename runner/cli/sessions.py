"""`agent-run sessions`: list, show, export, delete and name what was said."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from runner.cli import exits, options, show
from runner.cli.terminal.clean import clean_line
from runner.cli.verb import Group, Verb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runner.app import Options
    from runner.stores import SessionInfo, Store

Id = Annotated[str, typer.Argument(help="A session's id, or an unambiguous beginning of it.", metavar="ID", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="The sessions of every project.")]
ExportFormat = Annotated[Literal["json", "markdown"], typer.Option("--format", help="Everything, or what was said.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write to this file.", metavar="FILE")]
Title = Annotated[str, typer.Argument(help="The new title.", metavar="TEXT", show_default=False)]
Sure = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    """Add the verb and its own verbs."""
    group = typer.Typer(cls=Group, help="List, show, export and delete stored sessions.", no_args_is_help=True, rich_markup_mode=None)
    for name, verb in (("list", list_), ("show", show_), ("export", export), ("delete", delete), ("title", title)):
        group.command(name, cls=Verb)(verb)
    app.add_typer(group, name="sessions")


def list_(
    *,
    everything: All = False,
    form: options.Format = "text",
    project: options.Project = None,
    profile: options.Profile = None,
    store: options.Store = None,
) -> int:
    """List the sessions of this project, the last used first."""
    from runner import app
    from runner.cli.transcript import listing

    flags = options.app_options(project=project, profile=profile, store=store)

    async def body(opened: Store) -> int:
        where = None if everything else str(app.project_root(flags))
        found = await opened.list(project=where, limit=1000)
        if form == "json":
            show.put(json.dumps([_as_data(info) for info in found], ensure_ascii=False, indent=2) + "\n")
        elif found:
            show.answer(listing(found, everything=everything))
        else:
            show.note("no sessions" if everything else f"no sessions of {where}; --all shows those of every project")
        return exits.DONE

    return _with_store(flags, body)


def show_(session: Id, *, project: options.Project = None, profile: options.Profile = None, store: options.Store = None) -> int:
    """Show what was said in a session."""
    return _export(session, "markdown", None, options.app_options(project=project, profile=profile, store=store))


def export(
    session: Id,
    *,
    form: ExportFormat = "json",
    out: Out = None,
    project: options.Project = None,
    profile: options.Profile = None,
    store: options.Store = None,
) -> int:
    """Write a session out.

    Every event as JSON, or what was said as Markdown.
    """
    return _export(session, form, out, options.app_options(project=project, profile=profile, store=store))


def delete(
    session: Id, *, yes: Sure = False, project: options.Project = None, profile: options.Profile = None, store: options.Store = None
) -> int:
    """Delete a session with everything in it."""

    async def body(opened: Store) -> int:
        info = await _found(opened, session)
        if not yes and not _confirmed(info):
            show.note("nothing was deleted")
            return exits.FAILED
        await opened.delete(info.id)
        show.note(f"deleted {info.id}")
        return exits.DONE

    return _with_store(options.app_options(project=project, profile=profile, store=store), body)


def title(
    session: Id, text: Title, *, project: options.Project = None, profile: options.Profile = None, store: options.Store = None
) -> int:
    """Name a session."""

    async def body(opened: Store) -> int:
        info = await _found(opened, session)
        await opened.retitle(info.id, " ".join(text.split()))
        return exits.DONE

    return _with_store(options.app_options(project=project, profile=profile, store=store), body)


def _export(session: str, form: str, out: Path | None, flags: Options) -> int:
    from runner.cli import transcript

    async def body(opened: Store) -> int:
        info = await _found(opened, session)
        events = await opened.load(info.id)
        text = transcript.as_json(info, events) if form == "json" else transcript.as_markdown(info, events)
        if out:
            _write(out, text)
        elif form == "json":
            show.put(text)
        else:
            show.answer(text)
        return exits.DONE

    return _with_store(flags, body)


def _with_store(flags: Options, body: Callable[[Store], Awaitable[int]]) -> int:
    import asyncio

    from runner import app

    async def opened() -> int:
        async with app.open_store(flags) as store:
            return await body(store)

    return asyncio.run(opened())


async def _found(store: Store, session: str) -> SessionInfo:
    """Return the session of an id or of its unambiguous beginning. Raises SessionNotFound or UsageError."""
    from runner.errors import SessionNotFound, UsageError

    try:
        return await store.info(session)
    except SessionNotFound:
        near = [info for info in await store.list(limit=1000) if session and info.id.startswith(session)]
        if len(near) > 1:
            raise UsageError(f"`{session}` begins the ids of {len(near)} sessions", hint="give more of it") from None
        if not near:
            raise
        return near[0]


def _confirmed(info: SessionInfo) -> bool:
    from runner.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("nobody is there to confirm the deletion", hint="--yes deletes without asking")
    sys.stderr.write(f"delete `{clean_line(info.title or info.id)}` with {info.runs} runs? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(path: Path, text: str) -> None:
    from runner.errors import UsageError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write `{path}`: {error.strerror}") from None


def _as_data(info: SessionInfo) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(info)
