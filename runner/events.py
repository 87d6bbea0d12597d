"""The one stream of facts: every transition of a run is one `Event`, named `noun.verb` in the past tense.

Store, channel, log, metrics and traces read this stream and nothing else. Deltas (`TRANSIENT`) are shown and never stored.
An event's id is made by the client from its run and its place in the run, so emitting it again on a resume is harmless.

| kind | data |
|---|---|
| `session.opened` | `agent`, `title` |
| `session.retitled` | `title` |
| `session.cleared` | (the history before it is no longer sent to models) |
| `run.started` | `agent`, `inputs`, `resumed_from` (absent unless a resumed run) |
| `run.resumed` | `digest` |
| `run.stopped` | `stop_reason`, `result`, `output`, `error`, `usage`, `cost`, `turns`, `tool_calls`, `denied`, `agent`, `model`, `duration_ms` |
| `message.added` | `message` (user messages; `messages.to_data`) |
| `turn.started` | – |
| `turn.reset` | `reason` (what was shown of this turn is void) |
| `text.delta`, `reasoning.delta` | `text` (transient) |
| `model.called` | `model` (`provider/id`), `attempt` |
| `model.retried` | `model`, `attempt`, `kind`, `error`, `wait` (seconds), `step` |
| `model.fell_back` | `model`, `to`, `error` |
| `model.answered` | `message`, `usage`, `cost`, `stop`, `model`, `step`, `duration_ms` |
| `tool.called` | `call` (`{id, name, arguments}`), `tool` (name in YAML), `effect` |
| `tool.progressed` | `call_id`, `message`, `progress`, `total` (transient) |
| `tool.answered` | `result` (`messages.result_data`), `duration_ms` |
| `approval.asked` | `call`, `tool`, `rule`, `where` |
| `approval.answered` | `call_id`, `decision` (`allow`, `deny`), `by` (`policy`, `person`, `flag`, `nobody`), `rule`, `words` |
| `question.asked`, `question.answered` | `question`, `choices` / `answer`, `by` |
| `agent.called`, `agent.returned` | `call_id`, `callee` / `call_id`, `callee`, `stop_reason` |
| `agent.handed_off` | `to`, `call_id` |
| `loop.suspected` | `pattern`, `evidence`, `response` |
| `limit.reached` | `limit`, `message` |
| `warning.raised` | `message` |
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""Version of the stored and streamed form; it grows when a reader of the old form would misread the new one."""

TRANSIENT = frozenset({"text.delta", "reasoning.delta", "tool.progressed"})


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. `path` is "" in the run's own conversation and `call_id/…` inside a called agent. `time` is seconds since the epoch; `source` is the `file:line` of the definition it belongs to; `seq` is set by the store."""

    kind: str
    id: str
    session: str
    run: str = ""
    agent: str = ""
    path: str = ""
    turn: int = 0
    digest: str = ""
    source: str = ""
    time: float = field(default_factory=time.time)
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seq: int = 0

    @property
    def transient(self) -> bool:
        """True for events that are shown and never stored."""
        return self.kind in TRANSIENT


def to_data(event: Event) -> dict[str, Any]:
    """Return an event as plain JSON data, `v` first; this is a line of `stream-json` and a stored row."""
    data: dict[str, Any] = {"v": VERSION, "kind": event.kind, "id": event.id, "session": event.session}
    for name in ("run", "agent", "path", "turn", "digest", "source", "seq"):
        if value := getattr(event, name):
            data[name] = value
    data["time"] = event.time
    data["data"] = dict(event.data)
    return data


def from_data(data: Mapping[str, Any]) -> Event:
    """Return the event that `to_data` wrote."""
    return Event(
        kind=data["kind"],
        id=data["id"],
        session=data["session"],
        run=data.get("run", ""),
        agent=data.get("agent", ""),
        path=data.get("path", ""),
        turn=data.get("turn", 0),
        digest=data.get("digest", ""),
        source=data.get("source", ""),
        time=data["time"],
        data=data["data"],
        seq=data.get("seq", 0),
    )
