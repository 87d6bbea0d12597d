"""Says an agent's settings in the words of the Messages API, for one model: what that model would refuse is named before it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.messages import ModelRequest
    from runner.providers._messages_models import Traits

SAMPLING = frozenset({"temperature", "top_p"})
"""Settings that later models, and the newer version of the API for all models, refuse."""

_KNOWN = SAMPLING | {"reasoning", "max_output_tokens", "stop"}
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384}
_LEAST = 1024
_EFFORTS = {"minimal": "low"}
_VERSION_WITH_SAMPLING = "2023-06-01"
_BINDING = "thinking-binding-controls-2026-08-01"
_DROP = {"prefix_mismatch_behavior": "drop_block"}
"""Thinking that no longer fits what stands before it (another agent's instructions, say) is left out by the vendor, not refused."""


def refused(model: Traits) -> frozenset[str]:
    """Return the settings that a model does not take."""
    return frozenset({"seed"} | (frozenset[str]() if model.sampling else SAMPLING))


def settings_of(request: ModelRequest, model: Traits, *, thought: bool, unthought: bool) -> dict[str, Any]:
    """Return the members of the request that settings become. Raises BadRequestError for a setting that the model does not take.

    `thought`: thinking of ours goes back with the history. `unthought`: the turn began without thinking, so it cannot begin now.
    """
    settings = request.settings
    for name in settings:
        if name in refused(model) or name not in _KNOWN:
            raise BadRequestError(f"`{request.model}` does not take the setting `{name}`", hint=f"take `{name}` out of its `settings`")
    most = settings.get("max_output_tokens", model.output)
    members: dict[str, Any] = {"max_tokens": most}
    members |= {name: settings[name] for name in sorted(SAMPLING) if name in settings}
    if stop := settings.get("stop"):
        members["stop_sequences"] = [stop] if isinstance(stop, str) else list(stop)
    thinking, effort = _thinking(request, model, most, unthought=unthought)
    if thought and model.bound and (thinking is None or thinking["type"] == "adaptive"):
        thinking = {"type": "adaptive", **(thinking or {}), "block_binding": _DROP}
    members |= {"thinking": thinking} if thinking else {}
    return members | ({"output_config": {"effort": effort}} if effort else {})


def headers_of(members: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that the members of a request need: an older version of the API, the name of a beta."""
    headers = {"anthropic-version": _VERSION_WITH_SAMPLING} if SAMPLING & members.keys() else {}
    bound = "block_binding" in members.get("thinking", {})
    return headers | ({"anthropic-beta": _BINDING} if bound else {})


def _thinking(request: ModelRequest, model: Traits, most: int, *, unthought: bool) -> tuple[dict[str, Any] | None, str | None]:
    """Return the `thinking` and the `effort` of a request, None for what is not said."""
    wish = request.settings.get("reasoning")
    if wish is None:
        return None, None
    if wish == "none":
        return _without(request, model), None
    match model.thinking:
        case "none":
            raise BadRequestError(f"`{request.model}` does not think", hint="take `reasoning` out of its `settings`")
        case "adaptive" | "unknown":
            return {"type": "adaptive", "display": "summarized"}, _EFFORTS.get(wish, wish)
        case "budget":
            forced = bool(request.tools) and request.tool_choice not in ("auto", "none")
            return (None if forced or unthought else _budget(request, wish, most)), None


def _without(request: ModelRequest, model: Traits) -> dict[str, Any] | None:
    if model.off is None:
        raise BadRequestError(f"`{request.model}` always thinks", hint="say `reasoning: low`, or name another model")
    return {"type": model.off} if model.off else None


def _budget(request: ModelRequest, wish: str, most: int) -> dict[str, Any]:
    if most <= _LEAST:
        raise BadRequestError(
            f"`{request.model}` cannot think within {most} tokens",
            hint=f"set `max_output_tokens` to {2 * _LEAST} or more, or drop `reasoning`",
        )
    return {"type": "enabled", "budget_tokens": max(_LEAST, min(_BUDGETS[wish], most // 2))}
