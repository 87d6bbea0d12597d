"""The outside of the command line: usage errors, help, version, and the border that no traceback passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import __version__
from runner.cli import border, exits
from runner.cli.verbs import execute
from tests.cli.kit import HEAVY, loaded_by


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["rnu"], "no such command `rnu`; did you mean `run`?", "agent-run --help"),
        (["run"], "missing argument `AGENT`", "agent-run run --help"),
        (
            ["run", "a", "--output-format", "jsno"],
            "`jsno` is not one of text, json, stream-json; did you mean `json`?",
            "agent-run run --help",
        ),
        (["run", "a", "--fo"], "no such option: --fo", "agent-run run --help"),
        (["run", "a", "b", "c"], "got unexpected extra argument (c)", "agent-run run --help"),
        (["validate", "--project", "/no/such"], "--project: there is no folder `/no/such`", ""),
        (["chat", "--session", "a", "--continue"], "--session and --continue both name a session", "give one of them"),
        (["schema", "agnet"], "`agnet` is not one of agent, tool, provider, project, test", "agent-run schema --help"),
        (["sessions", "lst"], "no such command `lst`; did you mean `list`?", "agent-run sessions --help"),
    ],
)
def test_a_wrong_call_is_one_clear_line_and_exit_2(
    arguments: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong, what was perhaps meant, where to look; nothing on standard output."""
    assert border.guard(execute, arguments) == exits.USAGE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert message in shown.err
    assert hint in shown.err
    assert "Traceback" not in shown.err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` says the name and the number."""
    assert execute(["--version"]) == exits.DONE
    assert capsys.readouterr().out == f"agent-run {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["chat", "--help"], ["validate", "--help"], ["sessions", "--help"]])
def test_help_is_short_lines_on_standard_output(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Every verb explains itself, and no summary is cut."""
    assert execute(arguments) == exits.DONE
    shown = capsys.readouterr()
    assert shown.out.startswith("Usage: agent-run")
    assert "..." not in shown.out.split("Options:")[1]


def test_a_bug_of_ours_is_a_line_a_report_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """The report holds the traceback and can be read only by its owner."""

    def broken(arguments: object) -> int:
        raise ValueError("two\nlines")

    border.last_words = border.LastWords()
    assert border.guard(broken, ["run", "x"]) == exits.FAILED
    shown = capsys.readouterr().err
    assert "error: this is a bug in agent-run: ValueError: two lines\n" in shown
    assert "Traceback" not in shown
    report = Path(shown.split("with the file ")[1].strip())
    assert "Traceback" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0
    report.unlink()


def test_debug_shows_the_traceback_of_a_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """Only who asks for it sees it."""

    def broken(arguments: object) -> int:
        raise ValueError("x")

    border.guard(broken, ["run", "--debug"])
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    Path(shown.split("with the file ")[1].strip()).unlink()


def test_interruption_and_a_gone_reader_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither is an error to talk about."""

    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    def unread(arguments: object) -> int:
        raise BrokenPipeError

    assert border.guard(interrupted, []) == exits.INTERRUPTED
    assert border.guard(unread, []) == exits.BROKEN_PIPE
    assert capsys.readouterr() == ("", "")


def test_help_loads_nothing_heavy() -> None:
    """`--help` answers at once: no SDK, no rich, no pydantic."""
    assert not loaded_by("--help") & HEAVY
