"""Builds documents from a YAML parser's events: plain data with positions, and findings for what the language leaves out of YAML.

Tags, merge keys, two equal keys, empty keys and costly files are findings; reading goes on after all but the last. It imports no YAML
parser: an event has `start_mark end_mark`, and by its kind `value implicit tag anchor`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.findings import (
    BAD_VALUE,
    DUPLICATE_KEY,
    EMPTY_KEY,
    MORE_FINDINGS,
    MOST_FINDINGS,
    YAML_BUDGET,
    YAML_MERGE,
    YAML_SYNTAX,
    YAML_TAG,
    shown,
)
from runner.compiler.nodes import Event, Map, Part, Seq, value_span
from runner.compiler.scalars import AMBIGUOUS, resolve
from runner.diagnostics import Diagnostic, Related, Rule, Span

if TYPE_CHECKING:
    from pathlib import Path

MAX_NODES = 100_000
MAX_DEPTH = 50
MAX_ALIASES = 50
MAX_EXPANDED = 10_000
MAX_DOCUMENTS = 500

_TAG = re.compile(r"!\S*")


class OverBudgetError(Exception):
    """The file costs more than any definition needs; reading stops."""


@dataclass(slots=True)
class Tree:
    """One YAML document: its data, where it begins, and whether it was read to its end. `data` of a broken one is what was read."""

    data: Any
    event: Event
    part: Part
    whole: bool = False
    empty: bool = False


@dataclass(slots=True)
class Source:
    """One file as read: its text ("" when it cannot be read), its documents and what is wrong with its YAML."""

    file: str
    path: Path
    text: str = ""
    trees: list[Tree] = field(default_factory=list[Tree])
    findings: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def add(self, finding: Diagnostic) -> None:
        """Take in a finding. Raises OverBudgetError when there are too many."""
        self.findings.append(finding)
        if len(self.findings) >= MOST_FINDINGS:
            what, hint = "too many findings in this file; what follows was not read", "mend these first; most may have one cause"
            self.findings.append(Diagnostic(MORE_FINDINGS, finding.span, what, hint))
            raise OverBudgetError


@dataclass(slots=True)
class _Level:
    """A map or list that is being read: its data, its anchor's name, and how many values there were before it."""

    node: Map | Seq
    anchor: str | None
    before: int


