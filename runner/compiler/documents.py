"""Makes definitions of the documents in files: their kind, their name, and where each of their values stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner.compiler.discovery import KINDS, PROJECT_FILES, file_kind, stem
from runner.compiler.findings import BAD_VALUE, MISSING_KEY, NO_DEFINITIONS, WRONG_TYPE, shown, suggestion
from runner.compiler.nodes import Map, Part, Point, Spot, inside, key_span, spot_of, value_span
from runner.diagnostics import Diagnostic, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runner.compiler.builder import Source
    from runner.compiler.definition import Where
    from runner.compiler.discovery import Found

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}")
NAMED = ("agent", "tool", "provider")


@dataclass(slots=True)
class Document:
    """A definition (see `runner.compiler.definition`). `own` is its data before `extends` and profile.

    `whole` is False when it could not be read to its end: it defines its name, and nothing more is said about it.
    `named` is False when it should say its name and does not.
    `orphan` is True when what it extends could not be found: what it lacks may have been there.
    """

    kind: str
    name: str
    data: Map
    own: Map
    file: str
    path: Path
    root: Path
    spot: Spot
    shipped: bool = False
    asked: bool = True
    given: bool = False
    whole: bool = True
    orphan: bool = False
    named: bool = True

    def span(self, where: Where = (), *, key: bool = False) -> Span:
        """Return where the value (or, with `key`, its key) at a path stands; the nearest existing parent when it is absent."""
        spot, value, _ = spot_of(self.data, where, self.spot)
        return (key_span(spot) if key else None) or value_span(spot, value)

    def base(self, where: Where = ()) -> Path:
        """Return the folder that a relative path written at this place starts from."""
        return spot_of(self.data, where, self.spot)[0][2].path.parent

    def inside(self, where: Where, start: int, end: int) -> Span:
        """Return where the characters `start` to `end` of the text at a path stand."""
        spot, value, _ = spot_of(self.data, where, self.spot)
        return inside(spot, value, start, end)

    def head(self) -> Span:
        """Return a short span for findings about the document as a whole: its name, else its first key."""
        if "name" in self.own.spots:
            return self.span(("name",))
        first = next(iter(self.own.spots.values()), None)
        return (first and key_span(first)) or Span(self.file, *self.spot[2].place(self.spot[1].start_mark))


def documents_of(source: Source, found: Found) -> tuple[list[Document], list[Diagnostic]]:
    """Return the definitions of a file and all that is wrong with it so far. A file that cannot be read still defines its name."""
    findings = list(source.findings)
    trees = [tree for tree in source.trees if not tree.empty]
    if not trees:
        if not findings:
            hint = "an agent needs one line: `instructions: You are …`; delete the file if it is not needed"
            findings.append(Diagnostic(NO_DEFINITIONS, Span(source.file), "nothing is defined in this file", hint))
        part = Part(source.file, source.path, source.text)
        return [_document(Map(), (None, Point(), part), found, source.file, whole=False)], findings
    documents: list[Document] = []
    for tree in trees:
        data, spot = tree.data, (None, tree.event, tree.part)
        if tree.whole and not isinstance(data, Map):
            findings.append(_no_map(spot, data))
        is_map = isinstance(data, Map)
        document = _document(data if is_map else Map(), spot, found, source.file, whole=tree.whole and is_map)
        findings += _kind_and_name(document, several=len(trees) > 1)
        document.named = len(trees) == 1 or "name" in document.own
        documents.append(document)
    return documents, findings


def _document(data: Map, spot: Spot, found: Found, file: str, *, whole: bool) -> Document:
    kind, name = data.get("kind"), data.get("name")
    return Document(
        kind if isinstance(kind, str) and kind in KINDS else file_kind(found.path, found.root),
        name if isinstance(name, str) else stem(found.path),
        data,
        data,
        file,
        found.path,
        found.root,
        spot,
        found.shipped,
        found.asked,
        found.given,
        whole,
    )


def _no_map(spot: Spot, data: Any) -> Diagnostic:
    what = "a list" if isinstance(data, list) else "text" if isinstance(data, str) else "a single value"
    span = value_span(spot, data)
    hint = "write `key: value` lines, for example `instructions: You are a friendly assistant.`"
    return Diagnostic(WRONG_TYPE, span, f"a definition is a map of keys, not {what}", hint)


def _kind_and_name(document: Document, *, several: bool) -> Iterator[Diagnostic]:
    own = document.own
    kind = own.get("kind")
    if isinstance(kind, str) and kind not in KINDS:
        hint = suggestion(kind, KINDS, "kinds")
        yield Diagnostic(BAD_VALUE, document.span(("kind",)), f"there is no kind `{shown(kind)}`", hint)
    if several and document.whole:
        missing = [key for key in ("kind", "name") if key not in own and (key == "kind" or document.kind in NAMED)]
        if missing:
            words = f"`{missing[0]}` is missing" if len(missing) == 1 else "`kind` and `name` are missing"
            hint = "in a file of several documents (`---` stands between them) each says its `kind` and `name`"
            yield Diagnostic(MISSING_KEY, document.head(), words, hint)
    if document.kind == "project":
        yield from _project_place(document, several=several)
    elif document.kind in NAMED and "name" not in own and not several and not NAME.fullmatch(document.name):
        hint = "write `name:`, or rename the file; a name is a letter, then up to 47 letters, digits, `_` or `-`"
        yield Diagnostic(BAD_VALUE, document.head(), f"the file's name gives no name: `{shown(document.name)}`", hint)


def _project_place(document: Document, *, several: bool) -> Iterator[Diagnostic]:
    if file_kind(document.path, document.root) != "project":
        hint = "move it there; `kind: project` is not needed in that file"
        yield Diagnostic(BAD_VALUE, document.span(("kind",)), f"a project is declared in `{PROJECT_FILES[0]}` at the root", hint)
    elif several:
        yield Diagnostic(BAD_VALUE, document.head(), "a project stands alone in its file", "move the other documents to the `*.d` folders")
