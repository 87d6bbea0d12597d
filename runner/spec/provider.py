"""Provider documents: the common keys. Each type adds its own with the settings class atop its plug-in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.document import Extendable
from runner.spec.model import ModelSettings, PriceSpec, RateSpec, RetrySpec
from runner.spec.script import ScriptedModel
from runner.spec.words import Name, Text


class NamedModel(Spec):
    """A model under a name of our own."""

    id: Text = Field(description="The vendor's id of the model.", examples=["gpt-5-mini"])
    settings: ModelSettings | None = Field(
        default=None, description="Settings unless the agent says otherwise.", examples=[{"reasoning": "high"}]
    )
    price: PriceSpec | None = Field(default=None, description="Dollars per million tokens.", examples=[{"input": 0.25, "output": 2.0}])
    context: int | None = Field(default=None, ge=1, description="The model's window, in tokens.", examples=[400000])


class ProviderSpec(Extendable):
    """A connection to a model vendor or server, and its named models."""

    kind: Literal["provider"] | None = Field(default=None, description="The kind of document.", examples=["provider"])
    type: str = Field(description="The vendor's way of talking.", examples=["openai-chat"])
    retry: RetrySpec | None = Field(default=None, description="How calls are repeated.", examples=[{"attempts": 7, "within": "2m"}])
    rate: RateSpec | None = Field(default=None, description="How much of it may be used.", examples=[{"concurrency": 10}])
    auto: Text | None = Field(default=None, description="The model that `model: auto` takes from this provider.", examples=["gpt-5-mini"])
    models: dict[Name, NamedModel] | None = Field(
        default=None, description="Named models; with this key only these may be used.", examples=[{"fast": {"id": "gpt-5-mini"}}]
    )


class ScriptedProviderSpec(ProviderSpec):
    """A provider whose models answer from a script."""

    models: dict[Name, ScriptedModel] | None = Field(  # pyright: ignore[reportIncompatibleVariableOverride, reportGeneralTypeIssues]
        default=None, description="The scripted models by name.", examples=[{"demo": {"script": [{"say": "Hello!"}]}}]
    )


DOCUMENTS: dict[str, type[ProviderSpec]] = {"scripted": ScriptedProviderSpec}
"""Types whose common keys differ; the rest is `ProviderSpec`."""
