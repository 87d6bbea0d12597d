"""The JSON Schema of each kind of document: read for checking, generated from the spec classes and the plug-ins' settings.

Checking reads the committed files only; the spec classes (and pydantic) are imported when a schema is generated.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runner.errors import ConfigError
from runner.shipped import shipped_root

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("agent", "tool", "provider", "project", "test")


@lru_cache(maxsize=len(KINDS))
def load(kind: str) -> dict[str, Any]:
    """Return the committed schema of a kind; treat it as frozen. Raises ConfigError when the installation lacks it."""
    path = shipped_root() / "schemas" / _file(kind)
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise ConfigError(f"this installation has no readable `{path}`", hint="install agent-run again, or run `make schemas`") from None


def generate(kind: str) -> dict[str, Any]:
    """Return the schema of a kind as its classes are now, with every tool and provider type that is installed."""
    from runner import registry
    from runner.spec.compose import schema_of

    tools = {name: registry.tool_type(name).Settings for name in registry.type_names("tools")}
    providers = {name: registry.provider_type(name).Settings for name in registry.type_names("providers")}
    return schema_of(kind, tools, providers)


def text(kind: str) -> str:
    """Return the generated schema of a kind as the text of its file."""
    return json.dumps(generate(kind), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path) -> tuple[Path, ...]:
    """Write the generated schemas into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        (folder / _file(kind)).write_text(text(kind), encoding="utf-8")
    return tuple(folder / _file(kind) for kind in KINDS)


def _file(kind: str) -> str:
    return f"{kind}.schema.json"
