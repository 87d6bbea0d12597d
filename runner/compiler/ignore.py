"""Comments that silence a finding: `# agent-run: ignore=RULE why`, behind the line or on a line of its own just above it.

Comments are found in the text of a file, and what only looks like one inside a scalar is told apart by the places of its values.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from runner.compiler.certain import certain
from runner.compiler.findings import at_most, nearest, shown
from runner.compiler.nodes import LINE_BREAK, Map, Part, Seq
from runner.diagnostics import Diagnostic, Fix, Rule, Span, in_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from runner.compiler.documents import Document
    from runner.compiler.nodes import Event
    from runner.compiler.reading import Reading

IGNORE_REASON = Rule("ignore-reason", "error", "a comment that silences findings gives no reason, or names no rule")
UNUSED_IGNORE = Rule("unused-ignore", "warning", "a comment silences a rule that has nothing to say there")

MARK = "agent-run:"

_ALWAYS = frozenset({"yaml-syntax", IGNORE_REASON.id, UNUSED_IGNORE.id})
"""Rules that no comment silences."""
_AT_RUN = frozenset({"errors-elsewhere", "missing-env", "not-yet-runnable"})
"""Rules that a check does not always ask: a comment about them is never in vain."""

_HARMLESS = frozenset({"impossible-value", "plain-secret", "shell-injection"})
"""Rules whose errors do not keep an agent from running, once somebody has said why."""

_MOST = 1000
"""Comments of one file that count; who needs more wants a baseline."""

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*agent-run:[ \t]*ignore(?![\w-])(?P<rest>[^\r\n]*)", re.MULTILINE)
_REST = re.compile(r"[ \t]*=[ \t]*(?P<ids>[\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)(?P<reason>.*)", re.DOTALL)
_WORD = re.compile(r"[\w-]+")
_EXAMPLE = "write `# agent-run: ignore=RULE why`"


@dataclass(frozen=True, slots=True)
class _Comment:
    """One comment: the line it is about, itself, and the rules it names with their places."""

    line: int
    span: Span
    rules: tuple[tuple[str, Span], ...]
    reason: str


def silence(findings: Iterable[Diagnostic], reading: Reading, known: Collection[str]) -> tuple[Diagnostic, ...]:
    """Return the findings without those that a comment silences, and with what is wrong with the comments.

    `known` are the ids of all rules. Only files that were asked for are looked at, and only those that hold such a comment.
    """
    left = list(findings)
    asked = (document for world in reading.worlds for document in world.documents if document.asked)
    for (file, path), documents in _by_file(asked).items():
        text = reading.sources.get(file, "")
        if MARK not in text:
            continue
        whole = all(document.whole for document in documents)
        left = _in_file(left, _comments(Part(file, path, text), documents), known, file, whole=whole)
    return in_order(left)


def silence_at_run(findings: Iterable[Diagnostic], documents: Iterable[Document], sources: Mapping[str, str]) -> list[Diagnostic]:
    """Return the findings that a run has to tell: without silenced warnings, and silenced errors that it can run with."""
    left = list(findings)
    for (file, path), of_file in _by_file(documents).items():
        text = sources.get(file, "")
        if left and MARK in text:
            places = {(comment.line, name) for comment in _comments(Part(file, path, text), of_file) for name, _ in comment.rules}
            left = [finding for finding in left if not (finding.span.file == file and _is_quiet(finding, places))]
    return left


def _is_quiet(finding: Diagnostic, places: set[tuple[int, str]]) -> bool:
    may_be = finding.severity == "warning" or finding.rule.id in _HARMLESS
    return may_be and (finding.span.line, finding.rule.id) in places


def _by_file(documents: Iterable[Document]) -> Mapping[tuple[str, Path], list[Document]]:
    files: dict[tuple[str, Path], list[Document]] = {}
    for document in documents:
        files.setdefault((document.file, document.path), []).append(document)
    return files


def _in_file(
    findings: list[Diagnostic], comments: Iterable[_Comment], known: Collection[str], file: str, *, whole: bool
) -> list[Diagnostic]:
    wanted: dict[tuple[int, str], list[tuple[str, Span]]] = {}
    about: list[Diagnostic] = []
    for comment in comments:
        about += _wrong(comment, known)
        for name, span in comment.rules:
            if name in known and name not in _ALWAYS:
                wanted.setdefault((comment.line, name), []).append((name, span))
    used: set[tuple[int, str]] = set()
    left: list[Diagnostic] = []
    for finding in findings:
        place = (finding.span.line, finding.rule.id)
        if finding.span.file == file and place in wanted:
            used.add(place)
        else:
            left.append(finding)
    vain = chain.from_iterable(names for place, names in wanted.items() if place not in used) if whole else ()
    about += [_unused(name, span) for name, span in vain if name not in _AT_RUN]
    return [*left, *at_most(sorted(about, key=Diagnostic.sort_key), Span(file))]


def _unused(name: str, span: Span) -> Diagnostic:
    hint = "delete it; a comment is about its own line, or alone on a line about the next one"
    return Diagnostic(UNUSED_IGNORE, span, f"there is no `{name}` here to silence", hint)


def _wrong(comment: _Comment, known: Collection[str]) -> Iterator[Diagnostic]:
    if not comment.rules:
        yield Diagnostic(IGNORE_REASON, comment.span, "this comment names no rule to silence", _EXAMPLE)
        return
    for name, span in comment.rules:
        if name in _ALWAYS:
            yield Diagnostic(IGNORE_REASON, span, f"`{name}` cannot be silenced", "mend what it says, and delete this comment")
        elif name not in known:
            meant, sure = nearest(name, known), certain(name, known)
            hint = f"did you mean `{meant}`?" if meant else "`agent-run explain` lists all rules"
            yield Diagnostic(IGNORE_REASON, span, f"there is no rule `{shown(name)}`", hint, Fix(span, sure) if sure else None)
    if not comment.reason:
        names = ",".join(name for name, _ in comment.rules)
        hint = f"say why behind it: `# agent-run: ignore={shown(names)} the key is a dummy for tests`"
        yield Diagnostic(IGNORE_REASON, comment.span, "this comment gives no reason", hint)


def _comments(part: Part, documents: Iterable[Document]) -> Iterator[_Comment]:
    values = _values(documents)
    starts = [start for start, _ in values]
    following = _following(part.text)
    for found in islice(_COMMENT.finditer(part.text), _MOST):
        before = bisect_right(starts, found.start()) - 1
        if before < 0 or values[before][1] <= found.start():
            yield _comment(part, found, following)


def _following(text: str) -> list[int]:
    """Return for each line of a text (by 0-based index) the number of the next one that is neither blank nor a comment; itself for the last."""
    lines = LINE_BREAK.split(text)
    found = [0] * len(lines)
    following = 0
    for at in reversed(range(len(lines))):
        found[at] = following or at + 1
        words = lines[at].lstrip()
        if words and not words.startswith("#"):
            following = at + 1
    return found


def _comment(part: Part, found: re.Match[str], following: list[int]) -> _Comment:
    end = found.start() + len(found[0].rstrip())
    span = part.span(found.start(), end)
    before = part.text[found.start() - span.column + 1 : found.start()].strip()
    alone = not before or before.startswith("#")
    rest = _REST.match(found["rest"])
    base = found.start("rest") + rest.start("ids") if rest else 0
    words = _WORD.finditer(rest["ids"]) if rest else ()
    rules = tuple((word[0], part.span(base + word.start(), base + word.end())) for word in words)
    reason = rest["reason"].strip(" \t,:-–—") if rest else ""
    return _Comment(following[span.line - 1] if alone else span.line, span, rules, reason)


def _values(documents: Iterable[Document]) -> list[tuple[int, int]]:
    """Return where the scalars of documents stand, keys included, as sorted (start, end) indexes into the file's text."""
    found: set[tuple[int, int]] = set()
    for document in documents:
        waiting: list[Any] = [document.own]
        seen: set[int] = set()
        while waiting:
            node = waiting.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            spots = node.spots.values() if isinstance(node, Map) else node.spots
            values = node.values() if isinstance(node, Map) else node
            for (key, event, part), value in zip(spots, values, strict=True):
                if key is not None:
                    found.add(_range(key, part))
                if isinstance(value, (Map, Seq)):
                    waiting.append(value)
                else:
                    found.add(_range(event, part))
    return sorted(found)


def _range(event: Event, part: Part) -> tuple[int, int]:
    """Return the place of a scalar in the file; the header of a block scalar may end in a comment and is no part of it."""
    start, end = event.start_mark.index, event.end_mark.index
    if getattr(event, "style", None) in ("|", ">"):
        header = LINE_BREAK.search(part.text, start, end)
        start = header.end() if header else end
    return part.index + start, part.index + end
