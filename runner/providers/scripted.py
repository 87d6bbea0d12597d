"""A model that says what its YAML says: for tests, documentation and the keyless guide. No network, no chance.

Each answer has a number that is unique in its session and model (`Stopped.step`, `TransientError.step`): use `k` of step `p` of `n` is
`p + k·n`, counted from 1 and 0. The journal gives the numbers back as `steps_taken`, so a resumed session goes on where it was.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from runner.errors import (
    AuthError,
    BadRequestError,
    ContentFiltered,
    ContextOverflow,
    ProviderError,
    QuotaError,
    TransientError,
)
from runner.messages import CallDelta, CallStarted, ReasoningDelta, Stopped, TextDelta, Usage, UsageReported
from runner.providers import Capabilities
from runner.providers._script import Step, arguments, describe_request, describe_step, fits, model_name, say, scope_of, steps_of
from runner.spec.base import ProviderSettings
from runner.spec.units import seconds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping

    from runner.errors import TransientKind
    from runner.graph import ModelNode, ProviderNode
    from runner.messages import ModelEvent, ModelRequest
    from runner.providers import ProviderContext
    from runner.providers._script import Scope

_REMEMBERED = 10_000
"""Sessions whose used steps are kept in process; older ones are known from the journal alone."""

_PIECE = re.compile(r"\s*\S{1,60}\s*|\s+")

_FATAL: dict[str, type[ProviderError]] = {
    "auth": AuthError,
    "quota": QuotaError,
    "bad_request": BadRequestError,
    "content_filter": ContentFiltered,
    "context_overflow": ContextOverflow,
}
_TRANSIENT: dict[str, TransientKind] = {
    "rate_limit": "rate_limit",
    "overloaded": "overloaded",
    "unavailable": "unavailable",
    "timeout": "timeout",
    "cut": "cut",
}


class Settings(ProviderSettings):
    """A scripted provider takes no keys of its own: everything is in its `models`."""


def open(node: ProviderNode, settings: Settings, context: ProviderContext) -> Scripted:  # noqa: A001 – the contract's name
    """Return a provider that answers from the scripts of the node's models."""
    del settings, context
    return Scripted(node)


class Scripted:
    """Answers requests from scripts. What a session has used is remembered here and seeded from `request.steps_taken`."""

    def __init__(self, node: ProviderNode) -> None:
        self._node = node
        self._steps = {name: steps_of(model.script or {}) for name, model in node.models.items()}
        self._taken: OrderedDict[tuple[str, str], set[int]] = OrderedDict()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield the events of the first step that fits. Raises what the step's `error` says, BadRequestError when none fits."""
        name = self._model(request.model)[0]
        number, step = self._take(name, request)
        answered = False
        try:
            async with aclosing(_play(name, number, step, request)) as events:
                async for event in events:
                    answered = isinstance(event, Stopped)
                    yield event
        except (ProviderError, TransientError):
            answered = True
            raise
        finally:
            if not answered:  # cut short by a person: nothing was journalled, so the step has not been used
                self._known(request.session, name).discard(number)

    def capabilities(self, model: str) -> Capabilities:
        """Return what the model of that name can do: all, within the `context` its definition gives."""
        return Capabilities(context=self._model(model)[1].context)

    def leftover(self, session: str, model: str | None = None) -> tuple[str, ...]:
        """Return the script steps that a session has not used up, one line each: of one model, or of all models it has asked."""
        names = [model] if model else [name for owner, name in self._taken if owner == session]
        return tuple(f"{name}: {line}" for name in names for line in self._unused(name, self._known(session, name)))

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    def _model(self, wanted: str) -> tuple[str, ModelNode]:
        models = self._node.models
        named = (name for name, model in models.items() if model.id == wanted)
        name = wanted if wanted in models else next(named, None)
        if name is not None:
            return name, models[name]
        known = ", ".join(sorted(models)) or "none"
        raise BadRequestError(f"scripted provider `{self._node.name}` has no model `{wanted}`", hint=f"it has: {known}")

    def _known(self, session: str, name: str) -> set[int]:
        taken = self._taken.setdefault((session, name), set())
        self._taken.move_to_end((session, name))
        if len(self._taken) > _REMEMBERED:
            self._taken.popitem(last=False)
        return taken

    def _take(self, name: str, request: ModelRequest) -> tuple[int, Step]:
        taken = self._known(request.session, name)
        taken |= request.steps_taken
        for position, step in enumerate(self._steps[name], 1):
            number = self._next(name, position, taken)
            if self._left(name, number, step) and fits(step, request):
                taken.add(number)
                return number, step
        raise self._unanswered(name, request, taken)

    def _next(self, name: str, position: int, taken: set[int]) -> int:
        number = position
        while number in taken:
            number += len(self._steps[name])
        return number

    def _left(self, name: str, number: int, step: Step) -> bool:
        return step.times is None or (number - 1) // len(self._steps[name]) < step.times

    def _unused(self, name: str, taken: set[int]) -> Iterator[str]:
        for position, step in enumerate(self._steps[name], 1):
            if step.times is not None and self._left(name, self._next(name, position, taken), step):
                yield describe_step(position, step)

    def _unanswered(self, name: str, request: ModelRequest, taken: set[int]) -> BadRequestError:
        unused = "; ".join(self._unused(name, taken)) or "none"
        message = f"scripted model `{self._node.name}/{name}` has no answer: {describe_request(request)}; unused steps: {unused}"
        return BadRequestError(message, hint="add a step that fits; one without `when` fits every request")


