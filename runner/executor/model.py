"""One logical model call: the fallback list, retries, the shown stream, the price. Everything a vendor can do wrong ends here."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from runner.errors import AuthError, QuotaError, SecretError, UnavailableError
from runner.executor.fold import Folder
from runner.messages import AssistantMessage, ModelRequest, ModelResponse, ReasoningDelta, TextDelta, Usage, from_data, to_data
from runner.prices import cost
from runner.retry import retrying

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.errors import TransientError
    from runner.events import Event
    from runner.executor.call import AgentCall
    from runner.executor.opening import OpenModel
    from runner.graph import ModelRef

_FALL_BACK = (UnavailableError, AuthError, QuotaError, SecretError)
"""What makes the next model of the list worth a try: this one cannot be reached. A refused request would be refused again."""


async def ask_model(agent: AgentCall) -> ModelResponse:
    """Return the model's answer to the history; recorded answers are returned without a call. Spends the pot."""
    began = time.monotonic()
    priced: dict[str, float | None] = {}

    async def effect() -> ModelResponse:
        response, model = await _first_that_answers(agent)
        priced["cost"] = cost(model.node, model.provider_type, model.id, response.usage)
        return response

    def end(response: ModelResponse) -> Event:
        data = {
            "message": to_data(response.message),
            "usage": _usage_data(response.usage),
            "cost": priced["cost"],
            "stop": response.stop,
            "model": response.message.model,
            "duration_ms": int((time.monotonic() - began) * 1000),
        }
        return agent.event("model.answered", data if response.step is None else {**data, "step": response.step})

    def decode(data: Mapping[str, Any]) -> ModelResponse:
        priced["cost"] = data.get("cost")
        message = from_data(data["message"])
        assert isinstance(message, AssistantMessage)
        return ModelResponse(message, Usage(**data["usage"]), data["stop"], data.get("step"))

    await agent.state.journal.flush()
    response = await agent.state.journal.step(end, agent.event_id("model.answered"), effect, decode)
    _spend(agent, response, priced["cost"])
    return response


def _spend(agent: AgentCall, response: ModelResponse, dollars: float | None) -> None:
    tally = agent.state.tally
    agent.pot.spend(response.usage, dollars)
    tally.usage = tally.usage + response.usage
    tally.cost = None if tally.cost is None or dollars is None else tally.cost + dollars
    tally.model = response.message.model
    if response.step is not None:
        agent.state.steps.setdefault(response.message.model, set()).add(response.step)


async def _first_that_answers(agent: AgentCall) -> tuple[ModelResponse, OpenModel]:
    refs = agent.node.models
    for position, ref in enumerate(refs):
        try:
            model = await agent.state.opened.model(ref, agent.node.settings)
            return await _ask(agent, model), model
        except _FALL_BACK as error:
            if position + 1 == len(refs):
                raise
            _fell_back(agent, ref, refs[position + 1], str(error))
    raise AssertionError("an agent has at least one model")


def _fell_back(agent: AgentCall, ref: ModelRef, after: ModelRef, error: str) -> None:
    agent.emit("model.fell_back", ref.label(), model=ref.label(), to=after.label(), error=error)


async def _ask(agent: AgentCall, model: OpenModel) -> ModelResponse:
    request = _request(agent, model)
    shown = _Shown(agent, model.label)

    async def call(attempt: int) -> ModelResponse:
        agent.emit("model.called", f"{model.label}:{attempt}", model=model.label, attempt=attempt)
        return await shown.stream(model, request)

    def on_retry(error: TransientError, attempt: int, wait: float) -> None:
        shown.reset(str(error))
        data = {"model": model.label, "attempt": attempt, "kind": error.kind, "error": error.message, "wait": round(wait, 3)}
        agent.emit("model.retried", f"{model.label}:{attempt}", **(data if error.step is None else {**data, "step": error.step}))
        if error.step is not None:
            agent.state.steps.setdefault(model.label, set()).add(error.step)

    left = agent.pot.seconds_left()
    deadline = asyncio.get_running_loop().time() + left
    try:
        async with asyncio.timeout_at(deadline):
            return await retrying(call, model.retry, on_retry=on_retry, deadline=deadline)
    except TimeoutError:
        raise agent.pot.out_of_time() from None
    except asyncio.CancelledError:
        shown.keep_partial()
        raise


class _Shown:
    """Shows deltas as they come and knows what was shown, so that it can be taken back or kept when the turn is cut."""

    def __init__(self, agent: AgentCall, label: str) -> None:
        self._agent = agent
        self._label = label
        self._folder = Folder(label)
        self._any = False
        self._deltas = 0

    async def stream(self, model: OpenModel, request: ModelRequest) -> ModelResponse:
        self._folder = folder = Folder(self._label)
        watched = request.watched
        events = model.provider.stream(request)
        try:
            async for event in events:
                folder.feed(event)
                if watched and isinstance(event, (TextDelta, ReasoningDelta)):
                    self._show(event)
        finally:
            if close := getattr(events, "aclose", None):
                await close()
        return folder.response()

    def _show(self, event: TextDelta | ReasoningDelta) -> None:
        self._any = True
        self._deltas += 1
        kind = "text.delta" if isinstance(event, TextDelta) else "reasoning.delta"
        self._agent.emit(kind, str(self._deltas), text=event.text)

    def reset(self, reason: str) -> None:
        if self._any:
            self._any = False
            self._agent.emit("turn.reset", str(self._deltas), reason=reason)

    def keep_partial(self) -> None:
        if message := self._folder.partial():
            self._agent.history.append(message)
            self._agent.emit("message.added", "cut", message=to_data(message))


def _request(agent: AgentCall, model: OpenModel) -> ModelRequest:
    return ModelRequest(
        model=model.id,
        system=agent.system,
        messages=tuple(agent.history),
        tools=agent.toolbox.definitions,
        output_schema=agent.node.output,
        settings=model.settings,
        agent=agent.node.name,
        session=agent.state.session,
        steps_taken=frozenset(agent.state.steps.get(model.label, ())),
        watched=agent.state.channel.watched,
    )


def _usage_data(usage: Usage) -> dict[str, int | None]:
    return {"input": usage.input, "output": usage.output, "cached": usage.cached, "reasoning": usage.reasoning}
