"""What a call costs: from the price in YAML, or unknown."""

from __future__ import annotations

import pytest

from runner.graph import ModelNode, Price
from runner.messages import Usage
from runner.prices import cost

MODEL = ModelNode("m", price=Price(1.0, 4.0, 0.1))


def test_input_cached_and_output_have_their_own_prices() -> None:
    """Cached tokens are a part of the input and cost their own price."""
    assert cost(MODEL, "openai-chat", "m", Usage(1_000_000, 500_000, 400_000)) == pytest.approx(0.6 + 0.04 + 2.0)


def test_without_a_cached_price_cached_tokens_cost_the_same() -> None:
    """The whole input at one price."""
    assert cost(ModelNode("m", price=Price(1.0, 4.0)), "openai-chat", "m", Usage(1_000_000, 0, 400_000)) == pytest.approx(1.0)


@pytest.mark.parametrize("model", [None, ModelNode("m")])
def test_an_unknown_price_is_not_zero(model: ModelNode | None) -> None:
    """Nobody said: None."""
    assert cost(model, "openai-chat", "m", Usage(10, 10)) is None


@pytest.mark.parametrize("usage", [Usage(), Usage(10), Usage(None, 10)])
def test_unknown_usage_is_not_zero(usage: Usage) -> None:
    """Half of what was used is not what was used."""
    assert cost(MODEL, "openai-chat", "m", usage) is None


def test_a_vendor_that_counts_more_cached_than_read_does_not_make_money() -> None:
    """Nonsense from outside never gives a negative price."""
    assert cost(MODEL, "openai-chat", "m", Usage(10, 0, 1000)) == pytest.approx(10 * 0.1 / 1e6)
