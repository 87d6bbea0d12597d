"""The provider contract: one streaming verb. A provider is one file in this folder; `registry.provider_type(name)` loads it.

A provider file `runner/providers/my_vendor.py` (type `my-vendor`) has:

    class Settings(ProviderSettings): ...      # strict, frozen pydantic; what its YAML takes beside the common keys
    def open(node, settings, context) -> Provider   # cheap; the SDK is imported here or later, never at module top
    NOT_YET = ("region",)                      # keys that are checked and cannot run yet; left out when there are none

A file without `open` is a type that is checked and cannot run yet: a run that reaches it stops with `not-yet-runnable`.

A provider promises: tool-call ids are kept; usage is reported or left unknown; vendor errors become our tree (`TransientError` for what
may pass, with `retry_after`; `ProviderError` kinds for the rest); it never retries by itself; nothing of the vendor leaves the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from runner.graph import ProviderNode
    from runner.messages import ModelEvent, ModelRequest


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do. `context` is its window in tokens, None when unknown."""

    tools: bool = True
    images: bool = True
    reasoning: bool = True
    structured_output: bool = True
    refused_settings: frozenset[str] = frozenset()
    context: int | None = None


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """What an opened provider gets from the house. `get_blob` reads a file part's bytes."""

    get_blob: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Provider(Protocol):
    """An open connection to a model vendor, shared by all agents of a process."""

    def stream(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield the answer as it comes; the last event is `Stopped`. Closing the iterator cancels the request."""
        ...

    def capabilities(self, model: str) -> Capabilities:
        """Return what a model can do, without network."""
        ...

    async def close(self) -> None:
        """Give back connections. May be called twice."""
        ...


class ProviderType(Protocol):
    """What a provider file offers as a module."""

    Settings: Any

    def open(self, node: ProviderNode, settings: Any, context: ProviderContext) -> Provider:
        """Return a provider for a node whose settings are resolved and validated."""
        ...
