"""Files that `${file:…}` includes: they stay inside the project and can be read."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from runner.compiler.findings import UNREADABLE_FILE, at_most, shown, suggestion
from runner.compiler.texts import included
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.compiler.definition import Library
    from runner.compiler.rules import Context
    from runner.compiler.texts import Text
    from runner.expressions import Special

PATH_OUTSIDE_ROOT = Rule("path-outside-root", "error", "a path leads out of the project")
RULES = (PATH_OUTSIDE_ROOT,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every include that cannot be followed."""
    del library
    for document in context.documents:
        yield from at_most(chain.from_iterable(_in_text(text) for text in context.texts.of(document)), document.head())


def _in_text(text: Text) -> Iterator[Diagnostic]:
    template = text.template() if "file" in text.scope.specials else None
    for special in template.specials() if template else ():
        if special.kind == "file":
            yield from _include(text, special)


def _include(text: Text, special: Special) -> Iterator[Diagnostic]:
    content, why = included(text, special)
    if content is not None:
        return
    span = text.span(special.name_offset, special.name_end)
    if not why:
        hint = "the files of a project stand below its root, also at the end of symbolic links; move it there"
        yield Diagnostic(PATH_OUTSIDE_ROOT, span, f"`{shown(special.name)}` is outside the project", hint)
    else:
        yield Diagnostic(UNREADABLE_FILE, span, f"cannot read `{shown(special.name)}`: {why}", _hint(text.folder, special.name))


def _hint(folder: Path, name: str) -> str:
    place = (folder / name).parent
    try:
        if (folder / name).exists():
            return "an included file is UTF-8 text of at most 1 MiB that you may read"
        names = [path.name for path in place.iterdir() if path.is_file()]
    except (OSError, ValueError):
        names = []
    hint = suggestion((folder / name).name, names, "")
    return hint if hint and hint.startswith("did you mean") else "the path starts from the folder of the file that names it"
