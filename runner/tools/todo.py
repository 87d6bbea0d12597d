"""The tool type `todo`: a list of things to do that an agent keeps for itself. It has no keys of its own and cannot run yet."""

from __future__ import annotations

from runner.spec.base import ToolSettings


class Settings(ToolSettings):
    """A `todo` tool has no keys beside the common ones."""
