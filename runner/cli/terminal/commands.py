"""The slash commands of a chat, the same for a drawn terminal and for plain lines."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runner.cli.terminal.clean import clean_line, shorten
from runner.errors import AgentRunError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from runner.app.live import LiveAgent

    Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command: how it is written, what it does, and the function that does it."""

    name: str
    usage: str
    summary: str
    act: Callable[[LiveAgent, str, Say], Awaitable[None]]


async def run_command(line: str, live: LiveAgent, say: Say) -> bool:
    """Carry out a line that begins with `/`; True means the person leaves."""
    name, _, argument = line.strip().partition(" ")
    if name in ("/exit", "/quit"):
        return True
    command = _BY_NAME.get(name)
    if command is None:
        say(unknown(name))
        return False
    try:
        await command.act(live, argument.strip(), say)
    except AgentRunError as error:
        say(f"error: {clean_line(error.message)}")
    return False


def unknown(name: str) -> str:
    """Return what is said of a command that does not exist."""
    near = difflib.get_close_matches(name, names(), n=1)
    return f"there is no command {clean_line(name)}" + (f"; did you mean {near[0]}?" if near else "; /help lists them")


def names() -> tuple[str, ...]:
    """Return the commands, as they are typed."""
    return (*_BY_NAME, "/exit")


async def _help(live: LiveAgent, argument: str, say: Say) -> None:
    del live, argument
    rows = [(command.usage, command.summary) for command in _COMMANDS] + [("/exit", "leave; so does Ctrl-D")]
    say("\n".join(f"  {usage:<14} {summary}" for usage, summary in rows))
    say("  Ctrl-C stops the answer and not the program; a line that begins with // is sent with one /")


async def _tools(live: LiveAgent, argument: str, say: Say) -> None:
    del argument
    tools = live.tools()
    width = max((len(tool.name) for tool in tools), default=0)
    for tool in tools:
        state = "" if tool.enabled else " (off)"
        say(f"  {clean_line(tool.name):<{width}}  {tool.effect:<10}  {shorten(tool.description, 70)}{state}")
    if not tools:
        say("  this agent has no tools")


async def _clear(live: LiveAgent, argument: str, say: Say) -> None:
    del argument
    await live.clear()
    say("forgotten from here on; the stored session keeps everything")


async def _title(live: LiveAgent, argument: str, say: Say) -> None:
    if argument:
        await live.retitle(argument)
    say(f"title: {clean_line(argument or live.session.title) or '(none yet)'}")


_COMMANDS = (
    Command("/help", "/help", "show this", _help),
    Command("/tools", "/tools", "show the tools the agent has", _tools),
    Command("/clear", "/clear", "let the agent forget the conversation so far", _clear),
    Command("/title", "/title TEXT", "name this session", _title),
)
_BY_NAME = {command.name: command for command in _COMMANDS}
