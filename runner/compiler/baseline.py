"""Known findings on file: what was there when a baseline was written is not told again; what is new is.

A finding is known by its file, rule, message and the text of its line, so that it may move. Paths start from the baseline's own folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.lines import Lines
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.diagnostics import Diagnostic

VERSION = 1

Key = tuple[str, str, str, str]
"""File (as seen from the baseline's folder), rule, message, and a hash of the line's text."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The findings that are new, how many are known, and how many known ones are gone."""

    new: tuple[Diagnostic, ...]
    known: int
    resolved: int


def compare(path: Path, findings: Sequence[Diagnostic], sources: Mapping[str, str], checked: Iterable[str]) -> Compared:
    """Compare findings with a baseline. Known ones of files that were not checked, and are still there, do not count as gone.

    Raises UsageError for a file that is not a baseline.
    """
    known = read(path)
    left = Counter(known)
    new: list[Diagnostic] = []
    for finding, key in zip(findings, _keys(path, findings, sources), strict=True):
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(finding)
    looked_at = {_from(path, file) for file in checked}
    resolved = sum(count for key, count in left.items() if key[0] in looked_at or not (path.parent / key[0]).exists())
    return Compared(tuple(new), len(findings) - len(new), resolved)


def read(path: Path) -> Counter[Key]:
    """Return what a baseline knows. Raises UsageError for one that cannot be read."""
    try:
        data: Any = json.loads(path.read_text("utf-8"))
        if data["version"] != VERSION:
            raise _bad(path, f"it is of version {data['version']}, this agent-run reads {VERSION}")
        return Counter({_key(entry): _count(entry) for entry in data["findings"]})
    except OSError as error:
        raise UsageError(f"cannot read the baseline `{path}`: {(error.strerror or 'it is broken').lower()}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _bad(path, "it is not what `--baseline` writes") from None


def _bad(path: Path, why: str) -> UsageError:
    return UsageError(f"`{path}` is not a baseline: {why}", hint="name another file, or write it anew with --update-baseline")


def _key(entry: Mapping[str, Any]) -> Key:
    return cast("Key", tuple(str(entry[name]) for name in ("file", "rule", "message", "line")))


def _count(entry: Mapping[str, Any]) -> int:
    return int(entry.get("count", 1))


def write(path: Path, findings: Sequence[Diagnostic], sources: Mapping[str, str], checked: Iterable[str], *, keep: bool) -> None:
    """Write the findings as a baseline, sorted. With `keep`, what an older one knows of other files stays in it.

    Raises UsageError when it cannot be written.
    """
    counts = Counter(_keys(path, findings, sources))
    if keep:
        looked_at = {_from(path, file) for file in checked}
        counts += Counter({key: n for key, n in read(path).items() if key[0] not in looked_at and (path.parent / key[0]).exists()})
    entries = [
        {"file": file, "rule": rule, "message": message, "line": line, **({"count": count} if count > 1 else {})}
        for (file, rule, message, line), count in sorted(counts.items())
    ]
    text = json.dumps({"version": VERSION, "findings": entries}, indent=2, ensure_ascii=False) + "\n"
    try:
        path.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"cannot write the baseline `{path}`: {(error.strerror or 'it is broken').lower()}") from None


def _keys(path: Path, findings: Sequence[Diagnostic], sources: Mapping[str, str]) -> list[Key]:
    lines = Lines(sources, findings)
    return [(_from(path, finding.span.file), finding.rule.id, finding.message, _hash(lines.at(finding.span) or "")) for finding in findings]


def _hash(line: str) -> str:
    return hashlib.sha256(line.strip().encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _from(path: Path, file: str) -> str:
    """Return a file's path as seen from the folder of the baseline."""
    if file.startswith("<"):
        return file
    return Path(os.path.relpath(Path(file).absolute(), path.absolute().parent)).as_posix()
