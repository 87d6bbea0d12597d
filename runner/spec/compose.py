"""Joins the common keys of tools and providers with the settings of each type: one class per type, told apart by `type`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast

from pydantic import Field, create_model

from runner.spec.agent import AgentSpec
from runner.spec.project import ProjectSpec
from runner.spec.provider import DOCUMENTS, ProviderSpec
from runner.spec.schema import write_schema
from runner.spec.test import TestSpec
from runner.spec.tool import InlineTool, ToolSpec, ToolUse
from runner.spec.words import Name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.spec.base import ProviderSettings, Spec, ToolSettings

KINDS = ("agent", "tool", "provider", "project", "test")


def schema_of(kind: str, tools: Mapping[str, type[ToolSettings]], providers: Mapping[str, type[ProviderSettings]]) -> dict[str, Any]:
    """Return the JSON Schema of a kind, with the settings class of each tool and provider type by name. Raises KeyError for another kind."""
    specs: dict[str, Any] = {"project": ProjectSpec, "test": TestSpec}
    if kind == "agent":
        specs[kind] = _agent(tools)
    elif kind == "tool":
        specs[kind] = _by_type(ToolSpec, tools, "Tool")
    elif kind == "provider":
        specs[kind] = _by_type(ProviderSpec, providers, "Provider", DOCUMENTS)
    return write_schema(specs[kind], f"agent-run {kind}")


def _agent(tools: Mapping[str, type[ToolSettings]]) -> Any:
    field = AgentSpec.model_fields["tools"]
    items = list[Union[Name, ToolUse, _by_type(InlineTool, tools, "InlineTool")]]  # noqa: UP007 – made at run time
    told = Field(default=None, description=field.description, examples=field.examples)
    return cast("Any", create_model)("Agent", __base__=AgentSpec, __doc__=AgentSpec.__doc__, tools=(items | None, told))


def _by_type(base: type[Spec], settings: Mapping[str, type[Spec]], suffix: str, others: Mapping[str, type[Spec]] | None = None) -> Any:
    classes = [_typed(name, (others or {}).get(name, base), settings[name], suffix) for name in sorted(settings)]
    return Annotated[Union[tuple(classes)], Field(discriminator="type")] if len(classes) > 1 else classes[0]  # noqa: UP007 – made at run time


def _typed(name: str, base: type[Spec], settings: type[Spec], suffix: str) -> Any:
    field = base.model_fields["type"]
    told = Field(description=field.description, examples=[name])
    title = "".join(part.title() for part in name.replace("_", "-").split("-")) + suffix
    make = cast("Any", create_model)
    return make(title, __base__=(settings, base), __doc__=base.__doc__, type=(Literal[cast("Any", name)], told))
