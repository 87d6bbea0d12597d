"""What every document may hold, whatever its kind."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.words import Name


class Document(Spec):
    """A document. `x-…` keys are free-form too."""

    schema_: str | None = Field(
        default=None,
        alias="schema",
        pattern="^agent-run/v1$",
        description="The version of the language. A missing one means `agent-run/v1` for ever.",
        examples=["agent-run/v1"],
    )
    name: Name | None = Field(
        default=None, description="What others call it; else the file's name without its ending.", examples=["support"]
    )
    meta: dict[str, Any] | None = Field(default=None, description="Free-form notes that nothing reads.", examples=[{"owner": "team-a"}])


class Extendable(Document):
    """A document that may be laid over another of its kind. `key+:` appends to a list."""

    extends: Name | None = Field(
        default=None,
        description="The definition of the same kind that this one is laid over; its own name = the shipped one.",
        examples=["base"],
    )
