"""The program itself: the interpreter, the packages it is made of, the extras that were chosen. Imports none of them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import re
import sys
from typing import TYPE_CHECKING

from runner import __version__
from runner.app.health.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

DISTRIBUTION = "agent-run"
OLDEST = (3, 11)

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")
_SHOWN = ("openai", "anthropic", "mcp", "motor", "pydantic", "pyyaml", "jsonschema", "typer", "tenacity", "structlog")


def program() -> Iterator[Check]:
    """Yield how the interpreter and its YAML parser are."""
    version = platform.python_version()
    if sys.version_info < OLDEST:
        yield Check("Python", "fail", f"{version} ({sys.executable})", f"install Python {'.'.join(map(str, OLDEST))} or later")
    else:
        yield Check("Python", "ok", f"{version} ({sys.executable})")
    if _has("yaml._yaml"):
        yield Check("YAML parser", "ok", "the C parser of PyYAML")
    else:
        yield Check("YAML parser", "fail", "PyYAML has no C parser here", "pip install --force-reinstall --only-binary :all: pyyaml")


def packages() -> Iterator[Check]:
    """Yield how the packages and the extras are: there, or how to install them."""
    needed, extras = _requirements()
    versions = {name: _version(name) for name in needed}
    missing = sorted(name for name, version in versions.items() if version is None)
    shown = ", ".join(f"{name} {versions[name]}" for name in _SHOWN if versions.get(name))
    if missing:
        yield Check("packages", "fail", f"not installed: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    else:
        yield Check("packages", "ok", f"{DISTRIBUTION} {__version__}, {shown}")
    for extra, names in sorted(extras.items()):
        absent = sorted(name for name in names if _version(name) is None)
        if absent:
            yield Check(f"extra {extra}", "ok", f"not installed: {', '.join(absent)}", f'pip install "{DISTRIBUTION}[{extra}]"')
        else:
            yield Check(f"extra {extra}", "ok", "installed")


def _requirements() -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """Return the names of what is always needed, and of what each extra needs; the extra for developing it is left out."""
    try:
        lines = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return _SHOWN, {}
    needed: list[str] = []
    extras: dict[str, list[str]] = {}
    for line in lines:
        name = _NAME.match(line)
        extra = _EXTRA.search(line)
        if name and extra and extra[1] != "dev":
            extras.setdefault(extra[1], []).append(name[0].lower())
        elif name and not extra:
            needed.append(name[0].lower())
    return tuple(needed), extras


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
