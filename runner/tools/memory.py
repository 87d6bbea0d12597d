"""The tool type `memory`: what is to be remembered from one conversation to the next. Its keys are checked; nothing is kept yet."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.spec.base import ToolSettings
from runner.tools._search import Search


class Settings(ToolSettings):
    """The keys of a `memory` tool."""

    scope: Literal["user", "agent", "project"] = Field(description="Who shares what is remembered.", examples=["user"])
    search: Search = Field(default=Search(), description="How it is searched.", examples=[{"top": 8}])