class Builder:
    """Turns the events of one stretch of a file into trees."""

    def __init__(self, part: Part, source: Source) -> None:
        self.part = part
        self.source = source
        self.levels: list[_Level] = []
        self.node: Map | Seq | None = None
        self.key: Any = None
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.nodes = self.aliases = self.expanded = 0
        self.skipping = False
        self.skipped = 0

    @property
    def inside_key(self) -> bool:
        """True while a key that is no text is being read past: what the parser says of it has been said."""
        return self.skipping and self.skipped > 0

    def document(self, event: Any) -> None:
        """Forget the document before."""
        if len(self.source.trees) >= MAX_DOCUMENTS:
            self.over(event, f"the file has more than {MAX_DOCUMENTS} documents", "split it into several files")
        self.levels, self.node, self.key, self.anchors, self.skipping = [], None, None, {}, False

    def document_end(self, event: Any) -> None:
        """Mark the document as read to its end."""
        del event
        self.source.trees[-1].whole = not self.skipping

    def scalar(self, event: Any) -> None:
        """Take a scalar as a key or a value."""
        if self.key is None and type(self.node) is Map:
            self.key = event
            if event.anchor or event.tag or not event.value:
                self.odd_key(event)
            return
        self.nodes += 1
        value = event.value
        if event.implicit[0]:
            if not value:
                value = self.empty(event)
            elif value[0] in AMBIGUOUS:
                value = self.number(value, event)
        if event.tag is not None:
            self.tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1)
        self.attach(value, event)

    def attach(self, value: Any, event: Any) -> None:
        """Put a value where it belongs: under the waiting key, at the end of the list, or as the document."""
        node = self.node
        if type(node) is Map:
            key, self.key = self.key, None
            name = key.value
            if name == "<<" and key.implicit[0]:
                hint = "write the keys out, or let the definition take them from another with `extends: NAME`"
                self.say(YAML_MERGE, key, "merge keys are not part of the language", hint)
            elif name in node:
                self.duplicate(node, key)
            else:
                node[name] = value
                node.spots[name] = (key, event, self.part)
        elif node is not None:
            cast("Seq", node).append(value)
            cast("Seq", node).spots.append((None, event, self.part))
        else:
            self.source.trees.append(Tree(value, event, self.part, empty=value is None and event.start_mark.index == event.end_mark.index))

    def start_map(self, event: Any) -> None:
        """Begin a map."""
        self.start(Map(), event)

    def start_list(self, event: Any) -> None:
        """Begin a list."""
        self.start(Seq(), event)

    def start(self, node: Map | Seq, event: Any) -> None:
        """Put an empty map or list where it belongs and go into it."""
        if self.key is None and type(self.node) is Map:
            self.no_text_key(event)
            self.skipped = 1
            return
        self.nodes += 1
        self.count(event)
        if len(self.levels) >= MAX_DEPTH:
            self.over(event, f"the file is nested more than {MAX_DEPTH} levels deep", "an opening bracket may be too many")
        if event.tag is not None:
            self.tag(event)
        self.attach(node, event)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.levels.append(_Level(node, event.anchor, self.nodes + self.expanded))
        self.node = node

    def end(self, event: Any) -> None:
        """Finish a map or list."""
        self.count(event)
        level = self.levels.pop()
        if event.end_mark.index > event.start_mark.index:
            level.node.end = event
        if level.anchor is not None:
            self.anchors[level.anchor] = (level.node, self.nodes + self.expanded - level.before + 1)
        self.node = self.levels[-1].node if self.levels else None

    def alias(self, event: Any) -> None:
        """Put what an anchor named in the place of an alias."""
        if self.key is None and type(self.node) is Map:
            self.no_text_key(event)
            return
        target = self.anchors.get(event.anchor)
        if target is None:
            self.unknown_alias(event)
            target = (None, 1)
        self.aliases += 1
        self.expanded += target[1]
        if self.aliases > MAX_ALIASES or self.expanded > MAX_EXPANDED:
            what = f"{MAX_ALIASES} aliases" if self.aliases > MAX_ALIASES else f"{MAX_EXPANDED:,} values through aliases"
            self.over(event, f"the file has more than {what}", "write the values out, or share them with `extends`")
        self.attach(target[0], event)

    def unknown_alias(self, event: Any) -> None:
        """Report an alias that names nothing, or something that is not finished."""
        name = shown(event.anchor)
        if event.anchor in self.anchors:
            self.say(YAML_SYNTAX, event, f"`*{name}` stands inside what it names")
        else:
            self.say(YAML_SYNTAX, event, f"`*{name}` names no anchor of this document", f'quote text that begins with `*`: "*{name}"')

    def number(self, text: str, event: Any) -> Any:
        """Return what a plain scalar means that does not begin like text."""
        try:
            return resolve(text)
        except ValueError:
            self.say(
                BAD_VALUE,
                event,
                f"`{shown(text)}` is not a number that a definition can hold",
                "write a plain number; in quotes it is text",
            )
            return None

    def empty(self, event: Any) -> None:
        """Report a value that was left out; an empty document is the caller's affair."""
        if self.key is not None:
            hint = 'give it a value or delete the key; where null is data write `null`, and empty text is `""`'
            self.say(EMPTY_KEY, self.key, f"`{shown(self.key.value)}` is empty", hint)
        elif self.node is not None:
            at = max(event.start_mark.index - 1, 0)
            dash = self.part.text.rfind("-", 0, at + 1)
            at = dash if dash >= 0 else at
            self.source.add(Diagnostic(EMPTY_KEY, self.part.span(at, at + 1), "a list item is empty", "write it or delete the line"))

    def tag(self, event: Any) -> None:
        """Report a tag."""
        at = event.start_mark.index
        found = _TAG.search(self.part.text, at)
        start, end = found.span() if found else (at, at + 1)
        text = shown(self.part.text[start:end])
        hint = f"leave `{text}` out; a quoted value is text"
        self.source.add(Diagnostic(YAML_TAG, self.part.span(start, end), "tags are not part of the language", hint))

    def odd_key(self, event: Any) -> None:
        """Report a key with a tag or without a name. An anchor on a key is kept."""
        if event.tag is not None:
            self.tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = (event.value, 1)
        if not event.value:
            self.say(YAML_SYNTAX, event, "a key is missing before `:`")

    def no_text_key(self, event: Any) -> None:
        """Report a key that is a map, list or alias; the rest of its document is not read."""
        start = self.part.place(event.start_mark)
        span = Span(self.part.file, *start, start[0], start[1] + 1)
        hint = 'a value that begins with `{`, `[` or `*` and is text must be quoted: "{{ x }}"'
        self.source.add(Diagnostic(YAML_SYNTAX, span, "a key must be text", hint))
        self.skipping, self.skipped = True, 0

    def skip(self, step: int) -> None:
        """Go past an event of a document that is not read on: `step` is 1 into a map or list, -1 out of one. Budgets hold here too."""
        self.nodes += 1
        self.skipped += step
        if self.nodes > MAX_NODES or self.skipped > MAX_DEPTH:
            raise OverBudgetError

    def duplicate(self, node: Map, key: Any) -> None:
        """Report a key that stands twice; the first one counts."""
        first = node.spots[key.value][0]
        related = () if first is None else (Related(value_span((None, first, self.part), ""), "first written here"),)
        self.say(DUPLICATE_KEY, key, f"`{shown(key.value)}` is written twice in one map", "keep one of the two", related)

    def say(self, rule: Rule, event: Any, message: str, hint: str | None = None, related: tuple[Related, ...] = ()) -> None:
        """Add a finding at an event."""
        span = value_span((None, event, self.part), "")
        self.source.add(Diagnostic(rule, span, message, hint, related=related))

    def count(self, event: Any) -> None:
        """Stop when the file holds too many values."""
        if self.nodes > MAX_NODES:
            self.over(event, f"the file has more than {MAX_NODES:,} values", "split it into several files")

    def over(self, event: Any, message: str, hint: str) -> None:
        """Add a finding about a budget and stop."""
        self.say(YAML_BUDGET, event, message, hint)
        raise OverBudgetError
