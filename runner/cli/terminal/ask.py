"""Asks a person at a drawn terminal: one key for an approval, a line for a question. What was typed ahead never counts as an answer."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.validation import Validator

from runner.channel import ApprovalAnswer
from runner.cli.terminal import words

if TYPE_CHECKING:
    from collections.abc import Callable

    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from runner.channel import Question

GRACE = 0.4
"""Seconds after y, s or n in which another letter makes it a word: `stop` must not mean `s`."""


async def ask_approval(interrupt: Callable[[], None], grace: float = GRACE) -> ApprovalAnswer:
    """Return the person's answer. Ctrl-C stops the run, Ctrl-D is no."""
    _forget_typed_ahead()
    typed = await _prompted(PromptSession[str](key_bindings=_one_key(grace)), words.APPROVAL_PROMPT, interrupt)
    return ApprovalAnswer("deny") if typed is None else words.answer_of(typed)


async def ask_question(question: Question, interrupt: Callable[[], None]) -> str | None:
    """Return the person's words or choice; None when they press Ctrl-D."""
    _forget_typed_ahead()
    valid = Validator.from_callable(
        lambda text: words.chosen(text, question.choices) is not None,
        error_message="one of: " + ", ".join(question.choices),
        move_cursor_to_end=True,
    )
    session = PromptSession[str](validator=valid if question.choices else None, validate_while_typing=False)
    typed = await _prompted(session, "> ", interrupt)
    return None if typed is None else words.chosen(typed, question.choices)


async def _prompted(session: PromptSession[str], prompt: str, interrupt: Callable[[], None]) -> str | None:
    try:
        return await session.prompt_async(prompt, handle_sigint=False)
    except EOFError:
        return None
    except KeyboardInterrupt:
        interrupt()
        await asyncio.sleep(0)
        raise asyncio.CancelledError from None


def _one_key(grace: float) -> KeyBindings:
    """Return bindings by which a lone y, s or n answers without Enter."""
    keys = KeyBindings()
    empty = Condition(lambda: _text() == "")

    def accept_if_alone(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.insert_text(event.data)
        letter = buffer.text

        def accept() -> None:
            # An application is reset when it ends, so only a running one can still be this prompt.
            if buffer.text == letter and event.app.is_running and event.app.current_buffer is buffer:
                buffer.validate_and_handle()

        asyncio.get_running_loop().call_later(grace, accept)

    for letter in "ysnYSN":
        keys.add(letter, filter=empty)(accept_if_alone)
    return keys


def _text() -> str:
    from prompt_toolkit.application import get_app

    app: Any = get_app()
    return app.current_buffer.text


def _forget_typed_ahead() -> None:
    """Drop keys pressed before the question was on the screen."""
    import termios

    from prompt_toolkit.application.current import get_app_session
    from prompt_toolkit.input.typeahead import clear_typeahead

    clear_typeahead(get_app_session().input)
    with contextlib.suppress(OSError, termios.error, ValueError):
        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
