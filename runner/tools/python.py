"""The tool type `python`: a function, or a class whose public methods are the members and whose constructor takes `with`.

Schemas are read from source (`describe`, `problems`); the module is imported only when a run opens the tool. Sync functions run in a
thread of their own, async ones are awaited. Knows how a call's result becomes parts; knows nothing of approval, timeouts or cutting.
"""

from __future__ import annotations

import inspect
import logging
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from runner.diagnostics import Diagnostic, Rule, Span
from runner.errors import ConfigError, ToolError
from runner.messages import TextPart
from runner.redact import redact
from runner.spec.base import ToolSettings
from runner.tools import Member, ToolOutput
from runner.tools._python_calls import fit, hints_of, in_thread, run, to_json
from runner.tools._python_load import load
from runner.tools._python_members import CLOSERS, Description, SourceMember, describe, problems
from runner.tools._python_source import split_call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from runner.graph import ToolsetNode
    from runner.tools import CallContext, ToolsetContext
    from runner.tools._python_source import Problem

__all__ = ["Description", "PythonToolset", "Settings", "SourceMember", "describe", "open", "problems"]

EFFECT = "write"

PYTHON_CALL = Rule("python-call", "error", "what `call` names cannot be used as a tool")

_MAGIC = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"), (b"%PDF", "application/pdf"))


class Settings(ToolSettings):
    """The keys of a `python` tool."""

    call: str = Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$",
        description="`module:Name` of a function, or of a class whose public methods are the members. "
        "The module's root is in the project's `python:` list.",
        examples=["shop.tools:lookup_order"],
    )


def open(node: ToolsetNode, settings: Settings, context: ToolsetContext) -> PythonToolset:  # noqa: A001 – the contract's word
    """Return the toolset of a node; nothing is imported before `Toolset.open`."""
    return PythonToolset(node, settings.call, context)


class PythonToolset:
    """A user's function or object as a toolset."""

    def __init__(self, node: ToolsetNode, call: str, context: ToolsetContext) -> None:
        self._node = node
        self._call = call
        self._context = context
        self._sources: dict[str, SourceMember] = {}
        self._functions: dict[str, Callable[..., Any]] = {}
        self._bound: Mapping[str, Any] = {}
        self._instance: Any = None

    async def open(self) -> None:
        """Read the source, import the module and make the object. Raises ConfigError with every problem and its place."""
        node = self._node
        roots = [str(Path(node.root, root)) for root in self._context.python_roots]
        inputs = None if node.inputs is None else tuple(node.inputs.get("properties", ()))
        found = describe(self._call, roots, bound=tuple(node.bound), inputs=inputs)
        if found.problems or found.module is None:
            raise self._invalid(found)
        self._bound = self._context.resolve(dict(node.bound))
        target = load(found.module, split_call(self._call)[1])
        if found.is_class:
            self._instance = target = await self._made(target)
            self._bound = {}
        self._sources = {source.name: source for source in found.members}
        self._functions = {source.name: getattr(target, source.name) if source.name else target for source in found.members}

    @property
    def warnings(self) -> tuple[str, ...]:
        """None: a Python tool works or its opening fails."""
        return ()

    def members(self) -> tuple[Member, ...]:
        """Return the function as the member "", or the public methods."""
        return tuple(self._member(source) for source in self._sources.values())

    async def call(self, member: str, arguments: Mapping[str, Any], context: CallContext) -> ToolOutput:
        """Call a function. Whatever it raises is a ToolError of type and message."""
        function = self._functions.get(member)
        if function is None:
            raise ToolError(f"`{self._node.name}` is not open or has no member `{member}`")
        try:
            filled = self._filled(function, self._sources[member], arguments, context)
            result = await run(function, filled, lambda: self._abandoned(member, context))
            return await _output(result, self._node.name, context)
        except ToolError as error:
            raise ToolError(redact(error.message), hint=error.hint) from error

    async def close(self) -> None:
        """Call the object's `aclose` or `close`, if it has one. May be called twice."""
        instance, self._instance = self._instance, None
        self._functions = {}
        closer = next((item for name in CLOSERS if callable(item := getattr(instance, name, None))), None)
        if closer is None:
            return
        try:
            await run(closer, {}, lambda: None)
        except ToolError as error:
            logging.getLogger(__name__).warning("closing `%s` failed: %s", self._node.name, redact(error.message))

    def _member(self, source: SourceMember) -> Member:
        node = self._node
        own = node.description if node.description and not source.name else source.description
        return Member(source.name, own, source.input_schema if node.inputs is None else node.inputs)

    def _filled(
        self, function: Callable[..., Any], source: SourceMember, arguments: Mapping[str, Any], context: CallContext
    ) -> dict[str, Any]:
        hints = hints_of(function)
        filled = {name: fit(hints.get(name), value) for name, value in {**arguments, **self._bound}.items()}
        return filled | ({source.context: context} if source.context else {})

    async def _made(self, target: Any) -> Any:
        try:
            return await in_thread(lambda: target(**self._bound), lambda: None)
        except ToolError as error:
            raise self._config_error(f"making `{self._call}` fails: {redact(error.message)}") from error

    def _abandoned(self, member: str, context: CallContext) -> None:
        """Say that a thread goes on: Python cannot stop it, so its effects may still come."""
        if not inspect.iscoroutinefunction(self._functions.get(member)):
            name = f"{self._node.name}.{member}" if member else self._node.name
            context.progress(f"`{name}` cannot be stopped: it goes on in the background and its result is dropped", None, None)

    def _invalid(self, found: Description) -> ConfigError:
        findings = tuple(Diagnostic(PYTHON_CALL, self._span(item), item.message, item.hint) for item in found.problems)
        first = found.problems[0]
        more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
        return self._config_error(first.text() + more, first.hint, findings)

    def _span(self, problem: Problem) -> Span:
        """Return the line of a problem: in the Python file, or where the tool is defined when no file is to blame."""
        file, _, line = self._node.source.rpartition(":")
        return Span(problem.file, problem.line, 1, problem.line) if problem.file else Span(file, int(line or 1), 1, int(line or 1))

    def _config_error(self, message: str, hint: str | None = None, findings: tuple[Diagnostic, ...] = ()) -> ConfigError:
        where = f"{self._node.source}: " if self._node.source else ""
        return ConfigError(f"{where}tool `{self._node.name}`: {message}", diagnostics=findings, hint=hint)


async def _output(result: Any, name: str, context: CallContext) -> ToolOutput:
    """Return a function's result, JSON data or bytes, as the model reads it: words as they are, bytes as a file, other data as JSON."""
    if result is None:
        return ToolOutput((TextPart("done"),))
    if isinstance(result, str):
        return ToolOutput((TextPart(result),))
    if isinstance(result, bytes):
        return await _file(result, name, context)
    return ToolOutput((TextPart(to_json(result)),), data=result)


async def _file(raw: bytes, name: str, context: CallContext) -> ToolOutput:
    if context.put_blob is None:
        raise ToolError("the function returned bytes, and there is nowhere to keep a file")
    media_type = next((kind for magic, kind in _MAGIC if raw.startswith(magic)), "application/octet-stream")
    suffix = mimetypes.guess_extension(media_type) or ".bin"
    part = await context.put_blob(raw, media_type, name + suffix)
    return ToolOutput((TextPart(f"a file: {part.name} ({part.media_type}, {len(raw)} bytes)"), part))
