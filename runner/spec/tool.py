"""Tool documents and references to tools: the common keys. Each type adds its own with the settings class atop its plug-in."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.document import Document, Extendable
from runner.spec.fields import FieldMap
from runner.spec.model import RetrySpec
from runner.spec.words import Duration, Name, Text


class ToolKeys(Document):
    """The keys that every tool has, wherever it is defined."""

    type: str = Field(description="What kind of tool it is.", examples=["python"])
    description: str | None = Field(default=None, description="What it does; the model reads it.", examples=["Looks an order up."])
    inputs: FieldMap | None = Field(default=None, description="What the model must give.", examples=[{"id": "integer"}])
    output: FieldMap | None = Field(default=None, description="What it answers.", examples=[{"status": "string"}])
    with_: dict[str, Any] | None = Field(
        default=None, alias="with", description="Values bound by the author and hidden from the model.", examples=[{"shop": "eu"}]
    )
    timeout: Duration | None = Field(default=None, description="How long one call may take.", examples=["10s"])
    retry: RetrySpec | None = Field(default=None, description="How failed calls are repeated.", examples=[{"attempts": 2, "within": "20s"}])
    effect: Literal["read", "idempotent", "write"] | None = Field(
        default=None, description="What a call changes: nothing, the same when repeated, or something each time.", examples=["read"]
    )
    approve: Literal["never", "ask", "always-ask"] | None = Field(
        default=None, description="Whether a person must allow a call.", examples=["never"]
    )
    enabled: bool | None = Field(default=None, description="`false` takes it away from every agent.", examples=[False])
    isolate: Literal["process"] | None = Field(
        default=None, description="Run it in a process of its own that can be killed.", examples=["process"]
    )


class ToolSpec(ToolKeys, Extendable):
    """One tool, or a toolset."""

    kind: Literal["tool"] | None = Field(default=None, description="The kind of document.", examples=["tool"])


class InlineTool(ToolKeys):
    """A tool defined where it is used."""

    name: Name = Field(description="What the model calls it.", examples=["run_tests"])  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]


class ToolUse(Spec):
    """A tool or toolset, narrowed here."""

    use: Name = Field(description="The tool's name.", examples=["github"])
    only: list[Text] | None = Field(
        default=None, description="The members that may be used; `*` is a wildcard.", examples=[["list_issues", "get_*"]]
    )
    with_: dict[str, Any] | None = Field(
        default=None, alias="with", description="Values bound here and hidden from the model.", examples=[{"repo": "shop"}]
    )
