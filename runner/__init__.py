"""agent-run: agents written as YAML, checked like code, run anywhere.

The library API is `runner.app`'s, by its names here, loaded when first used:

    import runner

    compiled = runner.compile_agent("support", runner.Options())
    async with runner.open_agent(compiled, channel=runner.Headless()) as live:
        result = await live.run("Where is order 7?")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runner.app import Compiled, Options, Validation, compile_agent, open_agent, open_store, validate
    from runner.channel import ApprovalAnswer, Channel, Headless

__version__ = "0.1.0"

__all__ = [
    "ApprovalAnswer",
    "Channel",
    "Compiled",
    "Headless",
    "Options",
    "Validation",
    "compile_agent",
    "open_agent",
    "open_store",
    "validate",
]

_FROM_CHANNEL = ("ApprovalAnswer", "Channel", "Headless")


def __getattr__(name: str) -> Any:
    """Load a name of the library API when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module `runner` has no `{name}`")
    return getattr(importlib.import_module("runner.channel" if name in _FROM_CHANNEL else "runner.app"), name)
