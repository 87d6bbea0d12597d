"""The log: one line per event, secrets out, forgery-proof, and never in the way."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from runner import log, redact
from runner.errors import UsageError
from runner.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Every test leaves logging and secrets as it found them."""
    yield
    log.unconfigure()
    redact.clear()


def event(kind: str, /, **data: Any) -> Event:
    return Event(kind, "r1:1", "s1", "r1", "support", "", 2, "abcd", "agents.d/support.yaml:4", 1790000000.1234, data)


def written(folder: Path, *events: Event, level: Any = "info", format: Any = "json", debug: bool = False) -> list[Any]:
    """Log events into a file; return its lines, JSON parsed."""
    path = folder / "agent.log"
    say = log.configure(log.LogSettings(level, format, path, debug))
    for one in events:
        say(one)
    lines = path.read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines] if format == "json" else lines


def test_a_line_has_the_fields_of_its_event(tmp_path: Path) -> None:
    """Time of the event, level, kind, ids, place of the definition, then what matters of this kind."""
    (line,) = written(
        tmp_path,
        event("tool.called", call={"id": "c1", "name": "lookup", "arguments": '{"id": "private"}'}, tool="orders.lookup", effect="read"),
    )
    assert line == {
        "time": "2026-09-21T14:13:20.123Z",
        "level": "info",
        "event": "tool.called",
        "session": "s1",
        "run": "r1",
        "agent": "support",
        "turn": 2,
        "source": "agents.d/support.yaml:4",
        "effect": "read",
        "call_id": "c1",
        "tool": "orders.lookup",
    }


def test_a_console_line_is_the_same_for_eyes(tmp_path: Path) -> None:
    """Time, level, kind, then name=value; words with spaces are quoted."""
    (line,) = written(tmp_path, event("warning.raised", message="the window is nearly full"), format="console")
    place = "session=s1 run=r1 agent=support turn=2 source=agents.d/support.yaml:4"
    assert line == f'2026-09-21T14:13:20.123Z warning warning.raised {place} message="the window is nearly full"'


def test_nested_numbers_are_flat(tmp_path: Path) -> None:
    """Usage and error of a stopped run are fields of their own; what is unknown is left out."""
    error = {"kind": "auth", "message": "the key was refused", "hint": "set it"}
    (line,) = written(
        tmp_path, event("run.stopped", stop_reason="provider", error=error, usage={"input": 3, "output": None}, cost=None, denied=[])
    )
    assert {name: line.get(name) for name in ("error_kind", "error", "input_tokens")} == {
        "error_kind": "auth",
        "error": "the key was refused",
        "input_tokens": 3,
    }
    assert not {"output_tokens", "cost", "denied", "usage"} & set(line)


@pytest.mark.parametrize(
    ("made", "level"),
    [
        (event("run.stopped", stop_reason="done", error=None), "info"),
        (event("run.stopped", stop_reason="failed", error={"kind": "tool"}), "error"),
        (event("model.retried", kind="timeout"), "warning"),
        (event("warning.raised", message="x"), "warning"),
        (event("something.new"), "info"),
    ],
)
def test_levels_follow_from_kinds(tmp_path: Path, made: Event, level: str) -> None:
    """Errors are errors, retries and warnings are warnings, the rest is information; a kind nobody knows too."""
    (line,) = written(tmp_path, made)
    assert line["level"] == level


def test_the_level_cuts(tmp_path: Path) -> None:
    """At `warning`, the default, an ordinary run writes nothing."""
    assert written(tmp_path, event("run.started"), event("model.answered"), level="warning") == []
    assert len(written(tmp_path, event("run.started"), event("warning.raised"), level="warning")) == 1


