"""What the drawn terminal shows, without a terminal."""

from __future__ import annotations

import io
from typing import Any

from runner.cli.terminal.screen import Screen
from runner.cli.terminal.view import View
from runner.events import Event
from runner.messages import AssistantMessage, TextPart, to_data


class Stage:
    """A view that draws into a string."""

    def __init__(self, width: int = 60) -> None:
        self.paper = io.StringIO()
        self.view = View(Screen(self.paper, width=width))
        self.screen = self.view._screen
        self.screen.busy = lambda status: None  # type: ignore[method-assign]

    def tell(self, kind: str, path: str = "", **data: Any) -> None:
        self.view.show(Event(kind, f"{kind}-{id(data)}", "s", "r", "guide", path, data=data))

    def answered(self, text: str, path: str = "") -> None:
        self.tell("model.answered", path, message=to_data(AssistantMessage((TextPart(text),))))

    def shown(self) -> str:
        return self.paper.getvalue()


def test_finished_blocks_are_printed_once_and_in_order() -> None:
    """However the words are cut into deltas, the paper shows each block once."""
    stage = Stage()
    text = "# Title\n\nSome *words*.\n\n- one\n- two\n\nThe end."
    for letter in text:
        stage.tell("text.delta", text=letter)
    stage.answered(text)
    assert stage.shown() == "Title\n\nSome words.\n\n • one\n • two\n\nThe end.\n"


def test_an_answer_that_was_not_streamed_is_shown_whole() -> None:
    """A driver that fetches unstreamed loses nothing."""
    stage = Stage()
    stage.answered("All at once.")
    assert stage.shown() == "All at once.\n"


def test_words_of_a_called_agent_stay_unseen_but_its_calls_show_indented() -> None:
    """Only the conversation with the person is printed."""
    stage = Stage()
    stage.tell("text.delta", "c1/", text="secret thoughts")
    stage.answered("secret thoughts", "c1/")
    stage.tell("tool.called", "c1/", call={"id": "t", "name": "look", "arguments": '{"q": 1}'}, tool="look")
    stage.tell("tool.answered", "c1/", result={"call_id": "t", "name": "look", "parts": []}, duration_ms=300)
    assert stage.shown() == "  ✓ look(q=1) 0.3 s\n"


def test_a_failed_tool_shows_why() -> None:
    """The first words of the error stand behind the call."""
    stage = Stage(100)
    stage.tell("tool.called", call={"id": "t", "name": "look", "arguments": "{broken"}, tool="look")
    error = {"call_id": "t", "name": "look", "is_error": True, "parts": [{"type": "text", "text": "ValueError:\x1b[2J no such\norder"}]}
    stage.tell("tool.answered", result=error, duration_ms=1)
    assert stage.shown() == "✗ look({broken) ValueError: no such order\n"


def test_a_reset_turn_begins_again_and_says_so_when_part_was_printed() -> None:
    """What was only in the live region disappears; what was printed is declared void."""
    stage = Stage(100)
    stage.tell("text.delta", text="lost")
    stage.tell("turn.reset", reason="cut")
    stage.tell("text.delta", text="printed\n\nlost")
    stage.tell("turn.reset", reason="connection lost")
    stage.answered("whole")
    assert stage.shown() == "printed\nthe answer broke off (connection lost); it begins again\nwhole\n"


def test_models_cannot_use_markup_escapes_or_hidden_links() -> None:
    """Rich markup stays text, escape sequences vanish, a link shows its address."""
    stage = Stage(80)
    stage.answered("[red]x[/red] \x1b]0;t\x07[here](http://evil.example) :smile:")
    assert stage.shown() == "[red]x[/red] here (http://evil.example) :smile:\n"


def test_a_narrow_terminal_wraps() -> None:
    """No line is longer than the terminal is wide, down to silly widths."""
    stage = Stage(12)
    stage.answered("# A heading that wraps\n\nwords words words\n\n```\na long line of code here\n```")
    assert max(map(len, stage.shown().splitlines())) <= 12
