"""Finds plug-ins by name: the type `openai-chat` is the module `runner.providers.openai_chat`. Loaded when asked for, never before."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any, cast

from runner.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from runner.providers import ProviderType
    from runner.retrieval import Retriever
    from runner.stores import Store
    from runner.tools import ToolType


def provider_type(name: str) -> ProviderType:
    """Return the provider plug-in of a type name. Raises ConfigError for one that does not exist."""
    return cast("ProviderType", _load("providers", name))


def tool_type(name: str) -> ToolType:
    """Return the tool plug-in of a type name. Raises ConfigError for one that does not exist."""
    return cast("ToolType", _load("tools", name))


def runnable(room: str, name: str) -> bool:
    """Tell whether a type of a room (`providers`, `tools`) can run; else its settings are checked and that is all. Raises ConfigError for no type."""
    return hasattr(_load(room, name), "open")


def not_yet(room: str, name: str) -> tuple[str, ...]:
    """Return the keys of a type that are checked and cannot run yet, keys inside maps with dots. Raises ConfigError for no type."""
    return tuple(getattr(_load(room, name), "NOT_YET", ()))


def open_store(location: str) -> Store:
    """Return the store that a `store:` value names; it still has to be opened."""
    scheme = location.split(":", 1)[0] if "://" in location else location
    name = {"mongodb": "mongo", "mongodb+srv": "mongo", "memory": "memory"}.get(scheme, "sqlite")
    return _load("stores", name).open(location)


def open_retriever(kind: str, index: Path) -> Retriever:
    """Return the retriever of a kind (`keyword`) over an index file, which it makes when it is missing."""
    return _load("retrieval", kind).open(index)


def type_names(room: str) -> tuple[str, ...]:
    """Return the type names that a room (`providers`, `tools`, `stores`) has, sorted."""
    package = importlib.import_module(f"runner.{room}")
    found = (module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") if room == "providers" else name for name in found))


def _load(room: str, name: str) -> Any:
    module = f"runner.{room}.{name.replace('-', '_')}"
    if name.startswith("_") or name not in type_names(room):
        raise ConfigError(f"there is no {room.removesuffix('s')} type `{name}`", hint=f"types: {', '.join(type_names(room))}")
    return importlib.import_module(module)
