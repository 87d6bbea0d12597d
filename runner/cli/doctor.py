"""`agent-run doctor`: is everything here that agent-run and this project need?"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli import exits, options, show
from runner.cli.verb import Verb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.app.health import Check

Json = Annotated[bool, typer.Option("--json", help="A list of {check, status, detail, mend} on standard output.")]
Timeout = Annotated[
    int | None, typer.Option("--timeout", help="How many seconds an MCP server may take to come up.", metavar="SECONDS", min=1)
]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("doctor", cls=Verb)(doctor)


def doctor(
    *,
    as_json: Json = False,
    timeout: Timeout = None,
    project: options.Project = None,
    profile: options.Profile = None,
    store: options.Store = None,
    workspace: options.Workspace = None,
) -> int:
    """Check what agent-run and this project need.

    Python and packages, the project, keys by name, MCP servers, store, terminal: each line says how to mend it.
    """
    import asyncio

    from runner.app import health

    flags = options.app_options(project=project, profile=profile, store=store, workspace=workspace)
    checks = (*asyncio.run(health.examine(flags, patience=timeout or health.PATIENCE)), terminal())
    if as_json:
        show.put(json.dumps([asdict(check) for check in checks], ensure_ascii=False, indent=2) + "\n")
    else:
        show.answer(report(checks))
    return exits.FAILED if any(check.status == "fail" for check in checks) else exits.DONE


def report(checks: Sequence[Check]) -> str:
    """Return one line per check, what to do below it, and a last line that sums them up."""
    from runner.cli.terminal.clean import clean_line

    width = min(max(len(check.check) for check in checks), 32)
    lines: list[str] = []
    for check in checks:
        lines.append(f"{check.status:<4}  {clean_line(check.check):<{width}}  {clean_line(check.detail)}")
        if check.mend:
            lines.append(f"      {'':<{width}}  → {clean_line(check.mend)}")
    failed = sum(check.status == "fail" for check in checks)
    warned = sum(check.status == "warn" for check in checks)
    return "\n".join([*lines, f"{len(checks)} checks: {failed} failed, {warned} with a warning"])


def terminal() -> Check:
    """Return what this terminal can show: size, colours, letters."""
    from rich.console import Console

    from runner.app.health import Check

    encoding = (sys.stdout.encoding or "ascii").lower()
    letters = "" if encoding.startswith("utf") else "; letters it lacks become `?`"
    mend = "set LANG=C.UTF-8" if letters else ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return Check("terminal", "warn" if letters else "ok", f"not a terminal: plain lines, {encoding}{letters}", mend)
    kind = os.environ.get("TERM", "")
    console, size = Console(), shutil.get_terminal_size()
    colours = "no colours" if console.no_color or not console.color_system else f"{console.color_system} colours"
    detail = f"{size.columns}×{size.lines}, {colours}, {encoding}, TERM={kind or 'not set'}{letters}"
    if kind in ("", "dumb"):
        return Check("terminal", "warn", f"{detail}: plain lines", mend or "set TERM, for example xterm-256color")
    return Check("terminal", "warn" if letters else "ok", detail, mend)
