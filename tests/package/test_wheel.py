"""The wheel is whole: installed elsewhere, without the repository and without a network, it validates and the guide answers."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the pinned backend of this environment."""
    out = tmp_path_factory.mktemp("dist")
    code = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return out / built.stdout.split()[-1]


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment that sees this one's dependencies but not this checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    install = ["--python", str(python), "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, stdin=subprocess.DEVNULL)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True
    )
    (Path(site.stdout.strip()) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def agent_run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("AGENT_RUN_", "PYTHON", "COV_", "COVERAGE_"))}
    return subprocess.run(
        [folder / "env" / "bin" / "agent-run", *arguments],
        cwd=folder,
        env=keep | {"AGENT_RUN_DATA_DIR": str(folder / "data")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_carries_what_the_program_reads(wheel: Path) -> None:
    """Schemas, shipped definitions, the catalog, the manual and the marker for type checkers are inside; tests are not."""
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("schemas", "agents.d", "tools.d", "docs"):
        here = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert here
        assert {f"runner/_shipped/{name}" for name in here} <= names
    assert {"runner/providers/catalog.yaml", "runner/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]


def test_the_package_is_imported_from_the_wheel(elsewhere: Path) -> None:
    """The tests below would prove nothing if the checkout were imported instead."""
    code = "import runner; print(runner.__file__)"
    python = elsewhere / "env" / "bin" / "python"
    shown = subprocess.run([python, "-P", "-c", code], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(str(elsewhere))


def test_validate_works_outside_the_repository(elsewhere: Path) -> None:
    """The compiler finds its schemas and the shipped definitions."""
    (elsewhere / "hello.yaml").write_text("model: openai/gpt-5-mini\ninstructions: Be brief.\ntools: [manual]\n")
    done = agent_run(elsewhere, "validate", "hello.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_guide_answers_outside_the_repository(elsewhere: Path) -> None:
    """The guide reads the manual that came with the wheel and cites it."""
    done = agent_run(elsewhere, "run", "guide", "How do I add a provider?")
    assert done.returncode == 0, done.stderr
    assert "docs/providers.md:" in done.stdout
