"""What the language has and this version cannot run yet. Such a key stops a run: nothing that is written is silently passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from runner import registry
from runner.compiler.link_reach import listed, mapped, models_of, providers_of, reached
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Definition, Library, Where

NOT_YET_RUNNABLE = Rule("not-yet-runnable", "error", "a type or a key that this version understands but cannot run yet")

_AGENT = ("flow", "result", "knowledge", "context")
_TOOL = ("retry", "isolate", "output")
_PROVIDER = ("rate",)
_PROJECT = ("server",)


def not_yet_keys(definition: Definition) -> tuple[str, ...]:
    """Return the keys of an agent that cannot run yet."""
    return tuple(key for key in _AGENT if key in definition.data)


def not_yet_runnable(library: Library, agent: str, models: tuple[str, ...] | None = None) -> list[Diagnostic]:
    """Return a finding for every type and key that the agent reaches and that cannot run yet, in no particular order.

    `models` stands in for the agent's own model list.
    """
    found = reached(library, agent, models)
    diagnostics: list[Diagnostic] = []
    for name in found.agents:
        diagnostics += _in_agent(library.agents[name], library)
    for name in found.tools:
        diagnostics += _of_type("tools", library.tools[name], (), library.tools[name].data, _TOOL)
    for name in found.providers:
        diagnostics += _of_type("providers", library.providers[name], (), library.providers[name].data, _PROVIDER)
    if library.project is not None:
        diagnostics += _keys(library.project, (), library.project.data, _PROJECT)
    return diagnostics


def _in_agent(definition: Definition, library: Library) -> Iterator[Diagnostic]:
    yield from _keys(definition, (), definition.data, _AGENT)
    for at, item in enumerate(listed(definition.data.get("tools"))):
        if "type" in (tool := mapped(item)):
            yield from _of_type("tools", definition, ("tools", at), tool, _TOOL)
    for at, item in enumerate(listed(definition.data.get("agents"))):
        if "with" in mapped(item):
            yield _finding(definition, ("agents", at, "with"), "`with` of a callable agent")
    if "cost" in mapped(definition.data.get("limits")):
        yield from _unpriced(definition, library)


def _unpriced(definition: Definition, library: Library) -> Iterator[Diagnostic]:
    unpriced = [text for text in models_of(definition, library) if not _priced(text, library)]
    if unpriced:
        message = f"a cost limit needs the price of every model, and `{unpriced[0]}` has none"
        hint = "name the model in the provider's `models` with its `price`, or limit tokens instead"
        yield Diagnostic(NOT_YET_RUNNABLE, definition.span(("limits", "cost"), key=True), message, hint)


def _priced(text: str, library: Library) -> bool:
    provider, _, model = text.partition("/")
    if provider not in providers_of(text, library):
        return False
    models = mapped(library.providers[provider].data.get("models"))
    return "price" in mapped(models.get(model))


def _of_type(
    room: Literal["tools", "providers"], definition: Definition, where: Where, data: Mapping[str, Any], keys: tuple[str, ...]
) -> Iterator[Diagnostic]:
    """Yield what a tool or provider cannot do yet: all of it, when its type has no code; else keys that all have, and its type's own."""
    kind = data.get("type")
    if data.get("enabled") is False or kind not in registry.type_names(room):
        return
    if not registry.runnable(room, kind):
        what = room.removesuffix("s")
        message = f"{what}s of type `{kind}` cannot run yet"
        hint = f"this version checks such a {what}; use another type, or leave the {what} out for now"
        yield Diagnostic(NOT_YET_RUNNABLE, definition.span((*where, "type")), message, hint)
        return
    yield from _keys(definition, where, data, keys)
    for key in registry.not_yet(room, kind):
        path = tuple(key.split("."))
        owner: Mapping[str, Any] = data
        for step in path[:-1]:
            owner = mapped(owner.get(step))
        if path[-1] in owner:
            yield _finding(definition, (*where, *path), f"`{key}` of type `{kind}`")


def _keys(definition: Definition, where: Where, data: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[Diagnostic]:
    for key in keys:
        if key in data:
            yield _finding(definition, (*where, key), f"`{key}`")


def _finding(definition: Definition, where: Where, what: str) -> Diagnostic:
    hint = "this version understands it but cannot run it; leave it out for now"
    return Diagnostic(NOT_YET_RUNNABLE, definition.span(where, key=True), f"{what} cannot run yet", hint)
