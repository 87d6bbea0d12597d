"""Models at Hugging Face, through its router. Its keys are checked; it cannot be asked yet."""

from __future__ import annotations

from pydantic import Field

from runner.providers._connection import ServerSettings


class Settings(ServerSettings):
    """Where the router is and how it knows us."""

    base_url: str = Field(
        default="https://router.huggingface.co/v1",
        description="The address of the API, as the vendor's own library expects it.",
        examples=["https://router.huggingface.co/v1"],
    )
    organization: str | None = Field(default=None, description="The organization that is billed.", examples=["my-team"])
