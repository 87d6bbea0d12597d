"""Names of agents, tools, providers and models that nobody defines."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import at_most, shown, suggestion
from runner.compiler.link_reach import fill, listed, mapped
from runner.compiler.rules._tools import definitions
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context
    from runner.diagnostics import Span

UNRESOLVED_AGENT = Rule("unresolved-agent", "error", "an agent that does not exist is named")
UNRESOLVED_TOOL = Rule("unresolved-tool", "error", "a tool that does not exist is named")
UNRESOLVED_PROVIDER = Rule("unresolved-provider", "error", "a provider that does not exist is named")
UNRESOLVED_MODEL = Rule("unresolved-model", "error", "a provider has no model of that name")
RULES = (UNRESOLVED_AGENT, UNRESOLVED_TOOL, UNRESOLVED_PROVIDER, UNRESOLVED_MODEL)

_PROVIDER_KEYS = {"web": "search", "huggingface": "provider", "recorded": "provider"}
"""By type of tool or provider, the key that names a provider."""
_MODEL_KEYS = ("embeddings", "rerank")


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every name in agents, tests and the project that means nothing."""
    for agent in context.of_kind("agent"):
        models = (_models(agent, where, library) for where in (("model",), ("context", "model")))
        yield from at_most(chain(_agents(agent, library), _tools(agent, library), *models), agent.head())
    for test in context.of_kind("test"):
        name = test.data.get("agent", test.name)
        if test.whole and isinstance(name, str) and name not in library.agents:
            span = test.span(("agent",)) if "agent" in test.data else test.head()
            yield unknown_agent(name, span, library)
    for project in context.of_kind("project"):
        yield from _models(project, ("model",), library)
    for document, where, data in definitions(iter(context.documents)):
        yield from _in_settings(document, where, data, library)
    for provider in context.of_kind("provider"):
        yield from _in_settings(provider, (), provider.data, library)


def _in_settings(document: Document, where: Where, data: Mapping[str, Any], library: Library) -> Iterator[Diagnostic]:
    """Report the providers and models that the settings of a tool or provider name."""
    key = _PROVIDER_KEYS.get(str(data.get("type")))
    if key and isinstance(name := data.get(key), str) and "${" not in name and name not in library.providers:
        yield _unknown_provider(name, document.span((*where, key)), library)
    for key in _MODEL_KEYS:
        if isinstance(text := mapped(data.get("search")).get(key), str):
            yield from _model(document, (*where, "search", key), text, library)


def unknown_agent(name: str, span: Any, library: Library) -> Diagnostic:
    """Return the finding for an agent that does not exist."""
    hint = f"`{shown(name)}` is a tool: list it under `tools:`" if name in library.tools else suggestion(name, library.agents, "agents")
    return Diagnostic(UNRESOLVED_AGENT, span, f"there is no agent `{shown(name)}`", hint)


def _agents(agent: Document, library: Library) -> Iterator[Diagnostic]:
    places = [*_references(agent, "agents"), *_references(agent, "handoffs"), *_in_steps(agent, "agent")]
    for where, name in places:
        if name not in library.agents:
            yield unknown_agent(name, agent.span(where), library)


def _tools(agent: Document, library: Library) -> Iterator[Diagnostic]:
    own = {tool.get("name") for item in listed(agent.data.get("tools")) if "type" in (tool := mapped(item))}
    steps = [(where, name.partition(".")[0]) for where, name in _in_steps(agent, "tool")]
    for where, name in [*_references(agent, "tools"), *_references(agent, "knowledge"), *steps]:
        if name in library.tools or name in own:
            continue
        hint = suggestion(name, library.tools, "tools") or ""
        if not hint.startswith("did"):
            hint += "; a tool is defined in `tools.d`, or in its place with `name:` and `type:`"
        if name in library.agents:
            hint = f"`{shown(name)}` is an agent: list it under `agents:` to call it"
        yield Diagnostic(UNRESOLVED_TOOL, agent.span(where), f"there is no tool `{shown(name)}`", hint)


def _unknown_provider(name: str, span: Span, library: Library) -> Diagnostic:
    return Diagnostic(UNRESOLVED_PROVIDER, span, f"there is no provider `{shown(name)}`", suggestion(name, library.providers, "providers"))


def _references(agent: Document, key: str) -> Iterator[tuple[Where, str]]:
    for at, item in enumerate(listed(agent.data.get(key))):
        if isinstance(item, str):
            yield (key, at), item
        elif isinstance(name := mapped(item).get("use"), str):
            yield (key, at, "use"), name


def _in_steps(agent: Document, key: str) -> Iterator[tuple[Where, str]]:
    for at, step in enumerate(listed(agent.data.get("flow"))):
        places: list[Where] = [("flow", at), *(("flow", at, "parallel", n) for n in range(len(listed(mapped(step).get("parallel")))))]
        for where in places:
            found = mapped(step if len(where) == 2 else mapped(step)["parallel"][where[3]])
            if isinstance(name := found.get(key), str):
                yield (*where, key), name


def _models(document: Document, where: Where, library: Library) -> Iterator[Diagnostic]:
    value: Any = document.data
    for step in where:
        value = mapped(value).get(str(step))
    if isinstance(value, str):
        yield from _model(document, where, value, library)
    for at, item in enumerate(listed(value)):
        if isinstance(item, str):
            yield from _model(document, (*where, at), item, library)


def _model(document: Document, where: Where, written: str, library: Library) -> Iterator[Diagnostic]:
    text = fill(written, lambda _name: None)
    name, slash, model = (text or "").partition("/")
    if not slash or not name or not model:
        return
    plain = "${" not in written
    provider = library.providers.get(name)
    if provider is None:
        span = document.inside(where, 0, len(name)) if plain else document.span(where)
        yield _unknown_provider(name, span, library)
        return
    models = mapped(provider.data.get("models"))
    if models and model not in models:
        span = document.inside(where, len(name) + 1, len(written)) if plain else document.span(where)
        yield Diagnostic(
            UNRESOLVED_MODEL, span, f"provider `{shown(name)}` has no model `{shown(model)}`", suggestion(model, models, "models")
        )
