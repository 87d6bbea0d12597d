"""The rules that reading and shape-checking speak with, and the words they share. Rules of meaning are in `rules/`."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from runner.diagnostics import Span

YAML_SYNTAX = Rule("yaml-syntax", "error", "the file is not YAML")
YAML_BUDGET = Rule("yaml-budget", "error", "a file is larger or deeper, or holds more findings, than any definition needs")
YAML_TAG = Rule("yaml-tag", "error", "a YAML tag such as `!!str` stands before a value")
YAML_MERGE = Rule("yaml-merge", "error", "a YAML merge key `<<` is used")
EMPTY_KEY = Rule("empty-key", "error", "a key or a list item has no value")
DUPLICATE_KEY = Rule("duplicate-key", "error", "a key stands twice in one map")
UNREADABLE_FILE = Rule("unreadable-file", "error", "a file cannot be read")
NO_DEFINITIONS = Rule("no-definitions", "error", "a folder or file defines nothing")
UNKNOWN_KEY = Rule("unknown-key", "error", "a key that this kind of definition does not have")
MISSING_KEY = Rule("missing-key", "error", "a key that must be there is not")
WRONG_TYPE = Rule("wrong-type", "error", "a value of the wrong type")
BAD_VALUE = Rule("bad-value", "error", "a value of the right type that is not allowed")
UNRESOLVED_PARENT = Rule("unresolved-parent", "error", "`extends` names a definition that does not exist")
EXTENDS_CYCLE = Rule("extends-cycle", "error", "definitions extend each other in a circle")
UNRESOLVED_PROFILE = Rule("unresolved-profile", "error", "a profile that the project does not have")

RULES: tuple[Rule, ...] = (
    YAML_SYNTAX,
    YAML_BUDGET,
    YAML_TAG,
    YAML_MERGE,
    EMPTY_KEY,
    DUPLICATE_KEY,
    UNREADABLE_FILE,
    NO_DEFINITIONS,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    BAD_VALUE,
    UNRESOLVED_PARENT,
    EXTENDS_CYCLE,
    UNRESOLVED_PROFILE,
)

MORE_FINDINGS = replace(YAML_BUDGET, severity="warning")
"""What says that findings were left out: it is none more itself."""

MOST_FINDINGS = 100
"""Findings of one stage that are shown for one document; who has more has one cause."""

_MOST_NAMES = 12
_LONGEST_WORD = 60


def at_most(findings: Iterable[Diagnostic], head: Span) -> Iterator[Diagnostic]:
    """Yield the first hundred findings of a document and, when there are more, one at its `head` that says so."""
    for number, finding in enumerate(findings):
        if number == MOST_FINDINGS:
            what = f"there are more than {MOST_FINDINGS} findings here; the others are not shown"
            yield Diagnostic(MORE_FINDINGS, head, what, "mend these first; most may have one cause")
            return
        yield finding


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that somebody who wrote `word` most likely meant, or None."""
    if len(word) > _LONGEST_WORD:
        return None
    by_form = {name.lower().replace("-", "_"): name for name in sorted(known, reverse=True)}
    form = word.lower().replace("-", "_").strip()
    found = difflib.get_close_matches(form, sorted(by_form), n=1, cutoff=0.7)
    return by_form[found[0]] if found else None


def suggestion(word: str, known: Iterable[str], label: str) -> str | None:
    """Return the hint for an unknown word: "did you mean …?", else the sorted known words after `label`, or None when there are none."""
    names = sorted(set(known))
    if meant := nearest(word, names):
        return f"did you mean `{meant}`?"
    return f"{label}: {listed(names)}" if names else None


def listed(names: Iterable[str]) -> str:
    """Return names for a person, in backticks; a long list is cut and says how many more there are."""
    words = [f"`{name}`" for name in names]
    rest = len(words) - _MOST_NAMES
    return ", ".join(words[:_MOST_NAMES]) + (f" and {rest} more" if rest > 0 else "")


def shown(text: str, most: int = _LONGEST_WORD) -> str:
    """Return the user's text for a message: control characters made visible, long text cut."""
    clean = "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text[: most + 1])
    return clean if len(text) <= most else clean[:most] + "…"
