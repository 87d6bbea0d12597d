"""Paths in the settings of tools and of the project: they stay inside the project, also at the end of symbolic links."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped
from runner.compiler.rules._tools import definitions
from runner.compiler.rules.includes import PATH_OUTSIDE_ROOT
from runner.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

RULES = (PATH_OUTSIDE_ROOT,)

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_GLOB = re.compile(r"[*?\[]")


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report paths from a file (`sources`, `document`), from the root (`python`, `dotenv`) and from the workspace (`root cwd files`)."""
    del library
    for document, where, data in definitions(iter(context.documents)):
        for place, path in _written(data, where, ("sources", "document")):
            if not _URL.match(path):
                yield from _below(document, place, document.base(place) / _start(path), path)
        for place, path in _written(data, where, ("root", "cwd", "files")):
            yield from _in_workspace(document, place, path)
    for project in context.of_kind("project"):
        dotenv = _written(mapped(project.data.get("secrets")), ("secrets",), ("dotenv",))
        for place, path in (*_written(project.data, (), ("python",)), *dotenv):
            yield from _below(project, place, project.root / path, path)


def _written(data: Any, where: Where, keys: tuple[str, ...]) -> Iterator[tuple[Where, str]]:
    for key in keys:
        value = mapped(data).get(key)
        places = (
            [((*where, key), value)] if isinstance(value, str) else [((*where, key, at), item) for at, item in enumerate(listed(value))]
        )
        yield from ((place, item) for place, item in places if isinstance(item, str) and "${" not in item)


def _start(path: str) -> str:
    """Return the part of a pattern that is a plain path."""
    found = _GLOB.search(path)
    return path if found is None else path[: path.rfind("/", 0, found.start()) + 1]


def _below(document: Document, where: Where, path: Path, written: str) -> Iterator[Diagnostic]:
    try:
        inside = path.resolve().is_relative_to(document.root.resolve())
    except (OSError, RuntimeError, ValueError):
        inside = True
    if not inside:
        hint = "the files of a project stand below its root, also at the end of symbolic links; move it there"
        yield Diagnostic(PATH_OUTSIDE_ROOT, document.span(where), f"`{shown(written)}` is outside the project", hint)


def _in_workspace(document: Document, where: Where, written: str) -> Iterator[Diagnostic]:
    path = posixpath.normpath(written.replace("\\", "/"))
    if path.startswith(("/", "~")) or path.split("/")[0] in ("..", f"{path[:1]}:"):
        hint = "tools work below the workspace, the folder where the command was started; start it higher up, or with `--workspace`"
        yield Diagnostic(PATH_OUTSIDE_ROOT, document.span(where), f"`{shown(written)}` is outside the workspace", hint)
