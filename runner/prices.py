"""What a model call costs in dollars, or None when nobody said: an unknown price is never zero.

For now only the price written in YAML counts; it refuses to guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.graph import ModelNode, Price
    from runner.messages import Usage


def cost(model: ModelNode | None, provider: str, model_id: str, usage: Usage) -> float | None:
    """Return the dollars of one call, None when the price or the usage is unknown.

    `provider` (its type) and `model_id` (the vendor's) are what a price table would be asked for.
    """
    del provider, model_id
    return None if model is None or model.price is None else _priced(model.price, usage)


def _priced(price: Price, usage: Usage) -> float | None:
    if usage.input is None or usage.output is None:
        return None
    cached = min(usage.cached or 0, usage.input)
    cheap = price.input if price.cached is None else price.cached
    return ((usage.input - cached) * price.input + cached * cheap + usage.output * price.output) / 1_000_000
