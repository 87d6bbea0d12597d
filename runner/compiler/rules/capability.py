"""What an agent asks of a model that refuses it or cannot do it. Knows the models in `providers/capabilities.yaml`; says nothing of others."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import runner.providers
from runner.compiler.findings import shown
from runner.compiler.link_reach import fill, listed, mapped
from runner.compiler.source import read_file
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

CAPABILITY = Rule("capability", "warning", "an agent asks something of a model that the model does not take")
RULES = (CAPABILITY,)

Wishes = dict[str, tuple["Where", str]]
"""What is asked for: the capability, and the place and the words for it."""


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report each wish of an agent that the first model of its list without it does not take, and each of a provider's own models."""
    for agent in context.of_kind("agent"):
        wishes = _wishes(agent)
        if wishes:
            yield from _in_agent(agent, wishes, library)
    for provider in context.of_kind("provider"):
        for name, model in mapped(provider.data.get("models")).items():
            settings = _settings(mapped(model).get("settings"), ("models", name, "settings"))
            lacks = _lacks(provider.data, name) if settings else frozenset[str]()
            for wish in sorted(lacks & set(settings)):
                yield _finding(provider, settings[wish], f"{provider.name}/{name}", None)


def _in_agent(agent: Document, wishes: Wishes, library: Library) -> Iterator[Diagnostic]:
    for document, where, written in _models(agent, library):
        text = written if "${" not in written else fill(written, lambda _name: None) or ""
        name, _, model = text.partition("/")
        provider = library.providers.get(name)
        lacks = _lacks(provider.data, model) if provider and model else frozenset[str]()
        for wish in sorted(lacks & set(wishes)):
            yield _finding(agent, wishes.pop(wish), text, Related(document.span(where), "the model is named here"))


def _models(agent: Document, library: Library) -> Iterator[tuple[Document, Where, str]]:
    for document in (agent, cast("Document | None", library.project)):
        value: Any = document.data.get("model") if document else None
        if document and value is not None:
            if isinstance(value, str):
                yield document, ("model",), value
            yield from ((document, ("model", at), item) for at, item in enumerate(listed(value)) if isinstance(item, str))
            return


def _wishes(agent: Document) -> Wishes:
    found = _settings(agent.data.get("settings"), ("settings",))
    if mapped(agent.data.get("output")) and "flow" not in agent.data:
        found["structured_output"] = (("output",), "")
    for name, kind in mapped(agent.data.get("inputs")).items():
        kind = mapped(kind).get("type", kind)  # noqa: PLW2901
        if kind in ("file", "file?"):
            found.setdefault("images", (("inputs", name), name))
    return found


def _settings(settings: Any, where: Where) -> Wishes:
    """Return the settings that ask for something; 1 is what a model without `temperature` and `top_p` has."""
    found: Wishes = {}
    for key, idle in (("temperature", 1), ("top_p", 1), ("reasoning", "none")):
        value = mapped(settings).get(key, idle)
        if value != idle:
            found[key] = ((*where, key), key)
    return found


def _lacks(provider: Mapping[str, Any], model: str) -> frozenset[str]:
    types, table = _table()
    kind = provider.get("type")
    if not isinstance(kind, str) or kind not in types:
        return frozenset()
    own = mapped(mapped(provider.get("models")).get(model)).get("id", model)
    return next((lacks for pattern, lacks in table if isinstance(own, str) and pattern.fullmatch(own)), frozenset[str]())


@lru_cache(maxsize=1)
def _table() -> tuple[frozenset[str], tuple[tuple[re.Pattern[str], frozenset[str]], ...]]:
    path = Path(runner.providers.__file__).with_name("capabilities.yaml")
    data = mapped(read_file(path, path.name).trees[0].data)
    models = [mapped(item) for item in listed(data["models"])]
    return frozenset(listed(data["types"])), tuple((re.compile(item["id"]), frozenset(listed(item["lacks"]))) for item in models)


def _finding(document: Document, wish: tuple[Where, str], model: str, related: Related | None) -> Diagnostic:
    where, word = wish
    name = shown(model)
    if where[0] == "output":
        message, hint = f"`{name}` cannot be held to a schema", "the answer is asked for in words and checked; expect repeated turns"
    elif where[0] == "inputs":
        message, hint = f"`{name}` sees no images, and `{shown(word)}` is a file", "name a model that does if pictures are meant"
    else:
        message, hint = f"`{name}` does not take `{word}`", "leave it out, or name another model"
    key = where[0] in ("output", "inputs")
    return Diagnostic(CAPABILITY, document.span(where, key=key), message, hint, None, (related,) if related else ())
