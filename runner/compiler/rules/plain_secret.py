"""Keys and passwords written as plain text: under the keys that hold credentials, and anywhere else by the shape that vendors give them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import at_most
from runner.compiler.link_reach import listed, mapped
from runner.diagnostics import Diagnostic, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context
    from runner.diagnostics import Span

PLAIN_SECRET = Rule("plain-secret", "error", "a key or password is written as plain text")
RULES = (PLAIN_SECRET,)

_KEYS = frozenset({"api_key", "token", "password", "secret", "client_secret"})
_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})
_ENVIRONMENT = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")
_SHAPES = (
    r"sk-(?:ant-|proj-|svcacct-|or-v1-)?(?=[\w-]*[0-9])[A-Za-z0-9_-]{20,}",
    r"(?:sk|rk)_live_[A-Za-z0-9]{16,}",
    r"gh[pousr]_[A-Za-z0-9]{36,}",
    r"github_pat_\w{22,}",
    r"glpat-[A-Za-z0-9_-]{20,}",
    r"(?:AKIA|ASIA)(?![A-Z0-9]{9}EXAMPLE)[A-Z0-9]{16}(?![A-Za-z0-9])",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    r"AIza[A-Za-z0-9_-]{35}",
    r"hf_[A-Za-z0-9]{30,}",
    r"gsk_[A-Za-z0-9]{40,}",
    r"npm_[A-Za-z0-9]{36}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
)
_SHAPE = re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(_SHAPES)})")
_FIRST = (
    "sk-",
    "sk_live",
    "rk_live",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "ASIA",
    "xox",
    "AIza",
    "hf_",
    "gsk_",
    "npm_",
    "-----BEGIN",
)
"""How they begin; looked for before anything that costs more."""


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report plain text under the keys of providers and tools that hold credentials, and text that looks like a key of some vendor."""
    del library
    for document in context.documents:
        yield from at_most(_in_document(document, context), document.head())


def _in_document(document: Document, context: Context) -> Iterator[Diagnostic]:
    told: set[Where] = set()
    if document.kind in ("provider", "tool"):
        yield from _in_map(document, (), document.data, told)
    elif document.kind == "agent":
        for at, item in enumerate(listed(document.data.get("tools"))):
            yield from _in_map(document, ("tools", at), mapped(item), told)
    if document.data is not document.own or any(first in document.spot[2].text for first in _FIRST):
        yield from _shapes(document, told)
    for text in context.texts.of(document):
        for found in _SHAPE.finditer(text.value) if text.included is not None else ():
            yield _looks(text.span(*found.span()), document, text.where)


def _in_map(document: Document, where: Where, data: Mapping[str, Any], told: set[Where]) -> Iterator[Diagnostic]:
    places = [((*where, key), key, value) for key, value in data.items() if key in _KEYS]
    for key, names in (("headers", _is_header), ("env", _is_variable)):
        places += [((*where, key, name), name, value) for name, value in mapped(data.get(key)).items() if names(name)]
    for place, name, value in places:
        is_text = isinstance(value, str) and value and "${" not in value
        if is_text or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            told.add(place)
            yield Diagnostic(PLAIN_SECRET, document.span(place), f"`{name}` is written as plain text", _hint(document, name))


def _shapes(document: Document, told: set[Where]) -> Iterator[Diagnostic]:
    waiting: list[tuple[Where, Any]] = [((), document.data)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*where, key), item) for key, item in mapped(value).items()]
        elif isinstance(value, list):
            waiting += [((*where, at), item) for at, item in enumerate(listed(value))]
        elif isinstance(value, str) and where not in told:
            yield from (_looks(document.inside(where, *found.span()), document, where) for found in _SHAPE.finditer(value))


def _looks(span: Span, document: Document, where: Where) -> Diagnostic:
    name = next((step for step in reversed(where) if isinstance(step, str)), "value")
    message = f"`{name}` holds what looks like a secret key, as plain text"
    if name in ("instructions", "prompt", "description", "say"):
        hint = "take it out, a model has no use for a key; then make a new one, this one is known"
        return Diagnostic(PLAIN_SECRET, span, message, hint)
    return Diagnostic(PLAIN_SECRET, span, message, _hint(document, name))


def _hint(document: Document, name: str) -> str:
    secret = re.sub(r"\W+", "_", f"{document.name}_{name}").upper()
    return f"write ${{secret:{secret}}} and set the environment variable {secret}; then make a new key, this one is known"


def _is_header(name: str) -> bool:
    return name.lower() in _HEADERS


def _is_variable(name: str) -> bool:
    return _ENVIRONMENT.search(name.upper()) is not None
