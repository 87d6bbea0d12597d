"""Keys and passwords written as plain text where a reference belongs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.compiler.link_reach import listed, mapped
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

PLAIN_SECRET = Rule("plain-secret", "error", "a key or password is written as plain text")
RULES = (PLAIN_SECRET,)

_KEYS = frozenset({"api_key", "token", "password", "secret", "client_secret"})
_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})
_ENVIRONMENT = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report plain text under the keys of providers and tools that hold credentials."""
    del library
    for document in context.documents:
        if document.kind in ("provider", "tool"):
            yield from _in_map(document, (), document.data)
        elif document.kind == "agent":
            for at, item in enumerate(listed(document.data.get("tools"))):
                yield from _in_map(document, ("tools", at), mapped(item))


def _in_map(document: Document, where: Where, data: Mapping[str, Any]) -> Iterator[Diagnostic]:
    places = [((*where, key), key, value) for key, value in data.items() if key in _KEYS]
    for key, names in (("headers", _is_header), ("env", _is_variable)):
        places += [((*where, key, name), name, value) for name, value in mapped(data.get(key)).items() if names(name)]
    for place, name, value in places:
        is_text = isinstance(value, str) and value and "${" not in value
        if is_text or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            secret = re.sub(r"\W+", "_", f"{document.name}_{name}").upper()
            hint = f"write ${{secret:{secret}}} and set the environment variable {secret}; then make a new key, this one is known"
            yield Diagnostic(PLAIN_SECRET, document.span(place), f"`{name}` is written as plain text", hint)


def _is_header(name: str) -> bool:
    return name.lower() in _HEADERS


def _is_variable(name: str) -> bool:
    return _ENVIRONMENT.search(name.upper()) is not None
