"""`chat` at a real terminal: streaming, approvals, Ctrl-C, leaving, going on."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from tests.cli.kit import Cli
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
        assert r'  what: "all\u001b[2J"' in terminal.text()
        terminal.type("y")
        assert r'✓ wipe(what="all\u001b[2J")' in terminal.wait_for("wipe: wiped 7")
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


def test_every_kind_of_waiting_can_be_stopped_and_the_chat_goes_on(project: Path) -> None:
    """Words as they stream, an approval, the prompt itself: Ctrl-C ends that and nothing else; what was said is kept."""
    with Terminal(project, "chat", "parrot", "long story", "--session", "abc") as terminal:
        terminal.wait_for("two three")
        terminal.type("\x03")
        shown = terminal.wait_for("interrupted; what was said so far is kept")
        assert "one two three" in shown
        assert "ten" not in shown
        terminal.type("wipe it\r")
        terminal.wait_for("or say what to do instead:")
        terminal.type("\x03")
        terminal.prompt(3)
        terminal.type("\x03")
        terminal.wait_for("Ctrl-D or /exit leaves")
        terminal.type("/exit\r")
        assert terminal.ended() == 0
        assert "wiped" not in terminal.text()
    shown = Cli(project)("sessions", "show", "abc").out
    assert "## parrot *(interrupted)*\n\none two three" in shown


def test_words_answer_an_approval_and_a_model_cannot_steer_the_terminal(project: Path) -> None:
    """A denial with words is told to the model, `stop` is not `s`; no escape sequence of the model is written."""
    with Terminal(project, "chat", "parrot", "wipe it") as terminal:
        terminal.wait_for("or say what to do instead:")
        terminal.type("stop that\r")
        terminal.wait_for("wipe: denied by the person: stop that")
        terminal.type("escape\r")
        terminal.wait_for("red")
        terminal.type("/exit\r")
        assert terminal.ended() == 0
        assert b"\x1b]0;" not in terminal.raw
        assert b"\x1b[35m" not in terminal.raw


def test_a_narrow_terminal_without_colour_and_a_signal_at_the_prompt(project: Path) -> None:
    """NO_COLOR writes no colour, 20 columns show everything, SIGTERM ends the chat without a traceback."""
    with Terminal(project, "chat", "parrot", "hello", columns=20, rows=12, NO_COLOR="1") as terminal:
        terminal.wait_for("You said: hello")
        terminal.prompt(2)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 130
        assert "Traceback" not in terminal.text()
        assert not re.search(rb"\x1b\[(?:\d+;)*(?:3[1-8]|4[1-8]|9\d)m", terminal.raw)


def test_a_dumb_terminal_gets_plain_lines(project: Path) -> None:
    """TERM=dumb: prompts and answers as lines, an approval as a line, no escape sequence at all."""
    with Terminal(project, "chat", "parrot", TERM="dumb") as terminal:
        terminal.prompt(1)
        terminal.type("wipe it\n")
        terminal.wait_for("or say what to do instead:")
        terminal.type("y\n")
        terminal.wait_for("wipe: wiped 7")
        terminal.type("/exit\n")
        assert terminal.ended() == 0
        assert b"\x1b" not in terminal.raw
