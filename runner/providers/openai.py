"""OpenAI's Responses API. Its keys are checked; it cannot be asked yet, and `openai-chat` speaks to the same models."""

from __future__ import annotations

from pydantic import Field

from runner.providers._connection import ServerSettings


class Settings(ServerSettings):
    """Where the server is and how it knows us."""

    base_url: str = Field(
        default="https://api.openai.com/v1",
        description="The address of the API, as the vendor's own library expects it.",
        examples=["https://api.openai.com/v1"],
    )
    organization: str | None = Field(default=None, description="The organization that is billed.", examples=["org-123"])
