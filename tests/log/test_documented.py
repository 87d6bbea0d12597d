"""docs/logs.md says what the code does, and the code knows every event there is."""

from __future__ import annotations

import re
from pathlib import Path

from runner import events
from runner.log import BASE, EVENTS, FORMATS, LEVELS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "logs.md").read_text("utf-8")


def table(header: str) -> list[list[str]]:
    """Return the rows of the table that begins with a header line."""
    lines = PAGE[PAGE.index(header) :].splitlines()[2:]
    rows = lines[: next((place for place, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_table_of_events_is_the_code() -> None:
    """Kind, level and fields of every line, in order."""
    documented = {words(kind)[0]: (level.split(";")[0], words(fields)) for kind, level, fields in table("| event | level |")}
    assert documented == {kind: (line.level, list(line.fields)) for kind, line in EVENTS.items()}


def test_the_common_fields_are_the_code() -> None:
    """Every line's fields, in order."""
    assert tuple(words(name)[0] for name, _ in table("| field | meaning |")) == BASE


def test_the_switches_are_the_code() -> None:
    """The values that level and format take."""
    rows = {words(row[0])[0]: words(row[3]) for row in table("| flag | environment |")}
    assert tuple(rows["--log-level"]) == LEVELS
    assert tuple(rows["--log-format"]) == FORMATS


def test_every_stored_event_has_a_line() -> None:
    """The kinds of `runner.events`, without those that are only shown."""
    rows = [line for line in (events.__doc__ or "").splitlines() if line.startswith("| `")]
    kinds = {kind for row in rows for kind in words(row.split("|")[1])}
    assert kinds - events.TRANSIENT == set(EVENTS)
