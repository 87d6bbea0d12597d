"""The tool type `ask_user`: the model asks the person. It has no keys of its own and cannot run yet."""

from __future__ import annotations

from runner.spec.base import ToolSettings


class Settings(ToolSettings):
    """An `ask_user` tool has no keys beside the common ones."""
