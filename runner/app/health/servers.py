"""Servers: the project's MCP servers, started together to see whether they come up, and model servers that run on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from runner.app.health.check import Check
from runner.app.health.keys import dotenv
from runner.app.places import data_dir
from runner.errors import AgentRunError, ConfigError
from runner.executor.opening import OpenGraph, open_graph
from runner.graph import Graph, ModelRef
from runner.redact import redact
from runner.secrets import Secrets
from runner.tools import ToolsetContext

if TYPE_CHECKING:
    from runner.app import Options
    from runner.compiler.survey import Survey
    from runner.graph import ProviderNode, ToolsetNode

REACHED_WITHIN = 0.3
"""Seconds in which a server on this machine takes a connection, or is not there."""

_LISTS_WITHIN = 2.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Local:
    """The model servers that run on this machine, by the provider's name, and the line about them."""

    found: tuple[str, ...]
    check: Check


async def started(found: Survey, options: Options, patience: float) -> tuple[Check, ...]:
    """Start the MCP servers of a project, all at once, and return how each came up; none is left running."""
    return tuple(await asyncio.gather(*(_started(node, found, options, patience) for node in found.servers)))


async def _started(node: ToolsetNode, found: Survey, options: Options, patience: float) -> Check:
    name = f"MCP {node.name}"
    needed = node.name in found.reached and node.settings.get("required") is not False
    # A server that may fail says so in a warning; here it is asked to fail aloud.
    aloud = dataclasses.replace(node, settings={**node.settings, "required": True})
    graph = _graph(found, toolsets={node.name: aloud})
    roots = tuple(str(found.root / folder) for folder in found.python)
    context = ToolsetContext(str(options.workspace), str(data_dir()), (str(found.root), *roots), found.network_allow)
    began = time.monotonic()
    try:
        async with asyncio.timeout(patience):
            opened = await open_graph(graph, Secrets(dotenv(found)), context, _no_blob)
    except TimeoutError:
        return Check(
            name,
            "fail" if needed else "warn",
            f"no answer within {patience:g} s",
            f"`agent-run tools show {node.name}` waits longer and says more",
        )
    except AgentRunError as error:
        mend = error.hint or f"see its definition in {node.source}"
        return Check(name, "fail" if needed or isinstance(error, ConfigError) else "warn", redact(error.message), redact(mend))
    milliseconds = int((time.monotonic() - began) * 1000)
    try:
        count = len(opened.toolsets[node.name].members())
        detail = f"ready in {milliseconds} ms, {count} tool{'' if count == 1 else 's'} ({node.source})"
        trouble = opened.new_warnings()
    finally:
        await opened.close()
    if trouble:
        return Check(name, "warn", f"{detail}; {'; '.join(trouble)}", f"leave them out with `except` in {node.source}")
    return Check(name, "ok", detail)


async def local(found: Survey) -> Local:
    """Return the model servers on this machine that the project or the catalog knows."""
    places = [(node, place) for node in found.providers if (place := _place(node))]
    there = await asyncio.gather(*(_listens(*place) for _, place in places))
    opened = OpenGraph(_graph(found, providers={node.name: node for node in found.providers}), Secrets(dotenv(found)), _no_blob)
    try:
        lines = await asyncio.gather(
            *(_models(opened, node, place) for (node, place), is_there in zip(places, there, strict=True) if is_there)
        )
    finally:
        await opened.close()
    named = tuple(name for name, models, _ in lines if models)
    if lines:
        return Local(named, Check("local models", "ok", "; ".join(line for _, _, line in lines)))
    looked = ", ".join(node.name for node, _ in places)
    return Local((), Check("local models", "ok", f"none of {looked} runs here" if looked else "none is defined"))


async def _models(opened: OpenGraph, node: ProviderNode, place: tuple[str, int]) -> tuple[str, tuple[str, ...], str]:
    where = f"{node.name} at {place[0]}:{place[1]}"
    models: tuple[str, ...] = ()
    with contextlib.suppress(AgentRunError, TimeoutError, OSError):
        provider: Any = (await opened.model(ModelRef(node.name, node.auto or "any"), {})).provider
        if hasattr(provider, "warm"):
            await provider.warm()  # loading an SDK is not the server's time
        async with asyncio.timeout(_LISTS_WITHIN):
            models = tuple(await provider.models()) if hasattr(provider, "models") else ()
    if not models:
        return node.name, (), f"{where}: something listens there that lists no models"
    more = f" and {len(models) - 3} more" if len(models) > 3 else ""
    return node.name, models, f"{where}: {', '.join(models[:3])}{more}"


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(REACHED_WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _place(node: ProviderNode) -> tuple[str, int] | None:
    """Return host and port of a provider that is on this machine; None for any other, and for one whose address is in a variable."""
    address = str(node.settings.get("base_url", ""))
    try:
        url = urlsplit(address)
        port = url.port or (443 if url.scheme == "https" else 80)
    except ValueError:
        return None
    return (url.hostname, port) if url.hostname in _LOOPBACK else None


def _graph(found: Survey, **parts: Any) -> Graph:
    empty: dict[str, Any] = {"toolsets": {}, "providers": {}}
    return Graph("", {}, **{**empty, **parts}, network_allow=found.network_allow, python=found.python, root=str(found.root))


async def _no_blob(key: str) -> bytes:
    return key.encode()
