"""Finds the files of a project: its root, its `*.d` folders, project file and tests, and what ships with agent-run. Reads no YAML."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from runner.compiler.plain_file import read_plain
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
    """A file to read. `asked` = findings in it are wanted; `given` = the person named this very file.

    With `closed` it is a folder that cannot be listed, and why: what is in it is not known.
    """

    path: Path
    root: Path
    asked: bool = True
    shipped: bool = False
    given: bool = False
    closed: str = ""


def what_is(path: Path) -> Literal["file", "folder", "nothing"]:
    """Tell what a path that a person wrote leads to.

    A link that leads nowhere and what stands in a closed folder are files: they can be named, and not be read.
    """
    try:
        if path.is_dir():
            return "folder"
        return "file" if path.exists() or path.is_symlink() else "nothing"
    except PermissionError:
        return "file"
    except (OSError, ValueError):
        return "nothing"


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above `start` (a folder) that is a project's root; `start` itself when there is none."""
    start = start.resolve()
    return next((folder for folder in (start, *start.parents) if _is_root(folder)), start)


def _is_root(folder: Path) -> bool:
    return any(what_is(folder / name) == "folder" for name in FOLDERS) or any(_is_there(folder / name) for name in PROJECT_FILES)


def _is_there(path: Path) -> bool:
    """Tell whether there is anything of this name, also a folder or a link to nowhere; False in a folder that cannot be entered."""
    return os.path.lexists(path)


def project_files(root: Path, *, asked: bool, tests: bool) -> Iterator[Found]:
    """Yield the project file and every definition in the `*.d` folders of a root, sorted; test files only when wanted."""
    for name in PROJECT_FILES:
        if _is_there(root / name):
            yield Found(root / name, root, asked)
    for name in sorted(FOLDERS):
        for found in _below(root / name, root, asked=asked):
            if tests or not is_test(found.path):
                yield found


def folder_files(folder: Path, root: Path) -> Iterator[Found]:
    """Yield what `validate FOLDER` asks for: the project's files when it is the root, and the definitions directly in it."""
    if folder == root:
        yield from project_files(root, asked=True, tests=True)
    if folder_kind(folder / "x", root):
        yield from _below(folder, root)
        return
    for path in sorted(folder.iterdir()):
        if is_yaml(path) and not (folder == root and path.name in PROJECT_FILES) and (is_test(path) or _looks_ours(path)):
            yield Found(path, root)


def shipped_files() -> Iterator[Found]:
    """Yield the definitions that ship with agent-run."""
    root = shipped_root()
    found = [*_below(root / "agents.d", root), *_below(root / "tools.d", root)]
    for path in [*(file.path for file in found), Path(__file__).parent.parent / "providers" / "catalog.yaml"]:
        if path.is_file() and not is_test(path):
            yield Found(path, root, asked=False, shipped=True)


def _below(folder: Path, root: Path, *, asked: bool = True) -> list[Found]:
    """Return all YAML files in a folder and its folders, sorted, and the folders that are closed; hidden ones and `_*` are left out."""
    found: list[Found] = []

    def closed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            found.append(Found(Path(error.filename), root, asked, closed=(error.strerror or type(error).__name__).lower()))

    for place, folders, files in os.walk(folder, onerror=closed):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        found += [Found(Path(place, name), root, asked) for name in files if is_yaml(Path(name))]
    return sorted(found, key=lambda file: file.path)


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
        head = read_plain(path, _SNIFFED)
    except (OSError, ValueError):
        return False
    return _OURS.search(head) is not None or _MODELINE.search(head) is not None
