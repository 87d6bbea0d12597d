"""The tool type `mcp`: the tools of a server that speaks the Model Context Protocol, over stdio, streamable HTTP or SSE, are the members.

A server is started or reached when the toolset is opened and belongs to the process from then on. One that ends is started again by
the next call, once; if that fails too, calls are refused at once for a while that doubles. Knows nothing of approval or timeouts.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import Field

from runner.errors import AgentRunError, ConfigError, ToolError, UnavailableError
from runner.spec.base import Spec, ToolSettings
from runner.spec.words import Sandbox, Text
from runner.tools import _mcp_listing as listing
from runner.tools import _mcp_results as results
from runner.tools._mcp_client import Connection, Failed
from runner.tools._mcp_wire import Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.graph import ToolsetNode
    from runner.tools import CallContext, Member, ToolOutput, ToolsetContext

PATIENCE = 30.0
"""Seconds a server has to start and to list its tools."""

_LONGEST_PAUSE = 60.0


NOT_YET = ("sandbox", "oauth")


class OAuth(Spec):
    """How a server that asks for a sign-in gets one; what it leaves out is asked of the server."""

    client_id: Text | None = Field(default=None, description="The name that the server knows us by.", examples=["agent-run"])
    client_secret: str | None = Field(default=None, description="What proves it.", examples=["${secret:MCP_CLIENT_SECRET}"])
    scopes: list[Text] | None = Field(default=None, description="What we ask to be allowed.", examples=[["tickets:read"]])


class Settings(ToolSettings):
    """The keys of an `mcp` tool: `command` for a server that is started, or `url` for one that is reached."""

    command: list[str] | None = Field(
        default=None,
        min_length=1,
        description="The program that is the server, and its arguments; it runs in the workspace.",
        examples=[["npx", "-y", "@modelcontextprotocol/server-github"]],
    )
    env: dict[str, str] | None = Field(
        default=None,
        description="Environment variables for the server, beside HOME, LOGNAME, PATH, SHELL, TERM and USER; it gets no others.",
        examples=[{"GITHUB_TOKEN": "${secret:GITHUB_TOKEN}"}],
    )
    url: str | None = Field(default=None, description="Where a running server is.", examples=["https://mcp.example.com/mcp"])
    headers: dict[str, str] | None = Field(
        default=None, description="Headers of every request.", examples=[{"Authorization": "Bearer ${secret:MCP_TOKEN}"}]
    )
    transport: Literal["streamable-http", "sse"] | None = Field(
        default=None, description="How a `url` is spoken to: `streamable-http` unless said; `sse` for older servers.", examples=["sse"]
    )
    only: list[str] | None = Field(
        default=None, description="Patterns of the tools to take; an empty list is none, no list is all.", examples=[["get_*", "list_*"]]
    )
    except_: list[str] | None = Field(default=None, alias="except", description="Patterns of the tools to leave.", examples=[["delete_*"]])
    required: bool = Field(
        default=True, description="Whether a run stops when the server fails; if not, it goes on without its tools.", examples=[False]
    )
    sandbox: Sandbox | None = Field(
        default=None,
        description="What shuts the server's program in: `auto` takes the best there is; nothing unless said.",
        examples=["auto"],
    )
    oauth: OAuth | None = Field(
        default=None, description="Sign in to the server at `url` with OAuth.", examples=[{"scopes": ["tickets:read"]}]
    )


def open(node: ToolsetNode, settings: Settings, context: ToolsetContext) -> McpToolset:  # noqa: A001 – the contract's word
    """Return the toolset of a node; the server is started by `Toolset.open`."""
    return McpToolset(node, settings, context)


class McpToolset:
    """A server as a toolset. `warnings` are lines for a person, complete after `open`."""

    def __init__(self, node: ToolsetNode, settings: Settings, context: ToolsetContext, *, patience: float = PATIENCE) -> None:
        self._node = node
        self._settings = settings
        self._context = context
        self._patience = patience
        self._connection: Connection | None = None
        self._members: tuple[Member, ...] = ()
        self._bound: Mapping[str, Any] = {}
        self._taken: dict[str, tuple[str, ...]] = {}
        self._lock = asyncio.Lock()
        self._closed = False
        self._pause = 0.0
        self._not_before = 0.0
        self.warnings: tuple[str, ...] = ()

    async def open(self) -> None:
        """Start or reach the server and list its tools.

        Raises ConfigError for settings that name no server, and UnavailableError or SecretError when the server is required and fails;
        a server that is not required leaves no members and a warning.
        """
        self._check()
        try:
            self._bound = self._context.resolve(dict(self._node.bound))
            connection = await self._started()
        except ConfigError:
            raise
        except AgentRunError as error:
            if self._settings.required:
                raise
            self.warnings = (f"{error.message}; going on without its tools" + (f" (hint: {error.hint})" if error.hint else ""),)
            return
        self._take(connection)

    def members(self) -> tuple[Member, ...]:
        """Return the server's tools that `only` and `except` leave."""
        return self._members

    async def call(self, member: str, arguments: Mapping[str, Any], context: CallContext) -> ToolOutput:
        """Call a tool of the server. Raises ToolError with its words, or with what became of it."""
        if member not in self._taken:
            raise ToolError(f"`{self._node.name}` has no tool `{member}`")
        filled = {**arguments, **{name: self._bound[name] for name in self._taken[member]}}
        connection = await self._alive()
        try:
            result = await connection.call(member, filled, context.progress)
        except Failed as error:
            raise ToolError(f"`{self._node.name}.{member}`: {error.message}") from error
        self._pause = 0.0
        return await results.output(result, member, context)

    async def close(self) -> None:
        """Leave the server; a process of ours and all that it started are gone afterwards. May be called twice."""
        self._closed = True
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.stop()

    def _check(self) -> None:
        settings, node = self._settings, self._node
        if (settings.command is None) == (settings.url is None):
            raise self._config_error("an mcp tool has either `command` or `url`")
        wrong = ("url", "headers", "transport") if settings.command else ("env",)
        for key in wrong:
            if getattr(settings, key) is not None:
                raise self._config_error(f"`{key}` does not go with `{'command' if settings.command else 'url'}`")
        if node.inputs is not None:
            raise self._config_error("an mcp tool brings its own `inputs`", "leave the key out")

    def _take(self, connection: Connection) -> None:
        left_out = connection.left_out
        found = listing.members(self._node.name, connection.tools, left_out)
        wanted = listing.narrowed(found, self._settings.only, self._settings.except_ or ())
        self._taken = {member.name: tuple(name for name in self._bound if name in _properties(member)) for member in wanted}
        self._members = tuple(listing.bound(member, self._taken[member.name]) for member in wanted)
        self.warnings = tuple(f"MCP server `{self._node.name}`: {line}" for line in left_out)

    async def _alive(self) -> Connection:
        """Return a connection that lives, a new one when the last has ended. Raises ToolError when there is none to be had now."""
        async with self._lock:
            if self._closed:
                raise ToolError(f"`{self._node.name}` is closed")
            if self._connection is not None and not self._connection.ended:
                return self._connection
            wait = self._not_before - time.monotonic()
            if wait > 0:
                raise ToolError(f"the server of `{self._node.name}` has ended again; it is started again in {wait:.0f} s at the earliest")
            self._pause = min(_LONGEST_PAUSE, self._pause * 2 or 1.0)
            self._not_before = time.monotonic() + self._pause
            try:
                return await self._started()
            except AgentRunError as error:
                raise ToolError(error.message) from error

    async def _started(self) -> Connection:
        connection = Connection(self._target(), self._patience)
        try:
            await connection.start()
        except UnavailableError as error:
            raise UnavailableError(f"MCP server `{self._node.name}` did not start: {error.message}", hint=error.hint) from error
        if self._closed:
            await connection.stop()
            raise ToolError(f"`{self._node.name}` is closed")
        self._connection = connection
        return connection

    def _target(self) -> Target:
        settings = self._settings
        if settings.command is not None:
            command, env = self._filled(settings.command), self._filled(settings.env or {})
            return Target(command=tuple(command), env=env, workspace=self._context.workspace)
        return Target(url=self._filled([settings.url])[0], headers=self._filled(settings.headers or {}), sse=settings.transport == "sse")

    def _filled(self, value: Any) -> Any:
        """Return a list or map of texts with its references filled in."""
        found = self._context.resolve(value)
        if isinstance(found, dict):
            return {name: str(text) for name, text in cast("dict[str, Any]", found).items()}
        return [str(text) for text in found]

    def _config_error(self, message: str, hint: str | None = None) -> ConfigError:
        where = f"{self._node.source}: " if self._node.source else ""
        return ConfigError(f"{where}tool `{self._node.name}`: {message}", hint=hint)


def _properties(member: Member) -> Mapping[str, Any]:
    return member.input_schema.get("properties", {})
