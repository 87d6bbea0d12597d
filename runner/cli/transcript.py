"""A stored session as text: the table of `sessions list`, and what was said as Markdown or JSON."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from runner.cli.terminal import lines
from runner.cli.terminal.clean import clean, clean_line, shorten
from runner.events import VERSION, to_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from runner.events import Event
    from runner.stores import SessionInfo


def listing(sessions: Sequence[SessionInfo], *, everything: bool) -> str:
    """Return one line per session: id, when it was last used, agent, title."""
    agents = max(len(info.agent) for info in sessions)
    rows: list[str] = []
    for info in sessions:
        row = f"{info.id}  {_moment(info.updated)}  {clean_line(info.agent):<{agents}}  {shorten(info.title, 60) or '–'}"
        rows.append(f"{row}  {clean_line(info.project)}" if everything else row)
    return "\n".join(rows)


def as_json(info: SessionInfo, events: Sequence[Event]) -> str:
    """Return a session with every stored event as one JSON object."""
    data = {"v": VERSION, "session": asdict(info), "events": [to_data(event) for event in events]}
    return json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"


def as_markdown(info: SessionInfo, events: Sequence[Event]) -> str:
    """Return what was said, called and decided, in order."""
    head = f"# {clean_line(info.title) or info.id}\n\n{clean_line(info.agent)} · session {info.id} · {_moment(info.created)}"
    return "\n\n".join([head, *(piece for event in events for piece in _told(event))]) + "\n"


def _told(event: Event) -> Iterator[str]:
    data = event.data
    match event.kind:
        case "message.added" if not event.path and data["message"]["role"] == "user":
            yield f"## You\n\n{_words(data['message'])}"
        case "message.added" if not event.path:
            yield from _answer(event)
        case "model.answered" if not event.path:
            yield from _answer(event)
        case "tool.answered":
            result = data["result"]
            what = "failed" if result.get("is_error") else "answered"
            yield f"> `{clean_line(result['name'])}` {what}: {shorten(lines.result_text(result), 200)}"
        case "run.stopped" if data["stop_reason"] not in ("done", "interrupted"):
            error: Mapping[str, str] | None = data.get("error")
            yield f"*stopped: {data['stop_reason']}{': ' + clean_line(error['message']) if error else ''}*"
        case "session.cleared":
            yield "---"
        case _:
            return


def _answer(event: Event) -> Iterator[str]:
    message = event.data["message"]
    if words := _words(message):
        cut = " *(interrupted)*" if message.get("cut") else ""
        yield f"## {clean_line(event.agent)}{cut}\n\n{words}"
    for part in message["parts"]:
        if part["type"] == "call":
            yield f"> calls `{lines.call(part['name'], part['arguments'])}`"


def _words(message: dict[str, object]) -> str:
    parts: list[dict[str, str]] = message["parts"]  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    words = (
        clean(part["text"]) if part["type"] == "text" else f"[{clean_line(part['name'])}]"
        for part in parts
        if part["type"] in ("text", "file")
    )
    return "\n".join(words).strip()


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
