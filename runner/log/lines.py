"""Turns log records into lines, with structlog. Loaded by `log` when the first line is written; the one door of structlog.

A line cannot be forged: control characters of whatever is logged are escaped, so a line break or a terminal command in a tool's name
stays visible text.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from runner.redact import redact_data

if TYPE_CHECKING:
    import logging
    from collections.abc import MutableMapping

_BARE = re.compile(r"[^\s\"'=\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def formatter(format: str, *, debug: bool) -> logging.Formatter:
    """Return the formatter for `console` or `json` lines; tracebacks are kept only with `debug`."""
    errors = structlog.processors.format_exc_info if debug else _short_error
    render = _json if format == "json" else _console
    return structlog.stdlib.ProcessorFormatter(processors=[_fields, errors, _redacted, render, _redacted])


def _fields(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put a record's fields in order: ours from an event, or level, text and logger of anybody's record."""
    record: logging.LogRecord = line["_record"]
    when = datetime.fromtimestamp(getattr(record, "event_time", record.created), UTC)
    fields: dict[str, Any] = {"time": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "level": record.levelname.lower()}
    fields["event"] = str(line["event"])
    ours = getattr(record, "event_fields", None)
    fields |= {"logger": record.name} if ours is None else ours
    if "exc_info" in line:
        fields["exc_info"] = line["exc_info"]
    return fields


def _short_error(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put `Type: message` in the place of an exception and its traceback."""
    info = line.pop("exc_info", None)
    if info and info[1] is not None:
        line["exception"] = f"{type(info[1]).__name__}: {info[1]}"
    return line


def _json(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> str:
    return json.dumps(dict(line), default=str)


def _console(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> str:
    head = f"{line.pop('time')} {line.pop('level'):<7} {_escaped(str(line.pop('event')))}"
    return " ".join([head, *(f"{name}={_value(value)}" for name, value in line.items())])


def _redacted(_logger: Any, _name: str, line: Any) -> Any:
    """Take secrets out twice: of the values, which may hold escaped text already, and of the line, which may hold anything's `str`."""
    return redact_data(line)


def _value(value: Any) -> str:
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    return _escaped(json.dumps(value, default=str, ensure_ascii=False))


def _escaped(text: str) -> str:
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)
