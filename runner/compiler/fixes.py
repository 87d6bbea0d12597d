"""Applies the mends that findings carry to the texts of files: characters at their places, comments and layout kept.

What is mended is read again in memory before a byte is written; a file whose mends would bring a new error is left as it is.
"""

from __future__ import annotations

import difflib
import os
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from runner.compiler.lines import credentials, masked
from runner.compiler.nodes import LINE_BREAK
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from runner.compiler.reading import Reading
    from runner.diagnostics import Diagnostic, Span

_ROUNDS = 5
_SECRET = 4
"""Letters of what is masked wherever it stands; shorter words are masked in their place only."""
_BOM = b"\xef\xbb\xbf"


class Check(Protocol):
    """Reads and checks all that was asked for, with some contents standing in for those of files."""

    def __call__(self, edited: Mapping[Path, bytes], /) -> tuple[Sequence[Diagnostic], Reading]:
        """Return the findings, and what they were found in."""
        ...


@dataclass(frozen=True, slots=True)
class Edit:
    """One file, by its shown name and path, before and after; `mended` are the findings that are gone for it."""

    file: str
    path: Path
    before: bytes
    after: bytes
    mended: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Mending:
    """What can be mended, and why other files are left as they are, in words."""

    edits: tuple[Edit, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(slots=True)
class _Files:
    """Files at work: what they hold now, what was mended in them, and which are given up and why."""

    paths: dict[str, Path]
    first: dict[Path, bytes] = field(default_factory=dict[Path, bytes])
    now: dict[Path, bytes] = field(default_factory=dict[Path, bytes])
    mended: dict[str, list[Diagnostic]] = field(default_factory=dict[str, "list[Diagnostic]"])
    given_up: dict[str, str] = field(default_factory=dict[str, str])


def mend(check: Check) -> Mending:
    """Return the edits that certain mends amount to; what one mend reveals is mended too. Nothing is written."""
    findings, reading = check({})
    known = _errors(findings)
    files = _Files(_writable(reading))
    for _ in range(_ROUNDS):
        if not _round(findings, files):
            break
        findings, _ = check(files.now)
    while (new := _errors(findings) - known) and _give_up({name for name, *_ in new}, files):
        findings, _ = check(files.now)
    edits = tuple(
        Edit(file, path, files.first[path], files.now[path], tuple(files.mended[file]))
        for file, path in files.paths.items()
        if path in files.now and files.mended.get(file)
    )
    return Mending(edits, tuple(f"`{file}` is left as it is: {why}" for file, why in files.given_up.items()))


def _errors(findings: Iterable[Diagnostic]) -> Counter[tuple[str, str, str]]:
    return Counter((item.span.file, item.rule.id, item.message) for item in findings if item.severity == "error")


def _writable(reading: Reading) -> dict[str, Path]:
    """Return the files that were asked for, by name."""
    return {document.file: document.path for world in reading.worlds for document in world.documents if document.asked}


def _round(findings: Iterable[Diagnostic], files: _Files) -> bool:
    """Apply the fixes of findings that do not touch each other; tell whether there were any."""
    by_file: dict[str, list[Diagnostic]] = {}
    for finding in findings:
        if finding.fix and finding.fix.span.file in files.paths and finding.fix.span.file not in files.given_up:
            by_file.setdefault(finding.fix.span.file, []).append(finding)
    for file, found in by_file.items():
        path = files.paths[file]
        raw = files.now.get(path) or path.read_bytes()
        files.first.setdefault(path, raw)
        files.now[path], mended = apply(raw, found)
        files.mended.setdefault(file, []).extend(mended)
    return bool(by_file)


def _give_up(names: set[str], files: _Files) -> bool:
    """Take back the mends of the files that have new errors, of all when the errors are elsewhere; tell whether any were."""
    at_work = [file for file, mended in files.mended.items() if mended and file not in files.given_up]
    for file in [file for file in at_work if file in names] or at_work:
        files.given_up[file] = "mended it would have another error"
        files.now.pop(files.paths[file], None)
        files.mended.pop(file)
    return bool(at_work)


def apply(raw: bytes, findings: Iterable[Diagnostic]) -> tuple[bytes, list[Diagnostic]]:
    """Return a file's bytes with the fixes of findings applied, and which were: of two that overlap, the first."""
    text = raw.decode("utf-8-sig")
    starts = [0, *(found.end() for found in LINE_BREAK.finditer(text))]
    done: list[Diagnostic] = []
    pieces: list[str] = []
    at = 0
    for start, end, finding in sorted(_places(findings, starts, len(text)), key=lambda place: place[:2]):
        if finding.fix and at <= start:
            pieces += [text[at:start], finding.fix.text]
            at = end
            done.append(finding)
    mended = "".join([*pieces, text[at:]]).encode("utf-8")
    return (_BOM if raw.startswith(_BOM) else b"") + mended, done


def _places(findings: Iterable[Diagnostic], starts: list[int], length: int) -> Iterator[tuple[int, int, Diagnostic]]:
    for finding in findings:
        if finding.fix:
            start, end = _index(finding.fix.span, starts)
            if 0 <= start < end <= length:
                yield start, end, finding


def _index(span: Span, starts: list[int]) -> tuple[int, int]:
    if max(span.line, span.end_line) > len(starts):
        return -1, -1
    return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1


def diff(edits: Iterable[Edit]) -> str:
    """Return the edits as a unified diff, credentials in it masked."""
    return "".join(_diff(edit) for edit in edits)


def _diff(edit: Edit) -> str:
    texts = [raw.decode("utf-8-sig") for raw in (edit.before, edit.after)]
    secrets = sorted({word for text in texts for word in credentials(text) if len(word) >= _SECRET}, key=len, reverse=True)
    before, after = (LINE_BREAK.split(text.removesuffix("\n").removesuffix("\r")) for text in texts)
    lines = difflib.unified_diff(before, after, f"a/{edit.file}", f"b/{edit.file}", lineterm="", n=1)
    shown = "".join(f"{masked(line)}\n" for line in lines)
    for secret in secrets:
        shown = shown.replace(secret, "*" * len(secret))
    return shown


def write(edits: Iterable[Edit], roots: Iterable[Path]) -> None:
    """Write each file at once or not at all, with the mode it had. Raises UsageError for one that leads out of its root, or has changed."""
    allowed = [root.resolve() for root in roots]
    todo = [(edit, edit.path.resolve()) for edit in edits]
    for edit, real in todo:
        if not any(real.is_relative_to(root) for root in allowed):
            raise UsageError(
                f"`{edit.file}` leads out of the project: nothing was written", hint="mend the file it leads to, in its own place"
            )
    for edit, real in todo:
        try:
            _replace(real, edit)
        except OSError as error:
            raise UsageError(
                f"cannot write `{edit.file}`: {(error.strerror or 'it is broken').lower()}", hint="check its permissions"
            ) from None


def _replace(path: Path, edit: Edit) -> None:
    if path.read_bytes() != edit.before:
        raise UsageError(f"`{edit.file}` has changed meanwhile: it was not written", hint="run the command again")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(edit.after)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
