"""The tool type `openapi`: the operations of an OpenAPI document are the members. Its keys are checked; no document is read yet."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import ToolSettings
from runner.spec.words import Text


class Settings(ToolSettings):
    """The keys of an `openapi` tool."""

    document: Text = Field(
        description="The OpenAPI document: a file, relative to this one and inside the project, or an address.",
        examples=["../apis/shop.yaml", "https://api.example.com/openapi.json"],
    )
    headers: dict[str, str] | None = Field(
        default=None, description="Headers of every request.", examples=[{"Authorization": "Bearer ${secret:SHOP_KEY}"}]
    )
    only: list[str] | None = Field(
        default=None, description="Patterns of the operations to take; an empty list is none, no list is all.", examples=[["get_*"]]
    )
    except_: list[str] | None = Field(
        default=None, alias="except", description="Patterns of the operations to leave.", examples=[["delete_*"]]
    )
