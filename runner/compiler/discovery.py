"""Finds the files of a project: its root, its `*.d` folders, project file and tests, and what ships with agent-run. Reads no YAML."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from runner.shipped import shipped_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KINDS = ("agent", "project", "provider", "test", "tool")
FOLDERS = {"agents.d": "agent", "tools.d": "tool", "providers.d": "provider"}
PROJECT_FILES = ("agent-run.yaml", "agent-run.yml")
ENDINGS = (".yaml", ".yml")
_TEST = re.compile(r"\.test\.ya?ml$")
_MODELINE = re.compile(rb"^#\s*yaml-language-server:\s*\$schema=\S*\b(?:agent|project|provider|test|tool)\.schema\.json", re.MULTILINE)
_OURS = re.compile(
    rb"^(?:kind:[ \t]*['\"]?(?:agent|project|provider|test|tool)\b|model[ \t]*:|instructions[ \t]*:|flow[ \t]*:)", re.MULTILINE
)
_SNIFFED = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read. `asked` = findings in it are wanted; `given` = the person named this very file."""

    path: Path
    root: Path
    asked: bool = True
    shipped: bool = False
    given: bool = False


def what_is(path: Path) -> Literal["file", "folder", "nothing"]:
    """Tell what a path that a person wrote leads to. A link that leads nowhere is a file: it can be named, and not be read."""
    try:
        if path.is_dir():
            return "folder"
        return "file" if path.exists() or path.is_symlink() else "nothing"
    except (OSError, ValueError):
        return "nothing"


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` (a folder) that is a project's root; `start` itself when there is none."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if _is_root(folder)), start)


def _is_root(folder: Path) -> bool:
    return any((folder / name).is_dir() for name in FOLDERS) or any((folder / name).is_file() for name in PROJECT_FILES)


def project_files(root: Path, *, asked: bool, tests: bool) -> Iterator[Found]:
    """Yield the project file and every definition in the `*.d` folders of a root, sorted; test files only when wanted."""
    for name in PROJECT_FILES:
        if (root / name).is_file():
            yield Found(root / name, root, asked)
    for name in sorted(FOLDERS):
        for path in yaml_below(root / name):
            if tests or not is_test(path):
                yield Found(path, root, asked)


def folder_files(folder: Path, root: Path) -> Iterator[Found]:
    """Yield what `validate FOLDER` asks for: the project's files when it is the root, and the definitions directly in it."""
    if folder == root:
        yield from project_files(root, asked=True, tests=True)
    if folder_kind(folder / "x", root):
        yield from (Found(path, root) for path in yaml_below(folder))
        return
    for path in sorted(folder.iterdir()):
        if (
            is_yaml(path)
            and path.is_file()
            and not (folder == root and path.name in PROJECT_FILES)
            and (is_test(path) or _looks_ours(path))
        ):
            yield Found(path, root)


def shipped_files() -> Iterator[Found]:
    """Yield the definitions that ship with agent-run."""
    root = shipped_root()
    paths = [*yaml_below(root / "agents.d"), *yaml_below(root / "tools.d"), Path(__file__).parent.parent / "providers" / "catalog.yaml"]
    for path in paths:
        if path.is_file() and not is_test(path):
            yield Found(path, root, asked=False, shipped=True)


def yaml_below(folder: Path) -> list[Path]:
    """Return all YAML files in a folder and its folders, sorted; hidden ones and those that begin with `_` are left out."""
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        found += [Path(place, name) for name in files if is_yaml(Path(name))]
    return sorted(found)


def is_yaml(path: Path) -> bool:
    """Tell whether a name is one of a definition: `.yaml` or `.yml`, not hidden, not `_…`."""
    return path.name.endswith(ENDINGS) and not path.name.startswith((".", "_"))


def is_test(path: Path) -> bool:
    """Tell whether a name is one of a test file."""
    return _TEST.search(path.name) is not None


def stem(path: Path) -> str:
    """Return the name a file gives its definition: its own without `.yaml`, `.yml` and `.test`."""
    name = path.name.removesuffix(".yaml").removesuffix(".yml")
    return name.removesuffix(".test")


def folder_kind(path: Path, root: Path) -> str | None:
    """Return the kind that the nearest `*.d` folder around a file means, or None outside of them."""
    for folder in path.parents:
        if folder.name in FOLDERS:
            return FOLDERS[folder.name]
        if folder == root:
            break
    return None


def file_kind(path: Path, root: Path) -> str:
    """Return the kind of a document that does not say it."""
    if path.name in PROJECT_FILES and path.parent == root:
        return "project"
    return "test" if is_test(path) else folder_kind(path, root) or "agent"


def shown(path: Path, cwd: Path) -> str:
    """Return a path as people read it: relative to where they are when it is below, else whole."""
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)


def unique(files: Iterable[Found]) -> list[Found]:
    """Return the files without repetitions; one that was asked for anywhere is asked for."""
    found: dict[Path, Found] = {}
    for file in files:
        known = found.get(file.path)
        if known is None or (file.asked, file.given) > (known.asked, known.given):
            found[file.path] = file
    return list(found.values())


def _looks_ours(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            head = stream.read(_SNIFFED)
    except OSError:
        return False
    return _OURS.search(head) is not None or _MODELINE.search(head) is not None
