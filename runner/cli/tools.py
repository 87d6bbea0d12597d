"""`agent-run tools`: list, show and call tools, without a model."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runner.cli import border, exits, options, show
from runner.cli.verb import Group, Verb

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from runner.app import Compiled, Options
    from runner.app.calling import Called
    from runner.app.tools import OpenTools
    from runner.cli.tool_call import Typed

Name = Annotated[str, typer.Argument(help="A tool, or one of a toolset: toolset.member.", metavar="NAME", show_default=False)]
OfAgent = Annotated[
    str | None, typer.Option("--agent", help="As this agent has it: narrowed, under its policy, defined in place.", metavar="AGENT")
]
Args = Annotated[
    str | None, typer.Option("--args", help="The arguments as one JSON object; @FILE reads a file, - standard input.", metavar="JSON")
]
Arg = Annotated[list[str], typer.Option("--arg", help="One argument; @FILE reads the value from a file. Repeatable.", metavar="NAME=VALUE")]
Out = Annotated[Path | None, typer.Option("--out", help="Write what the tool gives to this file.", metavar="FILE")]


def register(app: typer.Typer) -> None:
    """Add the verb and its own verbs."""
    group = typer.Typer(cls=Group, help="List, show and call tools, without a model.", no_args_is_help=True, rich_markup_mode=None)
    for name, verb in (("list", list_), ("show", show_), ("call", call)):
        group.command(name, cls=Verb)(verb)
    app.add_typer(group, name="tools")


def list_(
    *,
    agent: OfAgent = None,
    form: options.Format = "text",
    quiet: options.Quiet = False,
    project: options.Project = None,
    profile: options.Profile = None,
    workspace: options.Workspace = None,
) -> int:
    """List the tools that are defined here.

    With --agent it connects and lists what that agent can call.
    """
    flags = options.app_options(project=project, profile=profile, workspace=workspace)
    return _run(_live(agent, flags, form, quiet=quiet)) if agent else _defined(flags, form)


def show_(
    name: Name,
    *,
    agent: OfAgent = None,
    form: options.Format = "text",
    quiet: options.Quiet = False,
    project: options.Project = None,
    profile: options.Profile = None,
    workspace: options.Workspace = None,
) -> int:
    """Show a tool: what it does and what it takes.

    It connects, so that the inputs are those of now.
    """
    flags = options.app_options(project=project, profile=profile, workspace=workspace)
    return _run(_shown(name, _compiled(name, agent, flags, quiet=quiet), form, quiet=quiet))


def call(
    name: Name,
    *,
    args: Args = None,
    arg: Arg = [],  # noqa: B006 – typer reads it, nobody writes to it
    out: Out = None,
    agent: OfAgent = None,
    form: options.Format = "text",
    quiet: options.Quiet = False,
    project: options.Project = None,
    profile: options.Profile = None,
    workspace: options.Workspace = None,
    debug: options.Debug = False,
) -> int:
    """Call one tool without a model.

    The same checks and policy as in a run: what would ask counts as answered, what is denied stays denied.
    """
    del debug
    from runner.cli.tool_call import carry_out, given, refused

    border.last_words = border.LastWords(exits.FAILED, None if form == "text" else refused)
    flags = options.app_options(project=project, profile=profile, workspace=workspace)
    typed = given(args, arg)
    return carry_out(form, lambda: _run(_called(name, _compiled(name, agent, flags, quiet=quiet), typed, quiet=quiet)), out)


def _defined(flags: Options, form: str) -> int:
    from runner.app import tools
    from runner.cli import tool_lines

    found, errors = tools.definitions(flags)
    if form == "json":
        _put_json([asdict(tool) for tool in found])
    elif found:
        show.answer(tool_lines.definitions(found))
    if errors:
        show.note(f"warning: {errors} error{'s' if errors > 1 else ''} in definitions may hide tools; `agent-run validate` shows them")
    return exits.DONE


async def _live(agent: str, flags: Options, form: str, *, quiet: bool) -> int:
    from runner.app import tools
    from runner.cli import tool_lines

    async with tools.open_tools(_compiled(None, agent, flags, quiet=quiet)) as opened:
        found = tools.live(opened)
        if form == "json":
            _put_json([_without_schema(tool) for tool in found])
        elif found:
            show.answer(tool_lines.live(found))
        return _failures(opened, quiet=quiet)


async def _shown(name: str, compiled: Compiled, form: str, *, quiet: bool) -> int:
    from runner.app import tools
    from runner.cli import tool_lines

    toolset = name.partition(".")[0]
    async with tools.open_tools(compiled, toolset) as opened:
        found = [tool for tool in tools.live(opened) if toolset in (tool.name, tool.name.partition(".")[0])]
        if "." in name or not (found or opened.failures or toolset in compiled.graph.toolsets):
            wanted = opened.find(name).name
            found = [tool for tool in found if tool.name == wanted]
        data = _definition(compiled, toolset)
        if form == "json":
            _put_json({**data, "members": [asdict(tool) for tool in found]})
        else:
            facts = [f"{key} {data[key]}" for key in ("effect", "approve", "timeout") if data[key] is not None]
            facts += [f"bound {', '.join(data['with'])}"] if data["with"] else []
            head = tool_lines.definition(toolset, data["type"], data["source"], data["description"], facts)
            show.answer("\n\n".join([head, *(tool_lines.member(tool, data["description"]) for tool in found)]))
        return _failures(opened, quiet=quiet)


async def _called(name: str, compiled: Compiled, typed: Typed, *, quiet: bool) -> Called:
    from runner.app import calling, tools
    from runner.app.arguments import arguments

    async with tools.open_tools(compiled, name.partition(".")[0]) as opened:
        tool = opened.find(name)
        for warning in () if quiet else opened.warnings():
            show.note(f"warning: {warning}")
        whole, pairs = typed
        values = arguments(tool.name, whole, pairs, tool.definition.input_schema)
        return await calling.call(opened, tool, values, lambda line: None if quiet else show.note(f"note: {line}"))


def _compiled(name: str | None, agent: str | None, flags: Options, *, quiet: bool) -> Compiled:
    """Return the agent, or without one the definition of a tool, and show what there is to warn of."""
    from runner import app
    from runner.app import tools

    made = app.compile_agent(agent, flags) if agent else tools.compile_tool((name or "").partition(".")[0], flags)
    if made.warnings and not quiet:
        show.findings(made.warnings, made.sources)
    return made


def _failures(opened: OpenTools, *, quiet: bool) -> int:
    """Tell why toolsets could not be opened, and return the exit code of the worst."""
    for warning in () if quiet else opened.warnings():
        show.note(f"warning: {warning}")
    for error in opened.failures.values():
        show.error(error)
    return max((exits.of(error) for error in opened.failures.values()), default=exits.DONE)


def _definition(compiled: Compiled, toolset: str) -> dict[str, Any]:
    node = compiled.graph.toolsets[toolset]
    return {
        "name": node.name,
        "type": node.type,
        "description": node.description,
        "effect": node.effect,
        "approve": node.approve,
        "timeout": None if node.timeout is None else f"{node.timeout:g}s",
        "with": sorted(node.bound),
        "source": node.source,
    }


def _without_schema(tool: Any) -> dict[str, Any]:
    return {key: value for key, value in asdict(tool).items() if key != "input_schema"}


def _put_json(data: Any) -> None:
    show.put(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    return asyncio.run(work)
