"""Tools on their way into the graph: definitions, references that narrow them, and tools defined where they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from runner.compiler.fields import fields_schema
from runner.compiler.findings import suggestion
from runner.compiler.link_providers import retry_of, settings_of
from runner.compiler.link_reach import listed
from runner.compiler.link_text import plain
from runner.errors import ConfigError
from runner.graph import ToolsetNode, ToolUse
from runner.spec.units import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.compiler.definition import Definition, Library, Where

COMMON = frozenset(
    (
        *("schema", "kind", "name", "extends", "type", "description", "meta", "inputs", "output", "with"),
        *("timeout", "retry", "effect", "approve", "enabled", "isolate"),
    )
)
"""Keys of a tool definition that are not its plug-in's."""


def tool_uses(library: Library, agent: Definition, toolsets: dict[str, ToolsetNode]) -> tuple[ToolUse, ...]:
    """Return an agent's tools and put their nodes into `toolsets`. A tool with `enabled: false` is left out.

    Raises ConfigError for a tool that does not exist, and for two different tools of one name.
    """
    uses: list[ToolUse] = []
    for at, item in enumerate(listed(agent.data.get("tools"))):
        node, use = _use(library, agent, ("tools", at), item)
        if node is None:
            continue
        if toolsets.setdefault(node.name, node) != node:
            message = f"there are two tools `{node.name}`: {toolsets[node.name].source} and {node.source}"
            raise ConfigError(message, hint="rename the one that is defined inside the agent")
        uses.append(use)
    return tuple(uses)


def _use(library: Library, agent: Definition, where: Where, item: Any) -> tuple[ToolsetNode | None, ToolUse]:
    data = cast("Mapping[str, Any]", item) if isinstance(item, dict) else {"use": item}
    if "use" not in data:
        name = str(data["name"])
        return _node(agent, where, name, data), ToolUse(name)
    name = str(data["use"])
    tool = library.tools.get(name)
    if tool is None:
        raise ConfigError(f"there is no tool `{name}`", hint=suggestion(name, library.tools, "tools"))
    only = tuple(str(member) for member in data["only"]) if "only" in data else None
    return _node(tool, (), name, tool.data), ToolUse(name, only, (), plain(data.get("with") or {}))


def _node(definition: Definition, where: Where, name: str, data: Mapping[str, Any]) -> ToolsetNode | None:
    if data.get("enabled") is False:
        return None
    return ToolsetNode(
        name=name,
        type=str(data["type"]),
        source=definition.span(where).label(),
        description=str(data.get("description", "")),
        inputs=fields_schema(data["inputs"]) if "inputs" in data else None,
        output=fields_schema(data["output"]) if "output" in data else None,
        settings=settings_of(data, COMMON),
        bound=plain(data.get("with") or {}),
        timeout=seconds(data["timeout"]) if "timeout" in data else None,
        retry=retry_of(data.get("retry")),
        effect=data.get("effect"),
        approve=data.get("approve"),
        root=str(definition.root),
        base=str(definition.base(where)),
    )
