"""Opens what a graph reaches: toolsets at once and together, providers when they are first asked. Fills in environment and secrets."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner import registry
from runner.errors import AuthError, ConfigError, SecretError
from runner.executor.toolbox import build
from runner.expressions import render_data
from runner.graph import ModelNode, ModelRef
from runner.providers import ProviderContext

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from runner.executor.toolbox import Toolbox
    from runner.graph import Graph, ProviderNode, Retry, ToolsetNode
    from runner.providers import Provider, ProviderType
    from runner.secrets import Secrets
    from runner.tools import Toolset, ToolsetContext, ToolType


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model ready to be asked. `label` is `provider/name` as in YAML; `id` the vendor's own; `settings` the model's under the agent's."""

    label: str
    id: str
    provider: Provider
    provider_type: str
    node: ModelNode | None
    settings: Mapping[str, Any]
    retry: Retry


class OpenGraph:
    """The opened parts of one graph. Make it with `open_graph`, give it back with `close`."""

    def __init__(self, graph: Graph, secrets: Secrets, get_blob: Callable[[str], Awaitable[bytes]]) -> None:
        self.graph = graph
        self.toolsets: dict[str, Toolset] = {}
        self._told: set[str] = set()
        self._secrets = secrets
        self._context = ProviderContext(get_blob)
        self._providers: dict[str, Provider] = {}
        self._toolboxes: dict[str, Toolbox] = {}
        self._models: dict[tuple[ModelRef, int], OpenModel] = {}
        self._auto: ModelRef | None = None

    def new_warnings(self) -> list[str]:
        """Return what toolsets warn of and was not told before."""
        found = [line for toolset in self.toolsets.values() for line in toolset.warnings if line not in self._told]
        self._told.update(found)
        return found

    def toolbox(self, agent: str) -> Toolbox:
        """Return the tools of an agent, built once."""
        if agent not in self._toolboxes:
            self._toolboxes[agent] = build(self.graph.agents[agent], self.graph, self.toolsets)
        return self._toolboxes[agent]

    async def model(self, ref: ModelRef, settings: Mapping[str, Any]) -> OpenModel:
        """Return the model of a reference with an agent's settings over its own. Raises SecretError or a ProviderError."""
        key = (ref, id(settings))
        if key not in self._models:
            self._models[key] = self._open_model(await self._choose() if ref.provider == "auto" else ref, settings)
        return self._models[key]

    def _open_model(self, ref: ModelRef, settings: Mapping[str, Any]) -> OpenModel:
        node = self.graph.providers[ref.provider]
        named = node.models.get(ref.id)
        merged = {**named.settings, **settings} if named else settings
        provider = self._provider(node)
        return OpenModel(ref.label(), named.id if named else ref.id, provider, node.type, named, merged, node.retry)

    def _provider(self, node: ProviderNode) -> Provider:
        if node.name not in self._providers:
            plugin = registry.provider_type(node.type)
            try:
                values = self.resolve(dict(node.settings))
            except SecretError as error:
                raise SecretError(f"{error.message} ({node.source}, provider `{node.name}`)", hint=error.hint) from None
            self._providers[node.name] = plugin.open(node, _settings(plugin, node, values), self._context)
        return self._providers[node.name]

    async def _choose(self) -> ModelRef:
        if self._auto is None:
            self._auto = await self._find_auto()
        return self._auto

    async def _find_auto(self) -> ModelRef:
        tried: list[str] = []
        for node in self.graph.providers.values():
            if node.auto is None:
                continue
            names = _secret_names(node)
            if names and all(self._secrets.has(name) for name in names):
                return ModelRef(node.name, node.auto)
            tried.extend(name for name in names if name not in tried)
            if not names and (found := await self._local_model(node)):
                return found
        keys = ", ".join(tried)
        raise AuthError(
            "`model: auto` found no provider with a key and no local model server",
            hint=f"set one of {keys}, start ollama, or name a model: `model: provider/id`",
        )

    async def _local_model(self, node: ProviderNode) -> ModelRef | None:
        models = getattr(self._provider(node), "models", None)
        if models is None:
            return None
        try:
            async with asyncio.timeout(2):
                found = await models()
        except Exception:  # noqa: BLE001 – a probe: whatever goes wrong means that no server is there
            return None
        if not found:
            return None
        return ModelRef(node.name, node.auto if node.auto and node.auto in found else found[0])

    def resolve(self, value: Any) -> Any:
        """Return a settings value with `${env:…}` and `${secret:…}` filled in. Raises SecretError for one that is not set."""
        return render_data(value, {}, self.special)

    def special(self, special: Any) -> Any:
        """Return the value of one `env:` or `secret:` reference."""
        if special.kind == "secret":
            return self._secrets.get(special.name)
        found = self._secrets.environment(special.name)
        if found is not None:
            return found
        if special.default is not None:
            return special.default
        raise SecretError(
            special.required or f"the environment variable `{special.name}` is not set", hint=f"set it: export {special.name}=…"
        )

    async def close(self) -> None:
        """Close everything that was opened; trouble while closing is not told."""
        parts = [*self.toolsets.values(), *self._providers.values()]
        await asyncio.gather(*(part.close() for part in parts), return_exceptions=True)


async def open_graph(graph: Graph, secrets: Secrets, context: ToolsetContext, get_blob: Callable[[str], Awaitable[bytes]]) -> OpenGraph:
    """Return the graph with its toolsets opened, all together. Raises the first error of one that is required."""
    opened = OpenGraph(graph, secrets, get_blob)
    context = dataclasses.replace(context, resolve=opened.resolve)
    for node in graph.toolsets.values():
        plugin = registry.tool_type(node.type)
        opened.toolsets[node.name] = plugin.open(node, _settings(plugin, node, dict(node.settings)), context)
    try:
        await asyncio.gather(*(toolset.open() for toolset in opened.toolsets.values()))
    except BaseException:
        await opened.close()
        raise
    return opened


def _settings(plugin: ToolType | ProviderType, node: ToolsetNode | ProviderNode, values: dict[str, Any]) -> Any:
    """Return the plug-in's settings object. What `${…}` filled in may not fit although the text did: that is the author's to mend."""
    try:
        return plugin.Settings.model_validate(values)
    except ValueError as error:
        details: list[dict[str, Any]] = getattr(error, "errors", list)()
        wrong = "; ".join(f"`{'.'.join(map(str, item['loc']))}`: {item['msg'].lower()}" for item in details)
        raise ConfigError(f"{node.source}: the settings of `{node.name}` do not fit: {wrong or type(error).__name__}") from None


def _secret_names(node: ProviderNode) -> list[str]:
    from runner.expressions import parse_template

    texts = [text for text in node.settings.values() if isinstance(text, str)]
    return [special.name for text in texts for special in parse_template(text).specials() if special.kind in ("secret", "env")]