def test_words_are_logged_at_debug_only(tmp_path: Path) -> None:
    """The conversation is not in a log that nobody asked to have it."""
    message = {"role": "user", "parts": [{"type": "text", "text": "a private question"}]}
    assert "private" not in json.dumps(
        written(tmp_path, event("message.added", message=message), event("session.opened", title="a private question"))
    )
    assert written(tmp_path, event("message.added", message=message), level="debug")[-1]["data"] == {"message": message}


def test_deltas_are_not_logged(tmp_path: Path) -> None:
    """What is only shown is not logged, even at debug."""
    assert written(tmp_path, event("text.delta", text="x"), event("tool.progressed"), level="debug") == []


@pytest.mark.parametrize("format", ["console", "json"])
def test_secrets_are_taken_out_of_events_and_of_library_logs(tmp_path: Path, format: str) -> None:
    """By value, in fields, in whole data, in arguments of others' log calls and in exceptions."""
    redact.register('pass"word\nhunter2', "KEY")
    written(
        tmp_path,
        event("warning.raised", message='pass"word\nhunter2'),
        event("run.started", inputs={"k": ['pass"word\nhunter2']}),
        level="debug",
        format=format,
        debug=True,
    )
    sdk = logging.getLogger("some.sdk")
    sdk.error("sent %s", 'pass"word\nhunter2')
    try:
        raise ValueError('pass"word\nhunter2')
    except ValueError:
        sdk.exception("failed")
    text = (tmp_path / "agent.log").read_text()
    assert "hunter2" not in text
    assert text.count("[secret:KEY]") >= 5


def test_a_line_cannot_be_forged(tmp_path: Path) -> None:
    """Line breaks and terminal commands in names and messages stay text, in both formats."""
    hostile = "x\n2026-01-01T00:00:00Z info run.stopped \x1b[2J\x9b31m\u2028\u202e\r"
    for form in ("console", "json"):
        (tmp_path / form).mkdir()
        events = (event("warning.raised", message=hostile), event("agent.handed_off", to=hostile))
        assert len(written(tmp_path / form, *events, format=form)) == 2
        logging.getLogger("some.sdk").warning("%s", hostile)
        text = (tmp_path / form / "agent.log").read_text()
        assert text.count("\n") == 3
        assert not set(text) & set("\x1b\x9b\u2028\u202e\r")


def test_libraries_speak_from_warning_on_and_with_debug_always(tmp_path: Path) -> None:
    """`--log-level info` is about runs; `--debug` is about everything, with tracebacks."""
    sdk = logging.getLogger("some.sdk")
    written(tmp_path)
    sdk.info("chatter")
    sdk.warning("trouble")
    try:
        raise ValueError("inner")
    except ValueError:
        sdk.exception("failed")
    lines = [json.loads(line) for line in (tmp_path / "agent.log").read_text().splitlines()]
    assert [(line["level"], line["event"], line["logger"]) for line in lines] == [
        ("warning", "trouble", "some.sdk"),
        ("error", "failed", "some.sdk"),
    ]
    assert lines[1]["exception"] == "ValueError: inner"
    written(tmp_path, level="debug", debug=True)
    sdk.debug("chatter")
    try:
        raise ValueError("inner")
    except ValueError:
        sdk.exception("failed")
    lines = [json.loads(line) for line in (tmp_path / "agent.log").read_text().splitlines()]
    assert lines[2]["event"] == "chatter"
    assert "Traceback" in lines[3]["exception"]


def test_configuring_again_replaces(tmp_path: Path) -> None:
    """No line is written twice, and the first file is closed."""
    say = log.configure(log.LogSettings("info", "json", tmp_path / "first.log"))
    log.configure(log.LogSettings("info", "json", tmp_path / "second.log"))
    say(event("run.started"))
    assert (tmp_path / "first.log").read_text() == ""
    assert (tmp_path / "second.log").read_text().count("\n") == 1


