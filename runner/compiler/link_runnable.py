"""What the language has and this version cannot run yet. Such a key stops a run: nothing that is written is silently passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.compiler.link_reach import listed, mapped, models_of, providers_of, reached
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Definition, Library, Where

NOT_YET_RUNNABLE = Rule("not-yet-runnable", "error", "a key that this version understands but cannot run yet")

_AGENT = ("flow", "result", "knowledge", "context")
_TOOL = ("retry", "isolate", "output")
_PROVIDER = ("rate",)
_PROJECT = ("server",)


def not_yet_keys(definition: Definition) -> tuple[str, ...]:
    """Return the keys of an agent that cannot run yet."""
    return tuple(key for key in _AGENT if key in definition.data)


def not_yet_runnable(library: Library, agent: str) -> list[Diagnostic]:
    """Return a finding for every key that the agent reaches and that cannot run yet, in no particular order."""
    found = reached(library, agent)
    diagnostics: list[Diagnostic] = []
    for name in found.agents:
        diagnostics += _in_agent(library.agents[name], library)
    for names, definitions, keys in (
        (found.tools, library.tools, _TOOL),
        (found.providers, library.providers, _PROVIDER),
    ):
        for name in names:
            diagnostics += _keys(definitions[name], (), definitions[name].data, keys)
    if library.project is not None:
        diagnostics += _keys(library.project, (), library.project.data, _PROJECT)
    return diagnostics


def _in_agent(definition: Definition, library: Library) -> Iterator[Diagnostic]:
    yield from _keys(definition, (), definition.data, _AGENT)
    for at, item in enumerate(listed(definition.data.get("tools"))):
        if "type" in (tool := mapped(item)):
            yield from _keys(definition, ("tools", at), tool, _TOOL)
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


def _keys(definition: Definition, where: Where, data: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[Diagnostic]:
    for key in keys:
        if key in data:
            yield _finding(definition, (*where, key), f"`{key}`")


def _finding(definition: Definition, where: Where, what: str) -> Diagnostic:
    hint = "this version understands it but cannot run it; leave it out for now"
    return Diagnostic(NOT_YET_RUNNABLE, definition.span(where, key=True), f"{what} cannot run yet", hint)
