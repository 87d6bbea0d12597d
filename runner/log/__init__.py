"""The log: one line per stored event, and whatever libraries say, to stderr or a file and never to stdout; secrets taken out of all.

Knows events and their fields, not who makes them. Nothing is logged until `configure`; structlog is imported when the first line is
written. A log that cannot be written (full disk, closed stderr) loses lines and never disturbs a run. The lines: docs/logs.md.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from runner.errors import AgentRunError, ConfigError, UsageError
from runner.log.fields import BASE, EVENTS, fields_of, level_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.events import Event

__all__ = ["BASE", "EVENTS", "EventLog", "LogSettings", "configure", "settings", "unconfigure"]

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["console", "json"]

LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
FORMATS: tuple[Format, ...] = ("console", "json")

VARIABLES = {"level": "AGENT_RUN_LOG_LEVEL", "format": "AGENT_RUN_LOG_FORMAT", "file": "AGENT_RUN_LOG_FILE"}

_ours = logging.getLogger("runner")
_ours.addHandler(logging.NullHandler())  # a library stays silent until its user asks
_events = logging.getLogger("runner.events")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How to log. `file` None = stderr. `debug` adds what libraries say at debug level, and tracebacks."""

    level: Level = "warning"
    format: Format = "console"
    file: Path | None = None
    debug: bool = False


def settings(flags: Mapping[str, Any], environ: Mapping[str, str], project: Mapping[str, Any]) -> LogSettings:
    """Return how to log: flags win over AGENT_RUN_LOG_LEVEL, _FORMAT and _FILE, these over the project's `log:`, that over the defaults.

    `flags` and `project` may have `level format file`; `flags` also `debug`, which stands for level debug unless a level flag is given
    too. None and "" are unset. Raises UsageError for a wrong flag or variable, ConfigError for a wrong project value.
    """
    debug = bool(flags.get("debug"))
    flags = {"level": "debug" if debug else None} | {name: value for name, value in flags.items() if value}
    level = _choice("level", LEVELS, flags, environ, project) or "warning"
    form = _choice("format", FORMATS, flags, environ, project) or "console"
    file, _ = _first("file", flags, environ, project)
    return LogSettings(cast("Level", level), cast("Format", form), Path(str(file)).expanduser() if file else None, debug)


def configure(how: LogSettings | None = None) -> EventLog:
    """Send log lines to stderr or a file from now on, replacing an earlier configuration; return the log of events.

    Lines of libraries appear from warning (with `debug` from debug) on. Raises UsageError when the file cannot be opened.
    """
    how = how or LogSettings()
    handler = _handler(how.file)
    handler.setFormatter(_LazyFormatter(how))
    unconfigure()
    number = logging.getLevelNamesMapping()[how.level.upper()]
    _ours.setLevel(number)
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if how.debug else max(number, logging.WARNING))
    root.addHandler(handler)
    return EventLog()


def unconfigure() -> None:
    """Stop logging and close the file."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _QuietHandler)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)
    _ours.setLevel(logging.NOTSET)


class EventLog:
    """Writes one line per event: a callable for whoever emits events. Deltas are not logged. Never raises."""

    def __call__(self, event: Event) -> None:
        """Log an event at the level its kind has; its whole data is added at debug."""
        if event.transient:
            return
        level = level_of(event)
        if _events.isEnabledFor(level):
            fields = fields_of(event, whole=_events.isEnabledFor(logging.DEBUG))
            _events.log(level, "%s", event.kind, extra={"event_time": event.time, "event_fields": fields})


class _QuietHandler(logging.StreamHandler[Any]):
    """Writes lines to a stream and says nothing when that fails. Without a stream of its own it asks for stderr each time."""

    def __init__(self, stream: Any = None) -> None:
        super().__init__(stream or sys.stderr)
        self._own = stream

    def emit(self, record: logging.LogRecord) -> None:
        if self._own is None:
            self.stream = sys.stderr
        try:
            super().emit(record)
        except RecursionError:  # the one failure that logging itself lets through
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 – the standard library's name
        """Drop the line: a log must never break or disturb a run."""

    def flush(self) -> None:
        try:
            super().flush()
        except (OSError, ValueError):
            return

    def close(self) -> None:
        if self._own is not None:
            try:
                self._own.close()
            except OSError:
                self._own = None
        super().close()


class _LazyFormatter(logging.Formatter):
    """Makes the real formatter at the first line: structlog costs a tenth of a second."""

    def __init__(self, how: LogSettings) -> None:
        super().__init__()
        self._how = how
        self._real: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._real is None:
            from runner.log.lines import formatter

            self._real = formatter(self._how.format, debug=self._how.debug)
        return self._real.format(record)


def _handler(file: Path | None) -> _QuietHandler:
    if file is None:
        return _QuietHandler()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else str(error)) or "unknown error"
        raise UsageError(f"cannot write the log file `{file}`: {reason.lower()}", hint="choose another with --log-file") from None
    return _QuietHandler(os.fdopen(number, "a", encoding="utf-8", errors="backslashreplace"))


def _first(name: str, flags: Mapping[str, Any], environ: Mapping[str, str], project: Mapping[str, Any]) -> tuple[Any, str]:
    variable = VARIABLES[name]
    places = ((flags.get(name), f"--log-{name}"), (environ.get(variable), variable), (project.get(name), f"log.{name}"))
    return next(((value, place) for value, place in places if value), (None, ""))


def _choice(name: str, allowed: Sequence[str], *places: Any) -> str | None:
    value, place = _first(name, *places)
    if value is None or value in allowed:
        return value
    kind: type[AgentRunError] = ConfigError if place.startswith("log.") else UsageError
    raise kind(f"{place} is `{value}`", hint=f"one of: {', '.join(allowed)}")