def test_a_log_file_is_made_for_its_owner_and_added_to(tmp_path: Path) -> None:
    """Missing folders are made; lines of an earlier process stay."""
    folder = tmp_path / "var" / "log"
    assert len(written(folder, event("run.started"))) == 1
    assert len(written(folder, event("run.started"))) == 2
    assert stat.S_IMODE((folder / "agent.log").stat().st_mode) == 0o600


def test_a_log_file_that_cannot_be_opened_is_a_usage_error(tmp_path: Path) -> None:
    """Told before the run, with path and reason; the log before it stays."""
    say = log.configure(log.LogSettings("info", "json", tmp_path / "first.log"))
    for path in (tmp_path, tmp_path / "first.log" / "x", Path("a\x00b")):
        with pytest.raises(UsageError) as caught:
            log.configure(log.LogSettings("info", "json", path))
        assert str(path) in str(caught.value)
        assert caught.value.hint
    say(event("run.started"))
    assert (tmp_path / "first.log").read_text().count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_survived_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    """Lines are lost, the caller goes on, nothing is printed."""
    say = log.configure(log.LogSettings("info", "json", Path("/dev/full")))
    for _ in range(3):
        say(event("run.started"))
    log.unconfigure()
    assert capfd.readouterr() == ("", "")


def test_data_that_cannot_be_written_is_survived(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A circle, data without bottom, an unknown type, half a surrogate pair: a line or none, never an error."""
    circle: list[Any] = []
    circle.append(circle)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    redact.register("a-secret-value", "KEY")
    say = log.configure(log.LogSettings("debug", "json", tmp_path / "agent.log"))
    for value in (circle, deep, object(), "\ud800", {1: 2}):
        say(event("warning.raised", message=value))
        say(event("run.stopped", usage=value, error=value))
    say(event("run.started"))
    assert json.loads((tmp_path / "agent.log").read_text().splitlines()[-1])["event"] == "run.started"
    assert capfd.readouterr() == ("", "")


def run(code: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    start = "import sys, logging\nfrom runner import log\nfrom runner.events import Event\nsay = None\n"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    return subprocess.run([sys.executable, "-c", start + code], text=True, env=environment, check=False, **streams)


def test_lines_go_to_stderr_and_structlog_comes_with_the_first() -> None:
    """Standard output stays the answer's; a run without a line to log never pays for structlog."""
    done = run(
        "say = log.configure(log.LogSettings('warning'))\n"
        "say(Event('run.started', 'i', 's'))\nprint('structlog' in sys.modules)\n"
        "say(Event('warning.raised', 'i', 's', data={'message': 'm'}))\nprint('structlog' in sys.modules)"
    )
    assert done.stdout == "False\nTrue\n"
    assert done.stderr.endswith(" warning warning.raised session=s message=m\n")
    assert done.stderr.count("\n") == 1


def test_without_configuration_nothing_is_said() -> None:
    """A library is silent until its user asks."""
    done = run("log.EventLog()(Event('warning.raised', 'i', 's'))\nlogging.getLogger('runner.secrets').warning('x')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_closed_stderr_is_survived() -> None:
    """A daemon without a terminal runs on: the descriptor, the stream, or the name is gone."""
    done = run(
        "import os\nsay = log.configure(log.LogSettings('info'))\n"
        "for close in (lambda: os.close(2), lambda: sys.stderr.close(), lambda: setattr(sys, 'stderr', None)):\n"
        "    try: close()\n    except OSError: pass\n    say(Event('run.started', 'i', 's'))\n    say(Event('run.started', 'i', 's'))\n"
        "print('alive')"
    )
    assert done.stdout == "alive\n"
    assert done.returncode == 0


def test_a_reader_that_went_away_is_survived() -> None:
    """Standard error is a pipe whose other end is closed."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(
            "say = log.configure(log.LogSettings('info'))\nfor _ in range(3): say(Event('run.started', 'i', 's'))\nprint('alive')",
            stderr=writer,
        )
    finally:
        os.close(writer)
    assert done.stdout == "alive\n"
