"""Events and endings as single lines of plain text: the words of the command line. Knows no rich."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from runner.cli.terminal.clean import clean_line, shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.events import Event
    from runner.executor.result import RunResult

ARGUMENTS_WIDTH = 90


def arguments(value: Any, width: int = ARGUMENTS_WIDTH) -> str:
    """Return a call's arguments as `name=value, …` on one line; raw JSON text of a model is read when it can be."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
        except (ValueError, RecursionError):
            return shorten(value, width)
    if not isinstance(value, dict):
        return shorten(json.dumps(value, ensure_ascii=False, default=str), width)
    pairs = cast("Mapping[str, Any]", value)
    return shorten(", ".join(f"{name}={json.dumps(item, ensure_ascii=False, default=str)}" for name, item in pairs.items()), width)


def call(name: str, value: Any, width: int = ARGUMENTS_WIDTH) -> str:
    """Return `tool(name=value, …)`."""
    return f"{clean_line(name)}({arguments(value, width)})"


def seconds(milliseconds: int) -> str:
    """Return a duration as people read it: `0.3 s`, `2 min 5 s`."""
    whole = milliseconds / 1000
    return f"{whole:.1f} s" if whole < 60 else f"{int(whole // 60)} min {int(whole % 60)} s"


def notice(event: Event) -> str | None:
    """Return what a person should know of an event that is neither words nor a tool call; None for the rest."""
    data = event.data
    match event.kind:
        case "warning.raised":
            return f"warning: {clean_line(str(data['message']))}"
        case "model.retried":
            return (
                f"note: {data['model']}: {clean_line(str(data['error']))}; trying again in {data['wait']:.1f} s (attempt {data['attempt']})"
            )
        case "model.fell_back":
            return f"warning: {data['model']} cannot answer ({clean_line(str(data['error']))}); asking {data['to']}"
        case "loop.suspected":
            return f"warning: going in circles: {clean_line(str(data['evidence']))}"
        case "agent.handed_off":
            return f"note: {event.agent} hands over to {data['to']}"
        case _:
            return None


class Narrator:
    """Turns the events of a run into lines: notices always, tool calls when asked for."""

    def __init__(self, *, tools: bool) -> None:
        self._tools = tools
        self._calls: dict[str, str] = {}

    def line(self, event: Event) -> str | None:
        """Return the line for an event, or None."""
        if event.kind == "tool.called":
            wish = event.data["call"]
            self._calls[event.path + wish["id"]] = call(event.data.get("tool") or wish["name"], wish["arguments"])
            return None
        if event.kind == "tool.answered":
            return self._answered(event) if self._tools else None
        return notice(event)

    def unanswered(self) -> Iterator[str]:
        """Yield a line for every call that has no result yet, and forget them: the run has ended."""
        calls, self._calls = self._calls, {}
        if self._tools:
            yield from (f"✗ {what} stopped" for what in calls.values())

    def _answered(self, event: Event) -> str:
        result = event.data["result"]
        what = self._calls.pop(event.path + result["call_id"], clean_line(result["name"]))
        indent = "  " * event.path.count("/")
        return f"{indent}{outcome(what, result, event.data.get('duration_ms', 0))}"


def outcome(what: str, result: Mapping[str, Any], milliseconds: int) -> str:
    """Return `✓ tool(…) 0.3 s`, or `✗ tool(…) why`."""
    if result.get("is_error"):
        return f"✗ {what} {shorten(result_text(result), 120)}"
    return f"✓ {what} {seconds(milliseconds)}"


def result_text(result: Mapping[str, Any]) -> str:
    """Return the words of a stored tool result."""
    return " ".join(part.get("text", "") for part in result.get("parts", ()))


def sources(result: RunResult) -> Iterator[str]:
    """Yield the sources that the answer does not name itself."""
    missing = [clean_line(label) for label in result.citations if label not in result.result]
    if missing:
        yield "sources:"
        yield from (f"  {label}" for label in missing)


def ending(result: RunResult) -> Iterator[str]:
    """Yield why a run that is not done stopped, and what to do next."""
    if result.error:
        yield f"error: {clean_line(result.error.message)}"
        if result.error.hint:
            yield f"hint: {clean_line(result.error.hint)}"
    elif result.stop_reason == "interrupted":
        yield f"interrupted; to go on: agent-run run {clean_line(result.agent)} --resume {result.session_id} PROMPT"
    elif result.stop_reason not in ("done", "denied"):
        yield f"error: stopped: {result.stop_reason}"
    if result.stop_reason == "denied":
        yield f"denied: {', '.join(map(clean_line, result.denied))}: it needs a yes and nobody is there"
        yield "hint: --yes allows what would ask, and in `agent-run chat` you are asked"
