"""Text for people and models that YAML ends early: ` #` begins a comment, and what stands after it is gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed, mapped
from runner.compiler.nodes import Map, Seq
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.nodes import Spot
    from runner.compiler.rules import Context

TEXT_CUT = Rule("text-cut", "warning", "` #` begins a comment in the middle of a text")
RULES = (TEXT_CUT,)

_KEYS = frozenset({"instructions", "prompt", "description", "say", "think", "ask", "fail", "message", "messages", "rubric", "choices"})
_LIKELY = re.compile(r"(?<=[ \t])#")
_COMMENT = re.compile(r"[ \t]+(#+)([^\r\n]*)")
_PAIRS = (("(", ")"), ("[", "]"), ("`", "`"), ('"', '"'), ("“", "”"))


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report plain text that ends at a ` #` which does not look like a comment."""
    del library
    for document in context.documents:
        text = document.spot[2].text
        if "#" in text and _LIKELY.search(text):
            yield from _in_document(document)


def _in_document(document: Document) -> Iterator[Diagnostic]:
    waiting: list[tuple[Where, Any, Spot]] = [((), document.data, document.spot)]
    while waiting:
        where, value, spot = waiting.pop()
        if isinstance(value, Map):
            waiting += [((*where, key), item, value.spots[key]) for key, item in mapped(value).items() if where or key != "meta"]
        elif isinstance(value, Seq):
            waiting += [((*where, at), item, value.spots[at]) for at, item in enumerate(listed(value))]
        elif isinstance(value, str) and next((step for step in reversed(where) if isinstance(step, str)), "") in _KEYS:
            yield from _text(value, spot)


def _text(value: str, spot: Spot) -> Iterator[Diagnostic]:
    _, event, part = spot
    start, end = event.start_mark.index, event.end_mark.index
    if not getattr(event, "implicit", (False,))[0] or not value:
        return
    end = start + len(part.text[start:end].rstrip())
    found = _COMMENT.match(part.text, end)
    if found and "\n" not in part.text[start:end] and _is_text(value, found):
        what = found.group().strip()
        span = part.span(found.start(1), found.start(1) + len(what))
        hint = "put the whole text in quotes, or write it below `key: |`; a comment has a space after its `#`"
        yield Diagnostic(TEXT_CUT, span, f"the text ends here: `{shown(what, 40)}` is a comment to YAML", hint)


def _is_text(before: str, found: re.Match[str]) -> bool:
    """Tell whether what YAML takes for a comment is text: nobody writes `#12` as a comment, nor one inside brackets or quotes."""
    if "${" in before and before.rfind("${") > before.rfind("}"):
        return False  # an expression that is never closed has a finding of its own
    if re.match(r"[\w#]", found[2]) and len(found[1]) == 1:
        return not found[2].startswith(("noqa", "region", "endregion", "pragma"))
    return any(before.count(left) > before.count(right) if left != right else before.count(left) % 2 for left, right in _PAIRS)
