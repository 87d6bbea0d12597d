"""`chat` without a terminal: a line per message, answers on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.kit import Cli


def test_lines_are_messages_and_answers_are_all_of_standard_output(cli: Cli) -> None:
    """Commands act, empty lines are nothing, what follows `/exit` is not read; the end says how to go on."""
    shown = cli("chat", "parrot", stdin="one\n\n/tools\n/tolls\n//slash\n/exit\nnever\n")
    assert shown.code == 0
    assert shown.out == "You said: one\nYou said: /slash\n"
    assert "wipe" in shown.err
    assert "there is no command /tolls; did you mean /tools?" in shown.err
    assert shown.err.startswith("parrot · script/parrot · session ")
    assert "agent-run chat parrot --resume " in shown.err.splitlines()[-1]


def test_a_first_message_and_the_end_of_input(cli: Cli) -> None:
    """MESSAGE is said before the first line; the input ends where it ends, also without a line end."""
    assert cli("chat", "parrot", "first", stdin="last").out == "You said: first\nYou said: last\n"
    assert cli("chat", "parrot", stdin="").out == ""


def test_the_conversation_is_remembered_until_it_is_cleared(cli: Cli) -> None:
    """`/title` names the session, `--continue` goes on with it."""
    cli("chat", "parrot", stdin="one\n/title About one\n/exit\n")
    shown = cli("chat", "parrot", "--continue", stdin="/title\n/clear\ntwo\n")
    assert "About one" in shown.err
    assert shown.out == "You said: two\n"
    assert len(cli("sessions", "list", "--format", "json").json()) == 1


def test_the_exit_code_is_that_of_the_last_run(cli: Cli) -> None:
    """A script sees that the provider refused or that something was denied; later success heals it."""
    assert cli("chat", "parrot", stdin="go down\n").code == 4
    assert cli("chat", "parrot", stdin="wipe\n").code == 5
    assert cli("chat", "parrot", stdin="go down\nhello\n").code == 0


def test_quiet_says_nothing_but_answers(cli: Cli) -> None:
    """`-q` leaves standard error to errors."""
    assert cli("chat", "parrot", "-q", stdin="one\n/exit\n").err == ""


def test_non_interactive_is_run(cli: Cli) -> None:
    """One message, one answer, no greeting."""
    shown = cli("chat", "parrot", "hello", "--non-interactive")
    assert (shown.code, shown.out, shown.err) == (0, "You said: hello\n", "")


def test_nothing_to_continue_is_one_line(cli: Cli) -> None:
    """A project without sessions says so."""
    shown = cli("chat", "parrot", "--continue")
    assert shown.code == 4
    assert shown.err.startswith("error: there is no session to continue")
