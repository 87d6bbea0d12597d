"""The tool type `http`: one request to one address, made from the tool's inputs. Its keys are checked; requests cannot be sent yet."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.spec.base import ToolSettings
from runner.spec.words import Text

Value = str | int | float | bool
"""What a query or a form takes under a name."""


class Settings(ToolSettings):
    """The keys of an `http` tool."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="GET", description="What the request asks for.", examples=["POST"]
    )
    url: Text = Field(
        description="The address; expressions may stand after the host, and what they give is percent-encoded.",
        examples=["https://api.example.com/orders/${inputs.id}"],
    )
    headers: dict[str, str] | None = Field(
        default=None, description="Headers of the request.", examples=[{"Authorization": "Bearer ${secret:WEATHER_KEY}"}]
    )
    query: dict[str, Value | list[Value]] | None = Field(
        default=None, description="What stands behind the `?`; a list repeats its name.", examples=[{"q": "${inputs.city}", "days": 3}]
    )
    json_: Any = Field(default=None, alias="json", description="The body, as JSON.", examples=[{"city": "${inputs.city}"}])
    form: dict[str, Value | list[Value]] | None = Field(
        default=None, description="The body, as a form.", examples=[{"city": "${inputs.city}"}]
    )
    pick: Text | None = Field(
        default=None,
        description="The part of the answer to keep: names of fields and numbers of items, with dots between.",
        examples=["current.temperature", "items.0.name"],
    )
