"""The tool type `web`: fetches pages as Markdown, and searches with a provider that can. Its keys are checked; nothing is fetched yet."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import ToolSettings
from runner.spec.words import Name

EFFECT = "read"


class Settings(ToolSettings):
    """The keys of a `web` tool."""

    search: Name | None = Field(
        default=None, description="The provider that searches; without it pages can only be fetched.", examples=["openai"]
    )
