"""Turns a person's or a model's words into an FTS5 match: terms quoted, stop words dropped, joined by OR. Cannot be injected into."""

from __future__ import annotations

import re

MOST_TERMS = 32
"""More words than this do not make a search better, only slower."""

_WORD = re.compile(r"[^\W_]+(?:[_.'’-][^\W_]+)*")

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being below between both but by can could did do
    does doing don down during each few for from further get had has have having he her here hers him his how i if in into is isn it its
    itself just let like me more most much my need no nor not now of off on once one only or other our out over own please same she should show
    so some such tell than that the their them then there these they this those through to too under until up us use used using very want
    was we were what when where which while who whom why will with work works would you your""".split()  # noqa: SIM905 – a list this long reads better as words
)


def to_match(query: str) -> str:
    """Return the FTS5 expression for a query, "" when it has no words. A query of stop words alone searches for them."""
    words = _words(query)
    telling = [word for word in words if word not in STOP_WORDS and word.split("'")[0].split("’")[0] not in STOP_WORDS]
    return " OR ".join(f'"{word}"' for word in (telling or words)[:MOST_TERMS])


def likeness(query: str, heading: str) -> float:
    """Return how much a query and the last title of a heading path say the same, in the same words: 0 to 1."""
    asked, titled = set(_words(query)), set(_words(heading.rpartition(" › ")[2]))
    return len(asked & titled) / len(asked | titled) if asked and titled else 0.0


def _words(text: str) -> list[str]:
    """Return the words once each, in lower case; `Zebra's` is the word `zebra`."""
    words = (word.lower() for word in _WORD.findall(text))
    return list(dict.fromkeys(word.removesuffix("'s").removesuffix("’s") for word in words))
