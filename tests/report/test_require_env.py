"""`--require-env`: what a run needs is set, or a finding where it is named; values are looked at for nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.report.kit import Project

NAME = "AGENT_RUN_TEST_SURELY_NOT_SET"


def rules_of(output: str) -> list[str]:
    return [line for line in output.splitlines() if "[missing-env]" in line]


def test_nothing_is_asked_without_the_flag(project: Project) -> None:
    """A check needs no variable."""
    assert project.write(a=f"model: auto\ninstructions: I am ${{env:{NAME}}}.\n")()[0] == 0


def test_a_variable_that_is_not_set_is_an_error_where_it_is_named(project: Project) -> None:
    """With the place of the expression; one with a default is not needed."""
    project.write(a=f"model: auto\ninstructions: I am ${{env:{NAME}}} and ${{env:{NAME}_2:-old}}.\n")
    code, out, _ = project("--require-env")
    assert code == 1
    assert rules_of(out) == [f"agents.d/a.yaml:2:20: error: the environment variable `{NAME}` is not set [missing-env]"]


def test_a_variable_that_is_set_is_fine(project: Project) -> None:
    """`PATH` is set wherever tests run."""
    assert os.environ["PATH"]
    assert project.write(a="model: auto\ninstructions: I am ${env:PATH}.\n")("--require-env")[0] == 0


@pytest.mark.parametrize(("line", "code"), [(f"{NAME}=x", 0), (f"{NAME}=", 1), ("OTHER=x", 1)])
def test_the_file_that_the_project_names_counts(line: str, code: int, project: Project) -> None:
    """Empty is not set; no value is printed."""
    (project.root / "providers.d").mkdir()
    (project.root / "providers.d" / "team.yaml").write_text(
        f"type: openai-chat\nbase_url: https://x.example\napi_key: ${{secret:{NAME}}}\n"
    )
    (project.root / "agent-run.yaml").write_text("secrets: {dotenv: .env}\n")
    (project.root / ".env").write_text(line)
    found, out, _ = project("--require-env")
    assert found == code
    assert bool(rules_of(out)) == bool(code)


def test_a_dotenv_that_cannot_be_read_is_a_clear_line(project: Project) -> None:
    """And it is not shown: it may hold a secret."""
    project.write(a=f"model: auto\ninstructions: I am ${{env:{NAME}}}.\n")
    (project.root / "agent-run.yaml").write_text("secrets: {dotenv: .env}\n")
    (project.root / ".env").write_text("this is 'not a line sk-live\n")
    code, out, err = project("--require-env")
    assert code not in (0, 3)
    assert ".env:1" in err
    assert "sk-live" not in out + err


def test_a_shipped_provider_s_key_is_asked_for_where_the_agent_names_it(project: Project) -> None:
    """The place in the catalog is told beside it; `auto` needs no key in particular."""
    project.write(a="model: deepseek/deepseek-chat\ninstructions: Hi.\n", b="model: auto\ninstructions: Hi.\n")
    _, out, _ = project("--require-env")
    if "DEEPSEEK_API_KEY" not in os.environ:
        assert rules_of(out) == ["agents.d/a.yaml:1:8: error: the secret `DEEPSEEK_API_KEY` is not set [missing-env]"]
        assert "named here, in the provider `deepseek`" in out


def test_it_can_be_silenced_and_is_never_unused(project: Project) -> None:
    """The comment is not in vain when the flag is not given."""
    project.write(a=f"model: auto\ninstructions: I am ${{env:{NAME}}}. # agent-run: ignore=missing-env set by the platform\n")
    assert project("--require-env")[:2] == project()[:2] == (0, "no findings in 1 file\n")
