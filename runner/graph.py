"""What the compiler makes and the executor runs: a frozen, fully resolved graph of agents, toolsets and providers.

Everything is plain data: templates are kept as their source text (parsed once by whoever opens a node), schemas as JSON Schema, and
secrets and environment values only as the references `${secret:X}` and `${env:X}`. A graph therefore has a digest, can be written
down with the run that used it, and reveals nothing. The graph knows no YAML; `source` is the `file:line` a node was written at.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

Effect = Literal["read", "idempotent", "write"]
Approve = Literal["never", "ask", "always-ask"]


def _map() -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class ModelRef:
    """One entry of an agent's `model` list: `provider/id`. `id` may be a name from the provider's `models`."""

    provider: str
    id: str

    def label(self) -> str:
        """Return `provider/id`."""
        return f"{self.provider}/{self.id}"


@dataclass(frozen=True)
class Limits:
    """Finite by default. `turns` and `tool_calls` count per call of an agent; `tokens`, `cost` (dollars), `time` (seconds) are one pot per run."""

    turns: int = 20
    tool_calls: int = 100
    tokens: int | None = None
    cost: float | None = None
    time: float = 600.0
    repeats: int = 5
    depth: int = 3


@dataclass(frozen=True)
class Retry:
    """How often and for how long (seconds, over all attempts) a call is repeated."""

    attempts: int = 7
    within: float = 120.0


@dataclass(frozen=True)
class Rate:
    """How much of a provider may be used at once and per minute. None = no limit of ours."""

    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


@dataclass(frozen=True)
class PolicyRule:
    """One pattern of a policy and the `file:line` it was written at."""

    pattern: str
    source: str = ""


@dataclass(frozen=True)
class Policy:
    """What may run: any deny wins, then any ask, then any allow, then the tool's own `approve`."""

    allow: tuple[PolicyRule, ...] = ()
    ask: tuple[PolicyRule, ...] = ()
    deny: tuple[PolicyRule, ...] = ()


@dataclass(frozen=True)
class ToolUse:
    """A toolset as one agent uses it. `only` and `except_` are globs over member names (None = all).

    `bound` are arguments the author bound (`with`), hidden from the model.
    """

    toolset: str
    only: tuple[str, ...] | None = None
    except_: tuple[str, ...] = ()
    bound: Mapping[str, Any] = field(default_factory=_map)


@dataclass(frozen=True)
class AgentNode:
    """An agent. `instructions` and `prompt` are template texts; `inputs` and `output` are JSON Schema objects (None = no schema).

    `inputs` always has the property `message`. `agents` are callable as tools, `handoffs` may take the conversation over.
    `models` is the fallback list in order. `base` is the folder that relative paths in its definition start from.
    """

    name: str
    source: str
    models: tuple[ModelRef, ...]
    instructions: str = ""
    description: str = ""
    prompt: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=_map)
    output: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=_map)
    tools: tuple[ToolUse, ...] = ()
    agents: tuple[str, ...] = ()
    handoffs: tuple[str, ...] = ()
    limits: Limits = Limits()
    policy: Policy = Policy()
    not_yet_runnable: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToolsetNode:
    """A tool or toolset: its `type` names a plug-in of `runner.tools`, `settings` is what the plug-in's `Settings` class takes, as plain data.

    `inputs` is a JSON Schema object or None when the plug-in brings its own. `effect`/`approve` None = what the plug-in says.
    `root` is the project root that paths and Python modules are confined to; `base` the folder relative paths start from.
    """

    name: str
    type: str
    source: str
    description: str = ""
    inputs: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=_map)
    bound: Mapping[str, Any] = field(default_factory=_map)
    timeout: float | None = None
    retry: Retry | None = None
    effect: Effect | None = None
    approve: Approve | None = None
    root: str = ""
    base: str = ""


@dataclass(frozen=True)
class Price:
    """Dollars per million tokens. `cached` None = priced as input."""

    input: float
    output: float
    cached: float | None = None


@dataclass(frozen=True)
class ModelNode:
    """A named model of a provider: the vendor's `id`, default settings, price and window (tokens)."""

    id: str
    settings: Mapping[str, Any] = field(default_factory=_map)
    price: Price | None = None
    context: int | None = None
    script: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ProviderNode:
    """A connection to a vendor: its `type` names a plug-in of `runner.providers`.

    `settings` is what the plug-in's `Settings` class takes, with `${env:…}` and `${secret:…}` still in it.
    `models` are the named models; when not empty, no other id may be used. `auto` is the id that `model: auto` takes from it.
    """

    name: str
    type: str
    source: str
    settings: Mapping[str, Any] = field(default_factory=_map)
    models: Mapping[str, ModelNode] = field(default_factory=_map)
    retry: Retry = Retry()
    rate: Rate = Rate()
    auto: str | None = None


@dataclass(frozen=True)
class Graph:
    """All nodes that the root agent reaches, and the project's policy."""

    agent: str
    agents: Mapping[str, AgentNode]
    toolsets: Mapping[str, ToolsetNode]
    providers: Mapping[str, ProviderNode]
    policy: Policy = Policy()
    network_allow: tuple[str, ...] = ()
    python: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    root: str = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 (first 16 hex digits) over everything that decides how a run goes; places in files do not count."""
        text = json.dumps(_without_places(self), sort_keys=True, default=str, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _without_places(value: Any) -> Any:
    """Return nodes as plain data without where they were written; settings and schemas are data of the author and stay whole."""
    if dataclasses.is_dataclass(value):
        names = (field.name for field in dataclasses.fields(value) if field.name not in ("source", "root", "base"))
        return {name: _without_places(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_without_places(item) for item in cast("list[Any]", value)]
    return value
