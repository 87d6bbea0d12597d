"""Which environment variables and secrets definitions need, and where each is named. Reads no variable: who calls it tells which are set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped, models_of, providers_of, tools_of
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from runner.compiler.documents import Document
    from runner.compiler.reading import Reading, World
    from runner.diagnostics import Span

MISSING_ENV = Rule("missing-env", "error", "a variable or secret that a definition needs is not set")


@dataclass(frozen=True, slots=True)
class Need:
    """A variable or secret without a default. `span` is where a project's file asks for it, `related` where it is named, if elsewhere."""

    name: str
    kind: str
    span: Span
    related: tuple[Related, ...] = ()


def needs_of(reading: Reading) -> list[tuple[World, Need]]:
    """Return what the definitions that were asked for need: what they name themselves, and what the shipped ones that they use name."""
    return [
        (world, need)
        for world in reading.worlds
        for document in world.documents
        if document.asked and document.whole
        for need in _of(document, world)
    ]


def missing(reading: Reading, is_set: Callable[[World, str], bool]) -> list[Diagnostic]:
    """Return a finding for every need for which `is_set` says no, at every place that names it."""
    return [_finding(need) for world, need in needs_of(reading) if not is_set(world, need.name)]


def _finding(need: Need) -> Diagnostic:
    what = "secret" if need.kind == "secret" else "environment variable"
    hint = f"set it: export {need.name}=…, or write {need.name}=… in the `.env` file that the project names under `secrets:`"
    if need.kind == "env" and not need.related:
        hint += "; where it may be absent give it a default: ${env:" + need.name + ":-…}"
    return Diagnostic(MISSING_ENV, need.span, f"the {what} `{shown(need.name)}` is not set", hint, related=need.related)


def _of(document: Document, world: World) -> Iterator[Need]:
    yield from _named_in(document, world)
    for used, span in _shipped(document, world):
        for need in _named_in(used, world):
            yield Need(need.name, need.kind, span, (Related(need.span, f"named here, in the {used.kind} `{used.name}`"),))


def _named_in(document: Document, world: World) -> Iterator[Need]:
    for text in world.texts.of(document):
        template = text.template()
        for special in template.specials() if template else ():
            if special.kind in ("env", "secret") and special.default is None:
                yield Need(special.name, special.kind, text.span(special.offset, special.end))


def _shipped(document: Document, world: World) -> Iterator[tuple[Document, Span]]:
    """Yield the shipped providers and tools that an agent uses, and where it says so; `auto` takes what there is and needs nothing."""
    if document.kind != "agent":
        return
    library = world.library
    names = dict.fromkeys(name for text in models_of(document, library) if text != "auto" for name in providers_of(text, library))
    for name in names:
        provider = library.providers.get(name)
        if provider is not None and provider.shipped:
            yield cast("Document", provider), _model_span(document, world)
    places = {_name(item): at for at, item in enumerate(listed(document.data.get("tools")))}
    for name in dict.fromkeys(tools_of(document.data)):
        tool = library.tools.get(name)
        if tool is not None and tool.shipped:
            yield cast("Document", tool), document.span(("tools", places[name])) if name in places else document.head()


def _name(item: Any) -> Any:
    return mapped(item).get("use") if isinstance(item, dict) else item if isinstance(item, str) else None


def _model_span(document: Document, world: World) -> Span:
    if "model" in document.data:
        return document.span(("model",))
    project = world.library.project
    return project.span(("model",)) if project is not None and "model" in project.data else document.head()
