"""Reads a session's events back into what the next run needs: the messages, the agent in charge, an unfinished run, used script steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.messages import AssistantMessage, TextPart, ToolMessage, ToolResult, from_data, result_from_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from runner.events import Event
    from runner.messages import Message

INTERRUPTED = "interrupted before it finished; whether it took effect is unknown"


@dataclass(slots=True)
class Conversation:
    """The state of a session after its stored events. `unfinished` holds the events of a last run without an end, in order."""

    messages: list[Message] = field(default_factory=list["Message"])
    agent: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    runs: int = 0
    seq: int = 0
    unfinished: list[Event] = field(default_factory=list["Event"])
    last_end: Event | None = None
    steps: dict[str, set[int]] = field(default_factory=dict[str, "set[int]"])
    event_ids: set[str] = field(default_factory=set[str])


def read(events: Iterable[Event]) -> Conversation:
    """Return the conversation that the events tell. Events inside called agents count only for steps and the unfinished run."""
    conversation = Conversation()
    before = _Results()
    kept: list[Message] = []
    for event in events:
        conversation.seq = max(conversation.seq, event.seq)
        _note_steps(conversation, event)
        if event.kind == "run.started":
            before.close(conversation.messages)
            conversation.runs += 1
            conversation.inputs = event.data.get("inputs", {})
            conversation.agent = event.agent
            conversation.unfinished = []
            kept = list(conversation.messages)
        conversation.unfinished.append(event)
        if event.kind == "run.stopped":
            conversation.unfinished = []
            conversation.last_end = event
        if not event.path:
            _take(conversation, before, event)
    before.close(conversation.messages)
    conversation.unfinished = [event for event in conversation.unfinished if event.run]
    if conversation.unfinished:
        conversation.messages = kept
    return conversation


def _take(conversation: Conversation, results: _Results, event: Event) -> None:
    match event.kind:
        case "message.added" | "model.answered":
            results.close(conversation.messages)
            message = from_data(event.data["message"])
            conversation.messages.append(message)
            if isinstance(message, AssistantMessage):
                results.expect(message)
        case "tool.answered":
            results.add(result_from_data(event.data["result"]))
        case "agent.handed_off":
            conversation.agent = event.data["to"]
        case "session.cleared":
            results.close(conversation.messages)
            conversation.messages.clear()
        case _:
            pass


def _note_steps(conversation: Conversation, event: Event) -> None:
    if event.kind in ("model.answered", "model.retried") and (step := event.data.get("step")) is not None:
        conversation.steps.setdefault(event.data["model"], set()).add(step)


class _Results:
    """Collects the results of one assistant message until all are there or something else follows."""

    def __init__(self) -> None:
        self._message: AssistantMessage | None = None
        self._found: dict[str, ToolResult] = {}

    def expect(self, message: AssistantMessage) -> None:
        self._message = message if message.calls() else None
        self._found = {}

    def add(self, result: ToolResult) -> None:
        self._found[result.call_id] = result

    def close(self, messages: list[Message]) -> None:
        if self._message is None:
            return
        calls = self._message.calls()
        self._message = None
        messages.append(ToolMessage(tuple(self._found.get(call.id) or missing(call.id, call.name) for call in calls)))


def missing(call_id: str, name: str) -> ToolResult:
    """Return the result that stands in for a call whose end nobody saw."""
    return ToolResult(call_id, name, (TextPart(INTERRUPTED),), is_error=True)


def read_all(events: Iterable[Event]) -> list[Message]:
    """Return every message of a session's own conversation, those of an unfinished run and those before a `clear` too."""
    conversation = Conversation()
    results = _Results()
    for event in events:
        if not event.path and event.kind != "session.cleared":
            _take(conversation, results, event)
    results.close(conversation.messages)
    return conversation.messages
