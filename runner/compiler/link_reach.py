"""What an agent reaches: the names of agents, tools and providers that its run may touch. Tolerates definitions that have findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from runner.expressions import ExpressionError, parse_template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from runner.compiler.definition import Definition, Library


@dataclass(frozen=True, slots=True)
class Reached:
    """Names in the order they are met; only those that the library has."""

    agents: tuple[str, ...]
    tools: tuple[str, ...]
    providers: tuple[str, ...]


def reached(library: Library, agent: str, models: tuple[str, ...] | None = None) -> Reached:
    """Return what an agent reaches, itself included. `models` stands in for the first agent's own model list."""
    agents: dict[str, None] = {}
    tools: dict[str, None] = {}
    providers: dict[str, None] = {}
    waiting = [agent]
    while waiting:
        name = waiting.pop(0)
        definition = library.agents.get(name)
        if definition is None or name in agents:
            continue
        agents[name] = None
        data = definition.data
        tools.update(dict.fromkeys(found for found in tools_of(data) if found in library.tools))
        own = models if models is not None and name == agent else models_of(definition, library)
        providers.update(dict.fromkeys(found for model in own for found in providers_of(model, library)))
        waiting.extend(agents_of(data))
    return Reached(tuple(agents), tuple(tools), tuple(name for name in in_order(library) if name in providers))


def tools_of(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the tools that an agent's data refers to; tools defined in place have none to look up."""
    for item in listed(data.get("tools")):
        yield from _named(item)
    for item in listed(data.get("knowledge")):
        yield from _named(item)
    for step in steps_of(data):
        if isinstance(name := step.get("tool"), str):
            yield name.partition(".")[0]


def agents_of(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the agents that an agent's data refers to."""
    for key in ("agents", "handoffs"):
        for item in listed(data.get(key)):
            yield from _named(item)
    for step in steps_of(data):
        if isinstance(name := step.get("agent"), str):
            yield name


def steps_of(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the steps of a flow, those inside `parallel` included."""
    for step in listed(data.get("flow")):
        if isinstance(step, dict):
            yield cast("Mapping[str, Any]", step)
            children = cast("Mapping[str, Any]", step).get("parallel")
            yield from (cast("Mapping[str, Any]", child) for child in listed(children) if isinstance(child, dict))


def models_of(definition: Definition, library: Library) -> tuple[str, ...]:
    """Return the texts of an agent's model list: its own, else the project's, else `auto`."""
    project = library.project.data if library.project else {}
    for value in (definition.data.get("model"), project.get("model")):
        if isinstance(value, str):
            return (value,)
        if found := tuple(item for item in listed(value) if isinstance(item, str)):
            return found
    return ("auto",)


def providers_of(model: str, library: Library) -> tuple[str, ...]:
    """Return the names of the providers that one model text may use, a variable in it taken at its default."""
    text = fill(model, lambda _: None)
    if text is None:
        return ()
    if text == "auto":
        return tuple(name for name in in_order(library) if library.providers[name].data.get("auto"))
    name = text.partition("/")[0]
    return (name,) if name in library.providers else ()


def fill(model: str, lookup: Callable[[str], str | None]) -> str | None:
    """Return a model text with its variables filled in; None when one has no value and no default."""
    try:
        template = parse_template(model)
    except ExpressionError:
        return None
    values = {special: lookup(special.name) or special.default for special in template.specials()}
    if None in values.values() or template.expressions():
        return None
    return "".join(part if isinstance(part, str) else cast("str", values[cast("Any", part)]) for part in template.parts)


def in_order(library: Library) -> tuple[str, ...]:
    """Return the providers in the order `auto` tries them: the project's own, then the shipped ones as the catalog lists them."""
    return tuple(sorted(library.providers, key=lambda name: library.providers[name].shipped))


def listed(value: Any) -> list[Any]:
    """Return a list as it is and nothing for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def mapped(value: Any) -> Mapping[str, Any]:
    """Return a map as it is and an empty one for anything else."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _named(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict) and isinstance(name := cast("dict[str, Any]", item).get("use"), str):
        yield name
