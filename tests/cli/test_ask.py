"""Approvals by one key and questions, through prompt_toolkit's own test input."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from runner.channel import ApprovalAnswer, Question
from runner.cli.terminal.ask import ask_approval, ask_question

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


async def _typed(keys: str, ask: Callable[[], Awaitable[T]]) -> T:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        asyncio.get_running_loop().call_soon(pipe.send_text, keys)
        return await ask()


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        ("y", ApprovalAnswer("allow")),
        ("s", ApprovalAnswer("allow", remember="session")),
        ("n", ApprovalAnswer("deny")),
        ("\r", ApprovalAnswer("deny")),
        ("\x04", ApprovalAnswer("deny")),
        ("stop that\r", ApprovalAnswer("deny", words="stop that")),
        ("no, order 8\r", ApprovalAnswer("deny", words="no, order 8")),
    ],
)
async def test_one_key_answers_and_words_do_not_slip_through(keys: str, answer: ApprovalAnswer) -> None:
    """A lone y, s or n needs no Enter; words that begin with one of them are words."""
    assert await _typed(keys, lambda: ask_approval(lambda: None, grace=0.0 if len(keys) == 1 else 60.0)) == answer


async def test_ctrl_c_at_an_approval_stops_the_run() -> None:
    """The run is told to stop, and the question ends as cancelled, not as an answer."""
    stopped: list[bool] = []
    with pytest.raises(asyncio.CancelledError):
        await _typed("\x03", lambda: ask_approval(lambda: stopped.append(True)))
    assert stopped == [True]


async def test_a_question_with_choices_takes_only_one_of_them() -> None:
    """A wrong answer is not accepted; it can be mended and sent."""
    question = Question("1", "publish?", ("yes", "no"))
    assert await _typed("maybe\r\x15" + "2\r", lambda: ask_question(question, lambda: None)) == "no"
    assert await _typed("\x04", lambda: ask_question(question, lambda: None)) is None


async def test_a_key_and_enter_answer_one_question_and_not_the_next() -> None:
    """The wait for a lone key ends with its prompt: the second question stays open until it is answered itself."""
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        loop = asyncio.get_running_loop()
        loop.call_soon(pipe.send_text, "y\r")
        assert await ask_approval(lambda: None, grace=0.05) == ApprovalAnswer("allow")
        loop.call_later(0.3, pipe.send_text, "n\r")
        assert await ask_approval(lambda: None, grace=0.05) == ApprovalAnswer("deny")
