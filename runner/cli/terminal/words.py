"""How approvals and questions are put and how answers are read, the same for keys and for lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runner.channel import ApprovalAnswer
from runner.cli.terminal.clean import clean, clean_line

if TYPE_CHECKING:
    from runner.channel import ApprovalRequest, Question

APPROVAL_PROMPT = "allow? y once, s for this session, n no, or say what to do instead: "
_MOST_LINES = 30
_YES = {"y", "yes"}
_SESSION = {"s", "session"}
_NO = {"n", "no", ""}


def request(wanted: ApprovalRequest) -> list[str]:
    """Return what a person must know to decide: the call with all its arguments, what it does, and what asks."""
    where = f" ({clean_line(wanted.where)})" if wanted.where else ""
    head = f"{clean_line(wanted.agent)} wants to call {clean_line(wanted.tool)} [{wanted.effect}]{where}"
    body = [line for name, value in wanted.arguments.items() for line in _argument(clean_line(name), value)]
    hidden = len(body) - _MOST_LINES
    shown = body if hidden <= 0 else [*body[: _MOST_LINES // 2], f"  … {hidden} lines more …", *body[-_MOST_LINES // 2 :]]
    why = [] if not wanted.rule or wanted.rule.startswith("approve:") else [f"  because: {clean_line(wanted.rule)}"]
    return [head, *why, *shown]


def _argument(name: str, value: object) -> list[str]:
    """Return an argument as lines; one that hides something from the eye is shown escaped."""
    honest = isinstance(value, str) and clean(value) == value
    text = str(value) if honest else json.dumps(value, default=str)
    first, *more = text.split("\n")
    return [f"  {name}: {first}", *(f"    {line}" for line in more)]


def answer_of(typed: str) -> ApprovalAnswer:
    """Return the answer that a typed line means: anything but yes, session and no are words for the model, with a no."""
    word = typed.strip().lower()
    if word in _YES:
        return ApprovalAnswer("allow")
    if word in _SESSION:
        return ApprovalAnswer("allow", remember="session")
    return ApprovalAnswer("deny", words="" if word in _NO else typed.strip())


def decision(answer: ApprovalAnswer) -> str:
    """Return how an answer is confirmed to the person."""
    if answer.decision == "allow":
        return "allowed for this session" if answer.remember == "session" else "allowed once"
    return f"denied: {answer.words}" if answer.words else "denied"


def question(asked: Question) -> list[str]:
    """Return a question with its numbered choices."""
    return [clean(asked.text), *(f"  {number}. {clean_line(choice)}" for number, choice in enumerate(asked.choices, 1))]


def chosen(typed: str, choices: tuple[str, ...]) -> str | None:
    """Return the answer a typed line means: any words, or with choices the one it names by number, whole or unique beginning."""
    text = typed.strip()
    if not choices:
        return text
    if text in choices:
        return text
    if text.isdecimal() and 1 <= int(text) <= len(choices):
        return choices[int(text) - 1]
    near = [choice for choice in choices if text and choice.lower().startswith(text.lower())]
    return near[0] if len(near) == 1 else None
