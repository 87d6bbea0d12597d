"""Opens store, session and graph for a live agent, keeps its lease while it is open, and closes everything."""

from __future__ import annotations

import asyncio
import secrets as random
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runner import registry
from runner.app import data_dir, project_root
from runner.app.live import LiveAgent
from runner.errors import SessionNotFound, StoreError
from runner.executor.opening import open_graph
from runner.secrets import Secrets
from runner.tools import ToolsetContext

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from runner.app import Compiled
    from runner.channel import Channel
    from runner.events import Event
    from runner.stores import SessionInfo, Store

RENEW_SECONDS = 5.0


@asynccontextmanager
async def open_live(
    compiled: Compiled,
    channel: Channel,
    session: str | None,
    resume: str | None,
    *,
    continue_last: bool,
    listeners: Sequence[Callable[[Event], None]],
) -> AsyncGenerator[LiveAgent]:
    """Open store, session and graph; keep the lease while it is open; close everything."""
    store = registry.open_store(compiled.store)
    await store.open()
    try:
        info = await _find(compiled, store, session, resume, continue_last=continue_last)
        opened = await open_graph(compiled.graph, secrets_of(compiled), toolset_context(compiled), store.get_blob)
        try:
            live = LiveAgent(compiled, store, channel, opened, info.id if info else session or random.token_hex(16))
            live.listen(listeners)
            if info:
                await live.open_existing(info)
            async with _heartbeat(live):
                yield live
        finally:
            await opened.close()
    finally:
        await store.close()


async def _find(compiled: Compiled, store: Store, session: str | None, resume: str | None, *, continue_last: bool) -> SessionInfo | None:
    if resume:
        return await store.info(resume)
    if session:
        with suppress(SessionNotFound):
            return await store.info(session)
        return None
    if continue_last:
        root = str(project_root(compiled.options))
        found = await store.list(project=root, limit=1)
        if not found:
            raise SessionNotFound(f"there is no session to continue in {root}", hint="start one: agent-run chat AGENT")
        return found[0]
    return None


@asynccontextmanager
async def _heartbeat(live: LiveAgent) -> AsyncGenerator[None]:
    async def beat() -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(StoreError):
                await live.take_lease()

    task = asyncio.ensure_future(beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await live.close()


def secrets_of(compiled: Compiled) -> Secrets:
    """Return where an agent's secrets come from: the environment, then the file that its project names."""
    dotenv = compiled.project.get("secrets", {}).get("dotenv")
    return Secrets(Path(compiled.graph.root) / dotenv if dotenv else None)


def toolset_context(compiled: Compiled) -> ToolsetContext:
    """Return what toolsets are opened with; secrets are filled in by who opens them."""
    graph = compiled.graph
    roots = tuple(str(Path(graph.root) / folder) for folder in graph.python)
    return ToolsetContext(str(compiled.options.workspace), str(data_dir()), (graph.root, *roots), graph.network_allow)
