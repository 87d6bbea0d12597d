"""The base classes of every spec and of the settings class atop each plug-in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """A frozen, strict piece of a definition; unknown keys are refused; input values never appear in errors.

    Every field has `description=` and `examples=[…]`: they become the JSON Schema that editors show.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class ToolSettings(Spec):
    """Base of a tool type's own keys (those beside `name description inputs output with timeout retry effect approve enabled isolate`)."""


class ProviderSettings(Spec):
    """Base of a provider type's own keys (those beside `retry rate models`)."""
