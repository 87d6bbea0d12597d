"""What the contract suite says to a fake vendor, in nobody's format, and what each vendor's file gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractAsyncContextManager

    from runner.messages import Usage
    from runner.providers import Provider

KEY = "sk-contract-0123456789abcdef"
"""The key that every provider of the suite is opened with; no error may show it."""


@dataclass(frozen=True)
class Answer:
    """One answer of the fake. `calls` are `(id, name, arguments)`; a fake may choose its own ids when `ids_chosen` says so.

    `error` is a kind of the scripted language's errors, with `retry_after` in seconds; `cut` breaks the stream off after so many
    characters of `text`; `hold` says the text and then stays silent.
    """

    text: str = ""
    thought: str = ""
    calls: tuple[tuple[str, str, str], ...] = ()
    usage: Usage | None = None
    error: str | None = None
    retry_after: int | None = None
    cut: int | None = None
    hold: bool = False


class Fake(Protocol):
    """A running fake vendor with a provider that is connected to it."""

    provider: Provider
    model: str
    keeps_ids: bool

    def asked(self) -> int:
        """Return how many requests came."""
        ...

    def sent(self) -> list[str] | None:
        """Return the requests as texts, None for a provider that sends nothing."""
        ...

    async def cancelled(self) -> None:
        """Return once a request that was held open is given up by the provider."""
        ...


class Vendor(Protocol):
    """A file of this folder, as a module: `tests/contracts/providers/my_vendor.py` for the type `my-vendor`."""

    def serve(self, answers: Sequence[Answer]) -> AbstractAsyncContextManager[Fake]:
        """Start a fake that gives these answers in order, and a provider that asks it."""
        ...
