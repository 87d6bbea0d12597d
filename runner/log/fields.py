"""What a log line says of each kind of event. Data, and how to read it from an event; docs/logs.md is the same table for people.

No words of people, models or tools are logged below debug: only names, numbers, ids and our own messages.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from runner.events import Event

BASE = ("time", "level", "event", "session", "run", "agent", "path", "turn", "source")
"""Fields of every line, in order; those that an event does not have are left out."""


@dataclass(frozen=True, slots=True)
class Line:
    """The level of a kind of event and where its fields come from: field name → dotted path into the event's data."""

    level: str
    fields: Mapping[str, str]


def _line(*names: str, level: str = "info", **paths: str) -> Line:
    return Line(level, {name: name for name in names} | paths)


_USAGE = {"input_tokens": "usage.input", "output_tokens": "usage.output"}
_CALL = {"call_id": "call.id", "tool": "tool"}

EVENTS: dict[str, Line] = {
    "session.opened": _line(),
    "session.retitled": _line(),
    "session.cleared": _line(),
    "run.started": _line("resumed_from"),
    "run.resumed": _line("digest"),
    "run.stopped": _line(
        "stop_reason",
        "turns",
        "tool_calls",
        "denied",
        "model",
        "cost",
        "duration_ms",
        error_kind="error.kind",
        error="error.message",
        **_USAGE,
    ),
    "message.added": _line(),
    "turn.started": _line(),
    "turn.reset": _line("reason"),
    "model.called": _line("model", "attempt"),
    "model.retried": _line("model", "attempt", "wait", "error", level="warning", error_kind="kind"),
    "model.fell_back": _line("model", "to", "error", level="warning"),
    "model.answered": _line("model", "stop", "step", "cost", "duration_ms", **_USAGE),
    "tool.called": _line("effect", **_CALL),
    "tool.answered": _line("duration_ms", tool="result.name", call_id="result.call_id", is_error="result.is_error"),
    "approval.asked": _line("rule", "where", **_CALL),
    "approval.answered": _line("call_id", "decision", "by", "rule"),
    "question.asked": _line(),
    "question.answered": _line("by"),
    "agent.called": _line("call_id", "callee"),
    "agent.returned": _line("call_id", "callee", "stop_reason"),
    "agent.handed_off": _line("to", "call_id"),
    "loop.suspected": _line("pattern", "response", level="warning"),
    "limit.reached": _line("limit", "message", level="warning"),
    "warning.raised": _line("message", level="warning"),
}
"""Every stored kind of event. `run.stopped` is an error when it carries one."""

_UNKNOWN = _line()


def level_of(event: Event) -> int:
    """Return the level of an event's line, as `logging` numbers it."""
    if event.kind == "run.stopped" and event.data.get("error"):
        return logging.ERROR
    return logging.getLevelNamesMapping()[EVENTS.get(event.kind, _UNKNOWN).level.upper()]


def fields_of(event: Event, *, whole: bool) -> dict[str, Any]:
    """Return the fields of an event's line after its level; `whole` adds the event's data as it is."""
    fields: dict[str, Any] = {name: value for name in BASE[3:] if (value := getattr(event, name))}
    for name, path in EVENTS.get(event.kind, _UNKNOWN).fields.items():
        value = _at(event.data, path)
        if value is not None and value != []:
            fields[name] = value
    return fields | ({"data": dict(event.data)} if whole else {})


def _at(data: Any, path: str) -> Any:
    for name in path.split("."):
        data = cast("Mapping[str, Any]", data).get(name) if isinstance(data, Mapping) else None
    return data
