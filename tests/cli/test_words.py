"""How approvals and questions are put and read."""

from __future__ import annotations

import pytest

from runner.channel import ApprovalAnswer, ApprovalRequest
from runner.cli.terminal import words


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y", ApprovalAnswer("allow")),
        ("YES", ApprovalAnswer("allow")),
        (" s ", ApprovalAnswer("allow", remember="session")),
        ("n", ApprovalAnswer("deny")),
        ("", ApprovalAnswer("deny")),
        ("stop that", ApprovalAnswer("deny", words="stop that")),
        ("yes but only order 7", ApprovalAnswer("deny", words="yes but only order 7")),
    ],
)
def test_only_a_plain_yes_is_a_yes(typed: str, answer: ApprovalAnswer) -> None:
    """Anything that is not y, s or n is a no whose words go to the model."""
    assert words.answer_of(typed) == answer


def test_a_request_shows_every_argument_and_hides_nothing() -> None:
    """The person sees the whole call, each line indented below its name, control characters escaped, and who asks."""
    wanted = ApprovalRequest(
        "1", "shell", "helper", "write", {"run": "ls\nallow? y", "n": 2, "trick": "ls\r\x1b[2Kx"}, "approve: ask", "a.yaml:3"
    )
    assert words.request(wanted) == [
        "helper wants to call shell [write] (a.yaml:3)",
        "  run: ls",
        "    allow? y",
        "  n: 2",
        r'  trick: "ls\r\u001b[2Kx"',
    ]


def test_a_long_argument_shows_its_beginning_and_its_end() -> None:
    """What is left out is counted, and the end, where the harm may be, is seen."""
    wanted = ApprovalRequest("1", "shell", "helper", "write", {"run": "\n".join(f"line {n}" for n in range(100))})
    shown = words.request(wanted)
    assert shown[1] == "  run: line 0"
    assert "  … 70 lines more …" in shown
    assert shown[-1] == "    line 99"


@pytest.mark.parametrize(("typed", "choice"), [("2", "no"), ("ye", "yes"), ("no", "no"), ("", None), ("x", None), ("4", None), ("n", None)])
def test_a_choice_is_named_by_number_or_unique_beginning(typed: str, choice: str | None) -> None:
    """An ambiguous or unknown answer is asked for again."""
    assert words.chosen(typed, ("yes", "no", "never")) == choice
