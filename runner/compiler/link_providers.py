"""Models and providers on their way into the graph: which ones an agent may use, and what the command line says otherwise."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import suggestion
from runner.compiler.link_reach import fill, in_order, listed, mapped, models_of
from runner.compiler.link_text import plain
from runner.errors import ConfigError, SecretError, UsageError
from runner.expressions import parse_template
from runner.graph import ModelNode, ModelRef, Price, ProviderNode, Rate, Retry
from runner.spec.units import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from runner.compiler.definition import Definition, Library

AUTO = ModelRef("auto", "")
"""The first provider with a key, else a local server; decided when the run opens."""

COMMON = frozenset({"schema", "kind", "name", "extends", "type", "description", "meta", "retry", "rate", "auto", "models"})
"""Keys of a provider document that are not its plug-in's."""


def model_refs(definition: Definition, library: Library, environ: Mapping[str, str] | None = None) -> tuple[ModelRef, ...]:
    """Return an agent's models in order of fallback, variables in them filled in. Raises SecretError for one that is not set."""
    owners = [definition, *([library.project] if library.project else [])]
    return tuple(_ref(text, environ, owners) for text in models_of(definition, library))


def chosen(library: Library, own: Callable[[], tuple[ModelRef, ...]], model: str | None, provider: str | None) -> tuple[ModelRef, ...]:
    """Return the models of the root agent after `--model` and `--provider`; `own` gives those it names itself.

    Raises UsageError when they name none.
    """
    if provider is not None and provider not in library.providers:
        raise UsageError(f"there is no provider `{provider}`", hint=suggestion(provider, library.providers, "providers"))
    if model is None:
        return own() if provider is None else (ModelRef(provider, _default_model(library, own, provider)),)
    if provider is not None:
        return (ModelRef(provider, model.removeprefix(f"{provider}/")),)
    if model == "auto":
        return (AUTO,)
    name, slash, rest = model.partition("/")
    if not slash:
        first = own()[0]
        if first == AUTO:
            raise UsageError(f"`{model}` does not say of which provider", hint=f"write --model provider/{model}, or add --provider")
        return (ModelRef(first.provider, model),)
    if name not in library.providers:
        raise UsageError(f"there is no provider `{name}`", hint=suggestion(name, library.providers, "providers"))
    return (ModelRef(name, rest),)


def provider_nodes(library: Library, refs: set[ModelRef]) -> dict[str, ProviderNode]:
    """Return the providers that models need, in the order `auto` tries them. Raises ConfigError for one that does not exist."""
    names = {ref.provider for ref in refs if ref != AUTO}
    if missing := sorted(names - set(library.providers)):
        raise ConfigError(f"there is no provider `{missing[0]}`", hint=suggestion(missing[0], library.providers, "providers"))
    if AUTO in refs:
        names |= {name for name, found in library.providers.items() if found.data.get("auto")}
    return {name: _node(library.providers[name]) for name in in_order(library) if name in names}


def _ref(text: str, environ: Mapping[str, str] | None, owners: Iterable[Definition]) -> ModelRef:
    values = os.environ if environ is None else environ
    model = fill(text, values.get)
    if model is None:
        raise _unset(text, values, _place(text, owners))
    if model == "auto":
        return AUTO
    provider, slash, rest = model.partition("/")
    if not slash or not provider or not rest:
        raise ConfigError(f"`{model}` is not a model", hint="write `provider/model`, or `auto`")
    return ModelRef(provider, rest)


def _unset(text: str, values: Mapping[str, str], place: str) -> SecretError:
    """Return the error for a model whose variable has no value, in the words of the definition's author when there are any."""
    special = next(special for special in parse_template(text).specials() if special.default is None and not values.get(special.name))
    name, wish = special.name, special.required
    hint = f"set {name}, or give a default: ${{env:{name}:-…}}" if not wish else wish if name in wish else f"set {name}: {wish}"
    return SecretError(f"{place}: environment variable `{name}` is not set, and the model needs it", hint=hint)


def _place(text: str, owners: Iterable[Definition]) -> str:
    """Return `file:line` of a model's text in the first definition that has it."""
    for owner in owners:
        model = owner.data.get("model")
        if text in listed(model):
            return owner.span(("model", listed(model).index(text))).label()
        if text == model:
            return owner.span(("model",)).label()
    return "model"


def _default_model(library: Library, own: Callable[[], tuple[ModelRef, ...]], provider: str) -> str:
    data = library.providers[provider].data
    names = list(mapped(data.get("models")))
    with suppress(SecretError):  # the agent's own list may name a variable that nobody needs now
        if found := [ref.id for ref in own() if ref.provider == provider]:
            return found[0]
    if data.get("auto") or len(names) == 1:
        return str(data.get("auto") or names[0])
    hint = f"add --model, one of: {', '.join(sorted(names))}" if names else "add --model"
    raise UsageError(f"provider `{provider}` does not say which model to take", hint=hint)


def _node(definition: Definition) -> ProviderNode:
    data = definition.data
    return ProviderNode(
        name=definition.name,
        type=str(data["type"]),
        source=definition.span().label(),
        settings=settings_of(data, COMMON),
        models={name: _model(name, item) for name, item in mapped(data.get("models")).items()},
        retry=retry_of(data.get("retry")) or Retry(),
        rate=Rate(**plain(data.get("rate") or {})),
        auto=str(data["auto"]) if data.get("auto") else None,
    )


def settings_of(data: Mapping[str, Any], common: frozenset[str]) -> dict[str, Any]:
    """Return what is the plug-in's in a definition, as plain data."""
    return {str(key): plain(value) for key, value in data.items() if key not in common and not str(key).startswith("x-")}


def retry_of(data: Mapping[str, Any] | None) -> Retry | None:
    """Return a `retry` map as a value; what it does not say stays at its default."""
    if data is None:
        return None
    return Retry(data.get("attempts", Retry.attempts), seconds(data["within"]) if "within" in data else Retry.within)


def _model(name: str, data: Mapping[str, Any]) -> ModelNode:
    price = data.get("price")
    script = {key: plain(data[key]) for key in ("rules", "script") if listed(data.get(key))}
    return ModelNode(
        id=str(data.get("id", name)),
        settings=plain(data.get("settings") or {}),
        price=Price(float(price["input"]), float(price["output"]), float(price["cached"]) if "cached" in price else None)
        if price
        else None,
        context=data.get("context"),
        script=script or None,
    )
