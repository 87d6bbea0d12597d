"""What is drawn: agents, tools, providers and steps as nodes, and what leads from one to the other. Knows no format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.flows import END, Step, flow_of
from runner.compiler.link_reach import listed, mapped, models_of, providers_of

if TYPE_CHECKING:
    from runner.compiler.definition import Definition, Library, Where
    from runner.compiler.documents import Document


@dataclass(frozen=True, slots=True)
class Node:
    """A thing. `kind` is agent, tool, provider, step or end; `detail` is a second line, `source` the `file:line` it is written at."""

    id: str
    kind: str
    label: str
    detail: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A way between two nodes by their ids. `kind` is tool, model, call, handoff, flow or runs; `label` says when or what."""

    start: str
    end: str
    kind: str
    label: str = ""


@dataclass(slots=True)
class Picture:
    """All nodes by id in the order they are met, the agent itself first, and all edges without repetitions."""

    agent: str
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    edges: dict[Edge, None] = field(default_factory=dict[Edge, None])

    def add(self, node: Node) -> str:
        """Add a node unless it is there; return its id."""
        return self.nodes.setdefault(node.id, node).id

    def join(self, start: str, end: str, kind: str, label: str = "") -> None:
        """Add an edge."""
        self.edges[Edge(start, end, kind, label)] = None


def picture_of(library: Library, agent: str) -> Picture:
    """Return the picture of all that an agent reaches. Names that nobody defines are nodes without a source."""
    picture = Picture(agent)
    waiting, done = [agent], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name not in done:
            done.add(name)
            waiting += _agent(picture, library, name)
    return picture


def _agent(picture: Picture, library: Library, name: str) -> list[str]:
    """Draw one agent; return the agents it leads to."""
    here = _agent_node(picture, library, name)
    definition = library.agents.get(name)
    if definition is None:
        return []
    data = definition.data
    for model in models_of(definition, library) if "flow" not in data else ():
        picture.join(here, _provider(picture, library, model), "model", model)
    for key in ("tools", "knowledge"):
        for at, item in enumerate(listed(data.get(key))):
            picture.join(here, _tool(picture, library, definition, (key, at), item), "tool", _narrowed(item))
    found: list[str] = []
    for key, kind in (("agents", "call"), ("handoffs", "handoff")):
        for item in listed(data.get(key)):
            found.append(str(mapped(item).get("use", item)))
            picture.join(here, _agent_node(picture, library, found[-1]), kind)
    return found + _flow(picture, library, definition)


def _agent_node(picture: Picture, library: Library, name: str) -> str:
    definition = library.agents.get(name)
    detail = str(definition.data.get("description", "")) if definition else "not defined"
    return picture.add(Node(f"agent:{name}", "agent", name, detail, definition.span().label() if definition else ""))


def _provider(picture: Picture, library: Library, model: str) -> str:
    names = providers_of(model, library)
    if model == "auto" or not names:
        return picture.add(Node(f"provider:{model}", "provider", model, "the first provider there is" if model == "auto" else "not known"))
    definition = library.providers[names[0]]
    return picture.add(Node(f"provider:{names[0]}", "provider", names[0], str(definition.data.get("type", "")), definition.span().label()))


def _tool(picture: Picture, library: Library, owner: Definition, where: Where, item: Any) -> str:
    own = mapped(item)
    if "type" in own:
        name = str(own.get("name", own["type"]))
        return picture.add(Node(f"tool:{owner.name}/{name}", "tool", name, str(own["type"]), owner.span(where).label()))
    name = str(own.get("use", item))
    return _tool_node(picture, library, name)


def _tool_node(picture: Picture, library: Library, name: str) -> str:
    definition = library.tools.get(name)
    if definition is None:
        return picture.add(Node(f"tool:{name}", "tool", name, "not defined"))
    detail = str(definition.data.get("type", "")) + (" (switched off)" if definition.data.get("enabled") is False else "")
    return picture.add(Node(f"tool:{name}", "tool", name, detail, definition.span().label()))


def _narrowed(item: Any) -> str:
    only = listed(mapped(item).get("only"))
    return f"only {', '.join(str(name) for name in only)}" if only else ""


def _flow(picture: Picture, library: Library, definition: Definition) -> list[str]:
    flow = flow_of(cast("Document", definition))
    if flow is None or not flow.top:
        return []
    steps, top = flow.all, flow.top
    owner = definition.name
    ids = {step.where: f"step:{owner}/{'/'.join(str(part) for part in step.where[1:])}" for step in steps}
    for step in steps:
        label = step.id or _words(step)
        picture.add(Node(ids[step.where], "step", label, _detail(step), definition.span(step.where).label()))
    end = picture.add(Node(f"end:{owner}", "end", END))
    by_name = {step.id: ids[step.where] for step in top if step.id} | {END: end}
    picture.join(f"agent:{owner}", ids[top[0].where], "flow")
    for step, after in zip(top, [*(ids[step.where] for step in top[1:]), end], strict=True):
        _ways(picture, step, ids[step.where], after, by_name)
    return _work(picture, library, steps, ids)


def _work(picture: Picture, library: Library, steps: tuple[Step, ...], ids: dict[Where, str]) -> list[str]:
    """Draw what each step runs; return the agents among it."""
    agents: list[str] = []
    for step in steps:
        name = str(step.data.get(step.kind))
        if step.is_child:
            picture.join(ids[step.where[:2]], ids[step.where], "flow", "together")
        if step.kind == "agent":
            agents.append(name)
            picture.join(ids[step.where], _agent_node(picture, library, name), "runs")
        elif step.kind == "tool":
            toolset, _, member = name.partition(".")
            picture.join(ids[step.where], _tool_node(picture, library, toolset), "runs", member)
    return agents


def _ways(picture: Picture, step: Step, here: str, after: str, by_name: dict[str, str]) -> None:
    """Draw the ways on from a step: those of `next`, and to the following step unless one of them always holds."""
    if step.kind == "fail" and "when" not in step.data:
        return
    for way in listed(step.data.get("next")):
        target = by_name.get(str(mapped(way).get("to")))
        when, most = mapped(way).get("when"), mapped(way).get("max")
        label = " ".join(filter(None, (f"when {when}" if when is not None else "", f"at most {most} times" if most else "")))
        if target:
            picture.join(here, target, "flow", label)
        if when is None and most is None and "when" not in step.data:
            return
    picture.join(here, after, "flow")


def _words(step: Step) -> str:
    return step.kind if step.kind == "parallel" else f"{step.kind}: {step.data.get(step.kind)}"


def _detail(step: Step) -> str:
    parts = [f"{key} {step.data[key]}" for key in ("when", "each") if key in step.data]
    return "; ".join(parts)
