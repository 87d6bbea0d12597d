"""What agents and providers say about models: settings, prices, retry and rate."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.words import Dollars, Duration, Text


class ModelSettings(Spec):
    """How a model is asked. What a vendor does not know is refused by it, not passed over."""

    temperature: float | None = Field(default=None, ge=0, le=2, description="How freely the model chooses its words.", examples=[0.2])
    top_p: float | None = Field(default=None, gt=0, le=1, description="Choose among the likeliest words of this share.", examples=[0.9])
    reasoning: Literal["none", "minimal", "low", "medium", "high"] | None = Field(
        default=None, description="How long the model thinks before it answers.", examples=["high"]
    )
    max_output_tokens: int | None = Field(default=None, ge=1, description="The longest answer, in tokens.", examples=[4000])
    stop: list[Text] | None = Field(default=None, max_length=4, description="Texts at which the answer ends.", examples=[["END"]])
    seed: int | None = Field(default=None, description="Asks for the same answer to the same request.", examples=[7])


class RetrySpec(Spec):
    """How often and how long a call is repeated."""

    attempts: int | None = Field(default=None, ge=1, le=100, description="How many calls in all.", examples=[7])
    within: Duration | None = Field(default=None, description="No attempt starts after this time.", examples=["2m"])


class RateSpec(Spec):
    """How much of a provider may be used."""

    concurrency: int | None = Field(default=None, ge=1, description="Requests at the same time.", examples=[10])
    requests_per_minute: int | None = Field(default=None, ge=1, description="Requests in a minute.", examples=[600])
    tokens_per_minute: int | None = Field(default=None, ge=1, description="Tokens in a minute, in and out.", examples=[200000])


class PriceSpec(Spec):
    """Dollars per million tokens."""

    input: Dollars = Field(description="Dollars per million tokens read.", examples=[0.25])
    output: Dollars = Field(description="Dollars per million tokens written.", examples=[2.0])
    cached: Dollars | None = Field(
        default=None, description="Dollars per million tokens read from the vendor's cache; else as `input`.", examples=[0.03]
    )