async def _play(name: str, number: int, step: Step, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
    data, scope = step.data, scope_of(request)
    await _pause(data.get("delay"))
    cut = _raise_or_cut(data.get("error"), number)
    async for event in _spoken(data, "think", scope):
        yield event
    async for event in _spoken(data, "say", scope, cut[0] if cut else None):
        yield event
    if cut:
        raise cut[1]
    for event in _calls(name, number, data, scope):
        yield event
    if usage := data.get("usage"):
        yield UsageReported(Usage(**usage))
    yield Stopped("tool_calls" if data.get("calls") else "end", model=request.model, step=number)


async def _spoken(data: Mapping[str, Any], key: str, scope: Scope, limit: int | None = None) -> AsyncGenerator[ModelEvent, None]:
    text = say(data.get(key), scope)[:limit]
    for at, piece in enumerate(_PIECE.findall(text)):
        if at:
            await _pause(data.get("pace"))
        yield ReasoningDelta(piece) if key == "think" else TextDelta(piece)


def _calls(name: str, number: int, data: Mapping[str, Any], scope: Scope) -> Iterator[ModelEvent]:
    for index, call in enumerate(data.get("calls") or ()):
        yield CallStarted(index, f"call_{name}_{number}_{index + 1}", model_name(call["tool"]))
        yield CallDelta(index, arguments(call.get("with"), scope))


def _raise_or_cut(error: Any, number: int) -> tuple[int, TransientError] | None:
    """Raise the error a step asks for; a `cut` is returned with the characters that are said before it."""
    if error is None:
        return None
    details = cast("Mapping[str, Any]", error)
    kind = str(details["kind"])
    if kind in _FATAL:
        raise _FATAL[kind](f"the scripted model says {kind.replace('_', ' ')} (step {number})")
    wait = details.get("retry_after")
    transient = TransientError(
        f"the scripted model says {kind.replace('_', ' ')} (step {number})",
        kind=_TRANSIENT.get(kind, "unavailable"),
        retry_after=None if wait is None else seconds(wait),
        step=number,
    )
    if kind != "cut":
        raise transient
    return int(details.get("after", 0)), transient


async def _pause(duration: Any) -> None:
    if duration is not None:
        await asyncio.sleep(seconds(duration))
