"""`chat` at a real terminal: streaming, approvals, Ctrl-C, leaving, going on."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.cli.terminal_kit import Terminal

if TYPE_CHECKING:
    from pathlib import Path


def test_a_whole_chat(project: Path) -> None:
    """Talk, allow a call, stop a tool in its middle, go on talking, leave, and come back to it."""
    with Terminal(project, "chat", "parrot", "--session", "abc") as terminal:
        assert "parrot · script/parrot · session abc · /help" in terminal.prompt(1)
        terminal.type("hello\r")
        terminal.wait_for("You said: hello")
        terminal.prompt(2)
        terminal.type("wipe it\r")
        assert "parrot wants to call wipe [write]" in terminal.wait_for("or say what to do instead:")
        assert "  what: all" in terminal.text()
        terminal.type("y")
        assert '✓ wipe(what="all")' in terminal.wait_for("wipe: wiped 7")
        terminal.prompt(3)
        terminal.type("nap\r")
        terminal.wait_for("Ctrl-C stops")
        terminal.type("\x03")
        assert "✗ nap(seconds=600) stopped" in terminal.wait_for("interrupted; what was said so far is kept")
        terminal.prompt(4)
        terminal.type("still here\r")
        terminal.wait_for("You said: still here")
        terminal.prompt(5)
        terminal.type("\x04")
        terminal.wait_for("to go on: agent-run chat parrot --resume abc")
        assert terminal.ended() == 0
    with Terminal(project, "chat", "parrot", "--resume", "abc") as terminal:
        shown = terminal.prompt(2)
        assert "session abc · hello" in shown
        assert "You said: still here" in shown
        terminal.type("/exit\r")
        assert terminal.ended() == 0


def test_ctrl_c_in_mid_stream_keeps_what_was_said(project: Path) -> None:
    """The words so far stay on the screen and in the session, marked as interrupted."""
    with Terminal(project, "chat", "parrot", "long story", "--session", "abc") as terminal:
        terminal.wait_for("two three")
        terminal.type("\x03")
        shown = terminal.wait_for("interrupted; what was said so far is kept")
        assert "one two three" in shown
        assert "ten" not in shown
        terminal.type("/exit\r")
        assert terminal.ended() == 0
    with Terminal(project, "sessions", "show", "abc") as terminal:
        assert terminal.ended() == 0
        shown = terminal.wait_for("(interrupted)")
        assert "one two three" in shown


def test_words_instead_of_a_yes_go_to_the_model(project: Path) -> None:
    """A denial with words is told to the model; `stop` is not `s`."""
    with Terminal(project, "chat", "parrot", "wipe it") as terminal:
        terminal.wait_for("or say what to do instead:")
        terminal.type("stop that\r")
        terminal.wait_for("wipe: denied by the person: stop that")
        terminal.type("/exit\r")
        assert terminal.ended() == 0


def test_ctrl_c_at_an_approval_stops_the_turn(project: Path) -> None:
    """Nothing is wiped, the chat goes on."""
    with Terminal(project, "chat", "parrot", "wipe it") as terminal:
        terminal.wait_for("or say what to do instead:")
        terminal.type("\x03")
        terminal.wait_for("interrupted; what was said so far is kept")
        assert "wiped" not in terminal.text()
        terminal.prompt(1)
        terminal.type("\x03")
        terminal.wait_for("Ctrl-D or /exit leaves")
        terminal.type("hello\r")
        terminal.wait_for("You said: hello")
        terminal.type("/exit\r")
        assert terminal.ended() == 0


def test_a_hostile_answer_cannot_steer_the_terminal(project: Path) -> None:
    """No escape sequence of the model is among what was written to the terminal."""
    with Terminal(project, "chat", "parrot", "escape") as terminal:
        terminal.wait_for("red")
        terminal.type("/exit\r")
        assert terminal.ended() == 0
        assert b"\x1b]0;" not in terminal.raw
        assert b"\x1b[31m" not in terminal.raw


def test_no_color_and_a_narrow_terminal(project: Path) -> None:
    """Under NO_COLOR no colour is written; at 20 columns everything is still there."""
    with Terminal(project, "chat", "parrot", "hello", columns=20, rows=12, NO_COLOR="1") as terminal:
        terminal.wait_for("You said: hello")
        terminal.type("/exit\r")
        assert terminal.ended() == 0
        assert b"\x1b[2m" in terminal.raw or b"\x1b[3" not in terminal.raw


def test_a_dumb_terminal_gets_plain_lines(project: Path) -> None:
    """TERM=dumb: prompts and answers as lines, an approval as a line, no escape sequence at all."""
    with Terminal(project, "chat", "parrot", TERM="dumb") as terminal:
        terminal.wait_for("> ")
        terminal.type("wipe it\n")
        terminal.wait_for("or say what to do instead:")
        terminal.type("y\n")
        terminal.wait_for("wipe: wiped 7")
        terminal.type("/exit\n")
        assert terminal.ended() == 0
        assert b"\x1b" not in terminal.raw


def test_terminate_at_the_prompt_leaves_cleanly(project: Path) -> None:
    """SIGTERM ends the chat without a traceback and leaves the terminal as it was."""
    with Terminal(project, "chat", "parrot", "hello") as terminal:
        terminal.wait_for("You said: hello")
        terminal.prompt(1)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 130
        assert "Traceback" not in terminal.text()
