"""Durations and sizes as people write them."""

from __future__ import annotations

import pytest

from runner.spec.units import seconds, size_bytes


@pytest.mark.parametrize(("text", "value"), [("500ms", 0.5), ("10s", 10), ("5m", 300), ("2h", 7200), ("7d", 604800), ("1.5s", 1.5)])
def test_a_duration_in_seconds(text, value):
    """Each unit counts."""
    assert seconds(text) == value


@pytest.mark.parametrize(("text", "value"), [("7B", 7), ("512KiB", 524288), ("1.5MiB", 1572864), ("1GiB", 1 << 30)])
def test_a_size_in_bytes(text, value):
    """Each unit counts."""
    assert size_bytes(text) == value


@pytest.mark.parametrize("text", ["", "10", "s", "-1s", "10 s", "1e3s", "10s\n", "1_0s", "10S"])
def test_other_text_is_refused(text):
    """A number without a unit means nothing."""
    with pytest.raises(ValueError, match="expected a duration"):
        seconds(text)
    with pytest.raises(ValueError, match="expected a size"):
        size_bytes(text)
