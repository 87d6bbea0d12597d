"""The tool type `files`: reads, lists, searches, writes and edits files below one folder. Its keys are checked; no file is touched yet."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import ToolSettings
from runner.spec.words import Text


class Settings(ToolSettings):
    """The keys of a `files` tool."""

    root: Text = Field(default=".", description="The folder, below the workspace, that no path leads out of.", examples=["notes"])
