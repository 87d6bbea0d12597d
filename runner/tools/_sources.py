"""Finds the files that a definition names as sources: files, folders and globs, relative to where they were written, inside the root.

Knows nothing of what is in the files.
"""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PASSED_OVER = frozenset({"__pycache__", "node_modules"})

_NEVER_TEXT = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".bmp", ".svg", ".mp3", ".mp4", ".wav", ".mov", ".avi", ".webm"),
        *(".woff", ".woff2", ".ttf", ".otf", ".eot", ".pyc", ".so", ".o", ".a", ".dll", ".exe", ".class", ".jar", ".db", ".sqlite"),
        *(".zip", ".gz", ".bz2", ".xz", ".zst", ".tar", ".7z", ".whl"),
    }
)
"""Files that a folder brings along and nobody means; one that is named itself is read, and reported when it is not text."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files of some sources as (name relative to the root, path), sorted, and those refused with the reason."""

    files: tuple[tuple[str, Path], ...]
    refused: tuple[tuple[str, str], ...] = field(default=())


def find_files(sources: Sequence[str], base: Path, root: Path) -> Found:
    """Return the files that sources name. Raises ConfigError for a source outside the root, or one that matches nothing."""
    real_root = Path(os.path.realpath(root))
    files: dict[str, Path] = {}
    refused: dict[str, str] = {}
    for source in sources:
        matched = False
        for path in _matches(source, base, real_root):
            matched = True
            real = Path(os.path.realpath(path))
            if real.is_relative_to(real_root):
                files.setdefault(real.relative_to(real_root).as_posix(), real)
            else:
                refused[str(path)] = "is a link to a place outside the project"
        if not matched:
            raise ConfigError(f"source `{source}` matches no file", hint=f"it is looked for in {base}")
    return Found(tuple(sorted(files.items())), tuple(sorted(refused.items())))


def _matches(source: str, base: Path, real_root: Path) -> Iterator[Path]:
    """Yield the files of one source."""
    place = base / source
    if glob.has_magic(source) and not place.exists():
        _refuse_outside(source, base / _fixed_part(source), real_root)
        found = sorted(glob.glob(source, root_dir=base, recursive=True))  # noqa: PTH207 – Path.glob enters hidden folders
        yield from _files_of((base / name for name in found), deep=False)
        return
    _refuse_outside(source, place, real_root)
    yield from _files_of([place], deep=True)


def _refuse_outside(source: str, place: Path, real_root: Path) -> None:
    if not Path(os.path.realpath(place)).is_relative_to(real_root):
        raise ConfigError(f"source `{source}` is outside the project", hint=f"the project is {real_root}")


def _fixed_part(source: str) -> Path:
    """Return the part of a glob before its first wildcard."""
    fixed: list[str] = []
    for part in Path(source).parts:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _files_of(places: Iterable[Path], *, deep: bool) -> Iterator[Path]:
    for place in places:
        if place.is_dir():
            yield from _walk(place) if deep else ()
        elif place.exists() or place.is_symlink():
            yield place


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in order; hidden ones, caches and what is never text are passed over, linked folders not entered."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _PASSED_OVER)
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() not in _NEVER_TEXT:
                yield Path(here, name)
