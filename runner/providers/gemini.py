"""Google's Gemini models, in their own format. Its keys are checked; it cannot be asked yet."""

from __future__ import annotations

from pydantic import Field

from runner.providers._connection import ServerSettings


class Settings(ServerSettings):
    """Where the server is and how it knows us."""

    base_url: str = Field(
        default="https://generativelanguage.googleapis.com",
        description="The address of the API, as the vendor's own library expects it.",
        examples=["https://generativelanguage.googleapis.com"],
    )
