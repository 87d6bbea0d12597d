"""Answers of another provider, recorded once with a key and repeated without one. Its keys are checked; it cannot run yet."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import ProviderSettings
from runner.spec.words import Name, Text


class Settings(ProviderSettings):
    """Where the answers are, and who gives them the first time."""

    cassette: Text = Field(
        description="The file of recorded answers, relative to this one and inside the project.", examples=["cassettes/support.jsonl"]
    )
    provider: Name | None = Field(
        default=None,
        description="The provider that is asked while there is no such file; without it nothing is recorded.",
        examples=["openai"],
    )
