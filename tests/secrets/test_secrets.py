"""Where secrets come from, and that nobody sees one before `redact` knows it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from runner import redact
from runner.errors import SecretError
from runner.secrets import DotenvFile, Environment, Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    """Every test starts and ends without secrets."""
    redact.clear()
    yield
    redact.clear()


def secrets(variables: dict[str, str], *files: Path) -> Secrets:
    return Secrets(sources=[Environment(variables), *map(DotenvFile, files)])


def test_a_value_is_known_to_redact_before_it_is_returned() -> None:
    """Whoever has the value cannot print it by accident."""
    value = secrets({"API_KEY": "a-long-value"}).get("API_KEY")
    assert value == "a-long-value"
    assert redact.redact(f"key={value}") == "key=[secret:API_KEY]"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """And the file helps where the environment has nothing, or an empty value."""
    (tmp_path / ".env").write_text("A=from-file-a\nB=from-file-b\nC=\n")
    found = secrets({"A": "from-environment", "B": ""}, tmp_path / ".env")
    assert [found.get(name) for name in "AB"] == ["from-environment", "from-file-b"]
    assert [found.has(name) for name in "ABCD"] == [True, True, False, False]
    assert found.environment("B") == "from-file-b"
    assert found.environment("C") is None


def test_an_unset_secret_is_named_with_all_ways_to_set_it(tmp_path: Path) -> None:
    """Empty counts as unset; the error tells variable, command and file."""
    with pytest.raises(SecretError) as caught:
        secrets({"OPENAI_API_KEY": ""}, tmp_path / ".env").get("OPENAI_API_KEY")
    assert str(caught.value) == "secret `OPENAI_API_KEY` is not set"
    assert caught.value.hint == f"set it: export OPENAI_API_KEY=…, or OPENAI_API_KEY=… in {tmp_path / '.env'}"


def test_an_environment_value_is_no_secret() -> None:
    """An ordinary field's value may be shown."""
    assert secrets({"REGION": "eu-central"}).environment("REGION") == "eu-central"
    assert redact.redact("eu-central") == "eu-central"


def test_without_a_file_only_the_environment_is_asked(tmp_path: Path) -> None:
    """A `.env` is read when the project says so, and only then."""
    assert not Secrets().has("AGENT_RUN_SURELY_UNSET")
    (tmp_path / ".env").write_text("AGENT_RUN_SURELY_UNSET=a-value-in-a-file")
    assert Secrets(tmp_path / ".env").get("AGENT_RUN_SURELY_UNSET") == "a-value-in-a-file"


def test_a_short_secret_is_used_and_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """It cannot be kept out of text, so its owner is told, without its value."""
    with caplog.at_level(logging.WARNING, logger="runner.secrets"):
        assert secrets({"PIN": "1234"}).get("PIN") == "1234"
    assert "PIN" in caplog.text
    assert "1234" not in caplog.text
