"""Plain values in data that YAML 1.1 and 1.2 read as different things, and numbers that lose the zeros they are written with."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import at_most, shown
from runner.compiler.link_reach import listed, mapped
from runner.compiler.nodes import Map, Seq, value_span
from runner.diagnostics import Diagnostic, Fix, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.nodes import Spot
    from runner.compiler.rules import Context

YAML11 = Rule("yaml11", "warning", "a plain value in data that other readers of YAML take for something else")
RULES = (YAML11,)

_DATA = frozenset({"with", "default", "result", "fakes", "json", "enum"})
_WORDS = frozenset({"yes", "no", "on", "off"})
_NUMBER = re.compile(r"[-+]?[0-9]{1,3}(?:_[0-9]{3})+|[-+]?0x[0-9A-Fa-f]*_[0-9A-Fa-f_]+")
_SIXTY = re.compile(r"[-+]?[1-9][0-9]*(?::[0-5]?[0-9])+")
_ZEROS = re.compile(r"[-+]?0[0-9]+")
_VERSION = re.compile(r"[0-9]+\.[0-9]*0")
_VERSIONED = re.compile(r"version|release|python|node|tag$", re.IGNORECASE)
_CANDIDATE = re.compile(r"(?:[:,-]\s+|\[\s*)((?i:yes|no|on|off)|[-+]?[0-9][0-9A-Fa-fx_:.]*[0-9A-Fa-f])(?=[ \t]*(?:[,}\]\r\n#]|\Z))")
_ODD = re.compile(rf"(?i:{'|'.join(sorted(_WORDS))})|{_NUMBER.pattern}|{_SIXTY.pattern}|{_ZEROS.pattern}|{_VERSION.pattern}")


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report such values where data stands; where text is wanted they are text, and no finding."""
    del library
    for document in context.documents:
        if _likely(document.spot[2].text):
            yield from at_most(_in_document(document), document.head())


def _likely(text: str) -> bool:
    return any(_ODD.fullmatch(found[1]) for found in _CANDIDATE.finditer(text))


def _in_document(document: Document) -> Iterator[Diagnostic]:
    waiting: list[tuple[Where, Any, Spot]] = [((), document.data, document.spot)]
    while waiting:
        where, value, spot = waiting.pop()
        if isinstance(value, Map):
            waiting += [((*where, key), item, value.spots[key]) for key, item in mapped(value).items() if where or key != "meta"]
        elif isinstance(value, Seq):
            waiting += [((*where, at), item, value.spots[at]) for at, item in enumerate(listed(value))]
        elif _DATA & set(where) and getattr(spot[1], "implicit", (False,))[0]:
            yield from _value(document, where, value, spot)


def _value(document: Document, where: Where, value: Any, spot: Spot) -> Iterator[Diagnostic]:
    written = str(getattr(spot[1], "value", ""))
    said = _odd(document, where, written, value)
    if said:
        span = value_span(spot, value)
        message, hint = said
        quoted = json.dumps(written)
        fix = Fix(span, quoted) if isinstance(value, str) else None
        yield Diagnostic(YAML11, span, message, f"{hint}{'; for the text quote it' if hint else 'quote it'}: {quoted}", fix)


def _odd(document: Document, where: Where, written: str, value: Any) -> tuple[str, str] | None:
    word = shown(written)
    if written.lower() in _WORDS:
        if "enum" in where or _is_text(document, where):
            return None
        truth = "true" if written.lower() in ("yes", "on") else "false"
        return f"`{word}` is text here, and `{truth}` to readers of YAML 1.1", f"write `{truth}` if that is meant"
    if isinstance(value, str):
        if _NUMBER.fullmatch(written):
            return f"`{word}` is text here, and a number to readers of YAML 1.1", f"write {written.replace('_', '')} for the number"
        if _SIXTY.fullmatch(written) and not _is_text(document, where):
            return f"`{word}` is text here, and a number of seconds to readers of YAML 1.1", ""
    elif _ZEROS.fullmatch(written):
        return f"`{word}` is the number {value} here, and octal to readers of YAML 1.1", f"write {value} for the number"
    elif _VERSION.fullmatch(written) and any(_VERSIONED.search(step) for step in where if isinstance(step, str)):
        return f"`{word}` is the number {value}, its last zero is lost", f"write {value} for the number"
    return None


def _is_text(document: Document, where: Where) -> bool:
    """Tell whether a default stands beside a type that says it is text."""
    if "default" not in where:
        return False
    field: Any = document.data
    for step in where[: where.index("default")]:
        field = field[step]
    kind = mapped(field).get("type")
    return isinstance(kind, str) and kind.removesuffix("?") == "string"
