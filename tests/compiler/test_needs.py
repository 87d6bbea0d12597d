"""What a run needs, told for every project that was asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner import app
from tests.compiler.project import write

if TYPE_CHECKING:
    from pathlib import Path


def test_the_needs_of_all_roots_are_told(tmp_path: Path) -> None:
    """Two projects in one check: the variables and secrets of both are listed, each once."""
    provider = "type: openai-chat\nbase_url: ${env:%s}\napi_key: ${secret:SHARED_KEY}\n"
    write(tmp_path, {"a/providers.d/one.yaml": provider % "FIRST_URL", "b/providers.d/two.yaml": provider % "SECOND_URL"})
    found = app.validate([tmp_path / "b", tmp_path / "a"], app.Options(workspace=tmp_path))
    assert found.needs_env == ("FIRST_URL", "SECOND_URL")
    assert found.needs_secrets == ("SHARED_KEY",)
