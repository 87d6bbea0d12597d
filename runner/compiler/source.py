"""Reads YAML files into plain data with positions. The one door of PyYAML; never raises, never stops at the first finding of a file.

It uses the C parser's event stream: positions come with the events, nothing is constructed, and hostile input cannot exhaust the stack.
A document that is not YAML does not hide the findings of the next one. It knows no kind of definition.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from runner.compiler.builder import Builder, OverBudgetError, Source
from runner.compiler.findings import UNREADABLE_FILE, YAML_BUDGET, YAML_SYNTAX, shown
from runner.compiler.nodes import Part
from runner.compiler.plain_file import read_plain, reason
from runner.compiler.syntax import explain
from runner.diagnostics import Diagnostic, Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_BYTES = 1024 * 1024

_MOST_BROKEN = 20
_NEXT_DOCUMENT = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read_file(path: Path, file: str, *, given: bool = False) -> Source:
    """Return a file's documents. `file` is its name as shown to people; `given` = a person named it, and it may be standard input."""
    source = Source(file, path)
    try:
        raw = read_plain(path, MAX_BYTES + 1, given=given)
    except (OSError, ValueError) as error:
        hint = "check the path and its permissions"
        source.findings.append(Diagnostic(UNREADABLE_FILE, Span(file), f"cannot read `{shown(file, 200)}`: {reason(error)}", hint))
        return source
    if len(raw) > MAX_BYTES:
        hint = "split it; long texts belong in files of their own, named by `${file:…}`"
        source.findings.append(Diagnostic(YAML_BUDGET, Span(file), "the file is larger than 1 MiB", hint))
        return source
    return read_bytes(raw, source)


def read_bytes(raw: bytes, source: Source) -> Source:
    """Fill a source with the documents in a file's bytes."""
    try:
        source.text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        source.findings.append(_not_utf8(raw, error, source))
        return source
    part: Part | None = Part(source.file, source.path, source.text)
    while part is not None:
        part = _read_part(part, source)
    return source


def _not_utf8(raw: bytes, error: UnicodeDecodeError, source: Source) -> Diagnostic:
    at = len(error.object[: error.start].decode("utf-8"))
    span = Part(source.file, source.path, raw.decode("utf-8-sig", "replace")).span(at, at + 1)
    if raw[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return Diagnostic(YAML_SYNTAX, span, "the file is saved as UTF-32", "save it as UTF-8")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Diagnostic(YAML_SYNTAX, span, "the file is saved as UTF-16", "save it as UTF-8")
    if b"\0" in raw:
        return Diagnostic(YAML_SYNTAX, span, "this is not a text file", "save the file as UTF-8 text")
    source.text = raw.decode("utf-8-sig", "replace")
    return Diagnostic(YAML_SYNTAX, span, f"byte 0x{error.object[error.start]:02x} is not UTF-8 text", "save the file as UTF-8")


def _read_part(part: Part, source: Source) -> Part | None:
    """Read one stretch of a file; return the rest after a document that could not be read, or None."""
    builder = Builder(part, source)
    try:
        _run(builder)
    except OverBudgetError:
        return None
    except yaml.reader.ReaderError:
        source.findings.append(_forbidden(part))
        return None
    except yaml.MarkedYAMLError as error:
        return _after(part, error, source, said=builder.inside_key)
    return None


def _after(part: Part, error: yaml.MarkedYAMLError, source: Source, *, said: bool) -> Part | None:
    """Report what the parser says unless that is `said`; return what follows the document that it gave up."""
    try:
        if not said:
            source.add(explain(error, part))
    except OverBudgetError:
        return None
    return _rest(part, error) if len(source.findings) < _MOST_BROKEN else None


def _run(builder: Builder) -> None:
    loader = yaml.CSafeLoader(builder.part.text)
    handlers: dict[type, Callable[[Any], None]] = {
        yaml.ScalarEvent: builder.scalar,
        yaml.MappingStartEvent: builder.start_map,
        yaml.SequenceStartEvent: builder.start_list,
        yaml.MappingEndEvent: builder.end,
        yaml.SequenceEndEvent: builder.end,
        yaml.AliasEvent: builder.alias,
        yaml.DocumentStartEvent: builder.document,
        yaml.DocumentEndEvent: builder.document_end,
        yaml.StreamStartEvent: lambda _event: None,
    }
    get = loader.get_event
    steps: dict[type, int] = {yaml.MappingStartEvent: 1, yaml.SequenceStartEvent: 1, yaml.MappingEndEvent: -1, yaml.SequenceEndEvent: -1}
    while type(event := get()) is not yaml.StreamEndEvent:
        if not builder.skipping or type(event) in (yaml.DocumentStartEvent, yaml.DocumentEndEvent):
            handlers[type(event)](event)
        else:
            builder.skip(steps.get(type(event), 0))


def _rest(part: Part, error: yaml.MarkedYAMLError) -> Part | None:
    mark = error.problem_mark
    following = _NEXT_DOCUMENT.search(part.text, max(mark.index, 1) if mark else len(part.text))
    if following is None:
        return None
    at = following.start()
    return Part(part.file, part.path, part.text[at:], part.at(at)[0] - 1, part.index + at)


def _forbidden(part: Part) -> Diagnostic:
    found = _FORBIDDEN.search(part.text)
    at = found.start() if found else 0
    if "\0" in part.text:
        return Diagnostic(YAML_SYNTAX, part.span(at, at + 1), "this is not a text file", "save the file as UTF-8 text")
    what = f"the control character {shown(part.text[at : at + 1])} is not allowed in YAML"
    return Diagnostic(YAML_SYNTAX, part.span(at, at + 1), what, 'delete it, or write it as an escape in double quotes: "\\x1b"')
