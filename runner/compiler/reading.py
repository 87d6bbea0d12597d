"""Reads a project's files into libraries of definitions, one for each root that the given paths belong to."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from runner.compiler.builder import Source
from runner.compiler.definition import Library
from runner.compiler.discovery import Found, find_root, folder_files, project_files, shipped_files, shown, unique, what_is
from runner.compiler.documents import NAMED, Document, documents_of
from runner.compiler.findings import NO_DEFINITIONS, UNREADABLE_FILE
from runner.compiler.merge import apply_profile, resolve_extends
from runner.compiler.source import read_bytes, read_file
from runner.compiler.texts import Texts
from runner.diagnostics import Diagnostic, Span
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class World:
    """All that one root knows: its library, its documents in the order of its files, and what reading them found."""

    library: Library
    documents: tuple[Document, ...]
    findings: tuple[Diagnostic, ...]
    texts: Texts
    shipped: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `library` is that of the first root; `files` counts those that were asked for; `sources` are texts by shown name."""

    worlds: tuple[World, ...]
    findings: tuple[Diagnostic, ...]
    files: int
    sources: Mapping[str, str]

    @property
    def library(self) -> Library:
        """The library of the first root."""
        return self.worlds[0].library


@contextmanager
def without_pauses() -> Generator[None]:
    """Keep the garbage collector from searching a growing tree again and again; nothing that is read here has cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read(
    paths: Sequence[Path],
    *,
    root: Path | None = None,
    profile: str | None = None,
    cwd: Path | None = None,
    shipped: bool = True,
    edited: Mapping[Path, bytes] | None = None,
) -> Reading:
    """Read the definitions that paths (files or folders) ask for, and all that they may name; no path = the project at `cwd`.

    `root` is the project's folder when the caller knows it; without `shipped` what comes with agent-run is not known.
    `edited` are contents that stand in for those of files. Raises UsageError for a path that does not exist.
    """
    here = (cwd or Path.cwd()).resolve()
    findings: list[Diagnostic] = []
    asked: dict[Path, list[Found]] = {}
    for path in paths or [root or find_root(here)]:
        for found in _asked_at(path, root, here, findings):
            asked.setdefault(found.root, []).append(found)
    if not asked:
        asked[(root or find_root(here)).resolve()] = []
    with without_pauses():
        worlds = tuple(_world(folder, files, profile, here, shipped=shipped, edited=edited) for folder, files in asked.items())
    findings += [finding for world in worlds for finding in world.findings]
    sources = {name: text for world in worlds for name, text in world.texts.sources.items()}
    return Reading(worlds, tuple(findings), len({found.path for files in asked.values() for found in files if not found.closed}), sources)


def read_project(root: Path, given: Path | None, profile: str | None, cwd: Path) -> World:
    """Read what a run needs: the `*.d` folders and the project file of a root, and the given file on top."""
    files = list(project_files(root, asked=True, tests=False))
    if given is not None:
        files.append(Found(given, root, given=True))
    with without_pauses():
        return _world(root, files, profile, cwd.resolve())


def located(path: Path, cwd: Path) -> Path:
    """Return a path as an absolute one whose folder is real; a link in its last part is kept."""
    whole = cwd / path
    return whole.parent.resolve() / whole.name if whole.name not in ("", "..") else whole.resolve()


def _asked_at(path: Path, root: Path | None, cwd: Path, findings: list[Diagnostic]) -> list[Found]:
    place = located(path, cwd)
    if what_is(place) == "folder":
        place = place.resolve()
        files = _in_folder(place, root.resolve() if root else find_root(place), cwd)
        if not files:
            name = shown(place, cwd) if place != cwd else "."
            hint = "definitions are in `agents.d`, `tools.d` and `providers.d`; beside them a file needs `kind:`, `model:`, `instructions:` or `flow:`"
            findings.append(Diagnostic(NO_DEFINITIONS, Span(name), "there are no definitions in this folder", hint))
        return files
    if what_is(place) == "nothing":
        raise UsageError(f"there is no file or folder `{path}`", hint="check the path; a name of an agent has no `/` and no `.yaml`")
    return [Found(place, root.resolve() if root else find_root(place.parent), given=True)]


def _in_folder(folder: Path, root: Path, cwd: Path) -> list[Found]:
    """Return what a folder asks for; where a person stands inside a project and has nothing of it, that is the whole project."""
    try:
        return list(folder_files(folder, root)) or (list(folder_files(root, root)) if folder == cwd else [])
    except OSError as error:
        raise UsageError(
            f"cannot read the folder `{folder}`: {(error.strerror or 'it is broken').lower()}", hint="check its permissions"
        ) from None


def _world(
    root: Path, asked: list[Found], profile: str | None, cwd: Path, *, shipped: bool = True, edited: Mapping[Path, bytes] | None = None
) -> World:
    files = unique([*project_files(root, asked=False, tests=False), *asked])
    texts = Texts(cwd)
    documents: list[Document] = []
    findings: list[Diagnostic] = []
    for found in files:
        if found.closed:
            findings += [_closed(found, cwd)] if found.asked else []
            continue
        source = _source(found, shown(found.path, cwd), (edited or {}).get(found.path))
        texts.sources[source.file] = source.text
        made, wrong = documents_of(source, found)
        documents += made
        if found.asked:
            findings += wrong
    known = {found.path for found in files}
    others: list[Document] = []
    for source, found in _shipped(cwd) if shipped else ():
        texts.sources.setdefault(source.file, source.text)
        others += documents_of(source, found)[0] if found.path not in known else []
    findings += resolve_extends([*documents, *others], _shelf(documents), _shelf(others))
    project = next((document for document in documents if document.kind == "project"), None)
    findings += apply_profile(project, profile)
    return World(_library(root, documents, others, project), tuple(documents), tuple(findings), texts, tuple(others))


def _closed(found: Found, cwd: Path) -> Diagnostic:
    name = shown(found.path, cwd)
    hint = "check its permissions; the definitions in it are not known"
    return Diagnostic(UNREADABLE_FILE, Span(name), f"cannot read the folder `{name}`: {found.closed}", hint)


def _source(found: Found, name: str, raw: bytes | None) -> Source:
    return read_file(found.path, name, given=found.given) if raw is None else read_bytes(raw, Source(name, found.path))


@lru_cache(maxsize=2)
def _shipped(cwd: Path) -> tuple[tuple[Source, Found], ...]:
    return tuple((read_file(found.path, shown(found.path, cwd)), found) for found in shipped_files())


def _shelf(documents: Iterable[Document]) -> dict[tuple[str, str], Document]:
    shelf: dict[tuple[str, str], Document] = {}
    for document in documents:
        if document.kind in NAMED:
            shelf.setdefault((document.kind, document.name), document)
    return shelf


def _library(root: Path, own: list[Document], shipped: list[Document], project: Document | None) -> Library:
    kinds: dict[str, dict[str, Document]] = {kind: {} for kind in NAMED}
    for document in (*own, *shipped):
        if document.kind in kinds:
            kinds[document.kind].setdefault(document.name, document)
    return Library(root, kinds["agent"], kinds["tool"], kinds["provider"], project)
