"""The way to the person: what a run may ask and show. `Headless` is the channel of a run nobody sits at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.events import Event


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A tool call that a person must allow. `tool` is the YAML name (`toolset.member`); `rule` and `where` say what asks."""

    call_id: str
    tool: str
    agent: str
    effect: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rule: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalAnswer:
    """`decision` allow or deny; `remember` for this once or the whole session; `words` go to the model with a denial."""

    decision: Literal["allow", "deny"]
    by: Literal["policy", "person", "flag", "nobody"] = "person"
    remember: Literal["once", "session"] = "once"
    words: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person knows. With `choices` the answer is one of them."""

    id: str
    text: str
    choices: tuple[str, ...] = ()


class Channel(Protocol):
    """The person's end of a run."""

    @property
    def watched(self) -> bool:
        """True when somebody looks at deltas as they come."""
        ...

    async def approve(self, request: ApprovalRequest) -> ApprovalAnswer:
        """Return the person's answer; `by="nobody"` and `deny` when there is no person."""
        ...

    async def ask(self, question: Question) -> str | None:
        """Return the person's words, or None when there is no person."""
        ...

    def emit(self, event: Event) -> None:
        """Show an event. Must not block and must not raise."""
        ...


class Headless:
    """Nobody is there: approvals are denied (or all allowed with `yes`, the flag `--yes`), questions stay unanswered."""

    watched = False

    def __init__(self, *, yes: bool = False) -> None:
        self._yes = yes

    async def approve(self, request: ApprovalRequest) -> ApprovalAnswer:
        """Allow by flag, else deny for want of a person."""
        del request
        return ApprovalAnswer("allow", by="flag") if self._yes else ApprovalAnswer("deny", by="nobody")

    async def ask(self, question: Question) -> str | None:
        """Return None: nobody answers."""
        del question
        return None

    def emit(self, event: Event) -> None:
        """Drop the event; the store and the log have it."""
        del event
