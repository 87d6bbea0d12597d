"""An agent opened in one session: what a chat talks to and `run` runs once."""

from __future__ import annotations

import asyncio
import getpass
import secrets as random
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.app import ToolInfo, given, project_root
from runner.engines.local import StoreJournal
from runner.errors import StoreError
from runner.events import Event
from runner.executor import conversation
from runner.executor.call import RunState
from runner.executor.inputs import from_plain
from runner.executor.result import RunResult, from_data
from runner.executor.run import RunRequest, run
from runner.holders import this_process
from runner.stores import SessionInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from runner.app import Compiled
    from runner.channel import Channel
    from runner.executor.opening import OpenGraph
    from runner.stores import Lease, Store

LEASE_SECONDS = 15.0
TITLE_LENGTH = 60


class LiveAgent:
    """An opened agent in one session. The session is made in the store with its first run."""

    def __init__(self, compiled: Compiled, store: Store, channel: Channel, opened: OpenGraph, session: str) -> None:
        self.compiled = compiled
        self.store = store
        self.session_id = session
        self.warnings: tuple[str, ...] = ()
        self._channel = channel
        self._opened = opened
        self._allowed: set[str] = set()
        self._conversation = conversation.Conversation()
        self._info: SessionInfo | None = None
        self._lease: Lease | None = None
        self._holder = f"{this_process()} #{random.token_hex(4)}"
        self._listeners: tuple[Callable[[Event], None], ...] = (channel.emit,)

    @property
    def session(self) -> SessionInfo:
        """What is known of the session; before its first run it is only an id."""
        graph = self.compiled.graph
        return self._info or SessionInfo(self.session_id, "", graph.agent, graph.root, time.time(), time.time(), 0)

    @property
    def agent(self) -> str:
        """The name of the agent in charge: the root agent, or the last one that took over."""
        name = self._conversation.agent
        return name if name in self.compiled.graph.agents else self.compiled.graph.agent

    @property
    def unfinished(self) -> bool:
        """True when the session's last run has no end, so that `resume` can go on with it."""
        return bool(self._conversation.unfinished)

    def last_result(self) -> RunResult | None:
        """Return how the session's last finished run ended, None when there is none."""
        end = self._conversation.last_end
        return from_data(end.data) if end else None

    async def run(self, message: str | None, *, inputs: Mapping[str, Any] | None = None, files: Sequence[Path] = ()) -> RunResult:
        """Run one message to its end and return how it ended. Raises UsageError for inputs that do not fit, StoreError when nothing can be kept.

        Cancelling the task (Ctrl-C) stops the run: the partial answer is kept, marked `cut`, and the result says `interrupted`.
        """
        await self._begin(message or "")
        values = await self._values(message, inputs or {}, files)
        first = self._conversation.runs == 0
        started = {"first": first, "session": self._scope()}
        request = RunRequest(self.agent, values, tuple(self._conversation.messages), first, started)
        return await self._go(request, random.token_hex(8), ())

    async def resume(self) -> RunResult | None:
        """Go on with the run of this session that has no end; None when the last run ended."""
        events = self._conversation.unfinished
        if not events:
            return None
        await self._begin("")
        start = events[0]
        started = {key: start.data[key] for key in ("first", "session") if key in start.data}
        history = tuple(self._conversation.messages)
        request = RunRequest(start.agent, from_plain(start.data["inputs"]), history, start.data.get("first", True), started)
        self._tell(Event("run.resumed", random.token_hex(8), self.session_id, start.run, start.agent, digest=self._digest, data={}))
        return await self._go(request, start.run, events)

    def tools(self) -> tuple[ToolInfo, ...]:
        """Return the live tools of the agent in charge."""
        tools = self._opened.toolbox(self.agent).tools.values()
        return tuple(
            ToolInfo(tool.name, tool.definition.name, tool.type, tool.effect, tool.definition.description, tool.source) for tool in tools
        )

    async def clear(self) -> None:
        """Forget the conversation from here on; the stored history stays."""
        if self._info is not None:
            await self._append(Event("session.cleared", random.token_hex(8), self.session_id))
        self._conversation.messages.clear()

    async def retitle(self, title: str) -> None:
        """Change the session's title."""
        if self._info is None:
            await self._begin(title)
        await self.store.retitle(self.session_id, title)
        self._info = await self.store.info(self.session_id)

    @property
    def _digest(self) -> str:
        return self.compiled.graph.digest

    async def _go(self, request: RunRequest, run_id: str, recorded: Sequence[Event]) -> RunResult:
        journal = StoreJournal(self.store, self.session_id, self._conversation.seq, self._listeners, recorded)
        state = RunState(
            graph=self.compiled.graph,
            opened=self._opened,
            channel=self._channel,
            journal=journal,
            allowed=self._allowed,
            put_blob=self._put_blob,
            session=self.session_id,
            run=run_id,
            scope={"session": request.started.get("session", self._scope())},
            steps=self._conversation.steps,
        )
        result = await _to_its_end(asyncio.ensure_future(run(state, request)))
        await self._after(state, journal, result)
        return result

    async def _after(self, state: RunState, journal: StoreJournal, result: RunResult) -> None:
        root = state.root
        if root is None or result.stop_reason not in ("done", "denied"):
            with suppress(StoreError):
                await self._reload()
            return
        before = self._conversation
        self._conversation = conversation.Conversation(
            root.history, root.node.name, root.inputs, before.runs + 1, journal.seq, [], None, state.steps
        )
        self._conversation.last_end = Event("run.stopped", "", self.session_id, data=result.to_data())

    async def _begin(self, message: str) -> None:
        if self._info is not None:
            return
        graph = self.compiled.graph
        title = " ".join(message.split())
        title = title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1].rstrip() + "…"
        project = str(project_root(self.compiled.options)) if _is_shipped(graph.root) else graph.root
        self._info = await self.store.create(self.session_id, agent=graph.agent, project=project, title=title)
        await self.take_lease()
        data = {"agent": graph.agent, "title": title}
        await self._append(Event("session.opened", random.token_hex(8), self.session_id, agent=graph.agent, digest=self._digest, data=data))

    async def open_existing(self, info: SessionInfo) -> None:
        """Take the lease of a stored session and read its conversation."""
        self._info = info
        await self.take_lease()
        await self._reload()

    async def take_lease(self) -> None:
        """Take or prolong the right to write to the session."""
        if self._info is not None:
            self._lease = await self.store.lease(self.session_id, self._holder, LEASE_SECONDS)

    async def close(self) -> None:
        """Give the lease back."""
        if self._lease:
            with suppress(StoreError):
                await self.store.release(self._lease)

    async def end_unfinished(self) -> None:
        """Close a run without an end as interrupted, so that a new message can follow."""
        if self._conversation.unfinished:
            start = self._conversation.unfinished[0]
            data = RunResult(self.session_id, start.run, start.agent, "interrupted").to_data()
            await self._append(Event("run.stopped", f"{start.run}:run.stopped", self.session_id, start.run, start.agent, data=data))
            await self._reload()

    async def _append(self, event: Event) -> None:
        self._conversation.seq = await self.store.append(self.session_id, self._conversation.seq, [event])
        self._tell(event)

    def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def listen(self, listeners: Sequence[Callable[[Event], None]]) -> None:
        """Let others see every event too."""
        self._listeners = (*self._listeners, *listeners)

    async def _reload(self) -> None:
        self._conversation = conversation.read(await self.store.load(self.session_id))

    def _scope(self) -> dict[str, str]:
        return {"id": self.session_id, "user": _user(), "date": time.strftime("%Y-%m-%d")}

    async def _values(self, message: str | None, inputs: Mapping[str, Any], files: Sequence[Path]) -> dict[str, Any]:
        schema = self.compiled.graph.agents[self.agent].inputs
        kept = from_plain(self._conversation.inputs)
        return await given.values({**inputs, "message": message or ""}, files, kept=kept, schema=schema, put_blob=self._put_blob)

    async def _put_blob(self, data: bytes) -> str:
        return await self.store.put_blob(self.session_id, data)


async def _to_its_end(task: asyncio.Future[RunResult]) -> RunResult:
    """Wait for a run; a cancellation of ours stops the run, and its end is still the answer."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        result = await task
        if current := asyncio.current_task():
            current.uncancel()
        return result


def _is_shipped(root: str) -> bool:
    from runner.shipped import shipped_root

    return Path(root) == shipped_root()


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
