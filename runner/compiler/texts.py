"""The texts of definitions that hold `${…}`: where they stand, what they may name there, and the files they include.

What stands where is the table of the language's chapter on expressions. Evaluates nothing and reads no variable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runner.compiler.link_reach import mapped
from runner.compiler.nodes import LINE_BREAK, Map, Part, Seq, spot_of
from runner.compiler.plain_file import read_plain, reason
from runner.expressions import ExpressionError, parse_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from runner.compiler.definition import Where
    from runner.compiler.documents import Document
    from runner.diagnostics import Span
    from runner.expressions import Special, Template

MAX_INCLUDE = 1024 * 1024
MAX_EXPRESSIONS = 1000
_DEEPEST = 10


@dataclass(frozen=True, slots=True)
class Scope:
    """What the expressions at a place may name: roots of paths and kinds of specials."""

    roots: frozenset[str] = frozenset()
    specials: frozenset[str] = frozenset()

    def words(self) -> list[str]:
        """Return all that may be named, sorted, specials as `env:`."""
        return sorted([*self.roots, *(f"{kind}:" for kind in self.specials)])


def _scope(roots: str = "", specials: str = "") -> Scope:
    return Scope(frozenset(roots.split()), frozenset(specials.split()))


NOTHING = _scope()
_PROMPT = _scope("inputs session", "env file")
_STEP = _scope("inputs steps session")
_EACH = _scope("inputs steps session item index")
_TOOL = _scope("inputs session", "env secret")
_VALUES = _scope("", "env secret")
_MODEL = _scope("", "env")
_SCRIPT = _scope("message results")

_STEP_KEYS = frozenset({"prompt", "with", "when", "each", "ask", "choices", "fail", "next"})
_TOOL_KEYS = frozenset({"url", "headers", "query", "json", "form", "run", "stdin", "env"})
_VALUE_KEYS = {"mcp": frozenset({"command", "url", "env", "headers", "oauth"}), "openapi": frozenset({"headers"})}
"""Keys that are read once, when the tool is opened: no call's inputs are known then."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string with `${…}` in it. `included` is the file it is the whole of, or None when it stands in the definition itself."""

    document: Document
    where: Where
    value: str
    scope: Scope
    included: Part | None = None

    def span(self, start: int, end: int) -> Span:
        """Return where the characters `start` to `end` of the text stand."""
        if self.included is not None:
            return self.included.span(start, end)
        return self.document.inside(self.where, start, end)

    def template(self) -> Template | None:
        """Return the parsed text, or None when it cannot be parsed."""
        if self.too_long:
            return None
        try:
            return parse_template(self.value)
        except ExpressionError:
            return None

    @property
    def too_long(self) -> bool:
        """True when the text holds more expressions than any definition needs."""
        return self.value.count("${") > MAX_EXPRESSIONS

    @property
    def folder(self) -> Path:
        """The folder that paths in the text start from."""
        return self.included.path.parent if self.included else self.document.base(self.where)


@dataclass(slots=True)
class Texts:
    """The texts of documents, each walked once. `sources` gets the included files by the name that findings use."""

    cwd: Path
    sources: dict[str, str] = field(default_factory=dict[str, str])
    _known: dict[int, tuple[Text, ...]] = field(default_factory=dict[int, "tuple[Text, ...]"])

    def of(self, document: Document) -> tuple[Text, ...]:
        """Return the texts of a document, those of the files it includes after each."""
        known = self._known.get(id(document))
        if known is None:
            known = self._known[id(document)] = tuple(self._all(document))
        return known

    def _all(self, document: Document) -> Iterator[Text]:
        if document.data is document.own and "${" not in document.spot[2].text:
            return
        for where, value in _strings(document.data):
            if where[0] != "meta" and not str(where[0]).startswith("x-"):
                yield from self._with_includes(Text(document, where, value, scope_of(document, where)), 0, set())

    def _with_includes(self, text: Text, depth: int, met: set[Path]) -> Iterator[Text]:
        """Yield a text and those it includes; each file once, or files that include each other twice would double at every level."""
        yield text
        template = text.template() if depth < _DEEPEST and "file" in text.scope.specials else None
        for special in template.specials() if template else ():
            content, _ = included(text, special) if special.kind == "file" else (None, "")
            if content is not None:
                path = (text.folder / special.name).resolve()
                if path in met:
                    continue
                met.add(path)
                part = Part(str(path.relative_to(self.cwd)) if path.is_relative_to(self.cwd) else str(path), path, content)
                self.sources[part.file] = content
                yield from self._with_includes(Text(text.document, text.where, content, text.scope, part), depth + 1, met)


def included(text: Text, special: Special) -> tuple[str | None, str]:
    """Return the content of a `${file:…}`, or None and why it cannot be read, in words; "" when it is outside the root."""
    return _content(text.folder / special.name, text.document.root)


@lru_cache(maxsize=256)
def _content(path: Path, root: Path) -> tuple[str | None, str]:
    try:
        real = path.resolve()
        if not real.is_relative_to(root.resolve()):
            return None, ""
        raw = read_plain(real, MAX_INCLUDE + 1)
        return (None, "it is larger than 1 MiB") if len(raw) > MAX_INCLUDE else (LINE_BREAK.sub("\n", raw.decode()), "")
    except (OSError, ValueError) as error:
        return None, reason(error)


def _strings(data: Map) -> Iterator[tuple[Where, str]]:
    waiting: list[tuple[Where, Any]] = [((), data)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, Map):
            waiting.extend(((*where, key), item) for key, item in reversed(value.items()))
        elif isinstance(value, Seq):
            waiting.extend(((*where, at), value[at]) for at in reversed(range(len(value))))
        elif isinstance(value, str) and "${" in value:
            yield where, value


def scope_of(document: Document, where: Where) -> Scope:
    """Return what may be named at a place of a definition."""
    top = where[0]
    match document.kind:
        case "agent":
            return _in_agent(document, where)
        case "tool":
            return _in_tool(document.data, where)
        case "provider":
            return _SCRIPT if top == "models" and len(where) > 3 and where[2] in ("rules", "script") else _VALUES
        case "project":
            return _MODEL if "model" in (top, *where[2:3]) else _VALUES
        case _:
            return _SCRIPT if "script" in where else NOTHING


def _in_agent(document: Document, where: Where) -> Scope:
    match where:
        case ("instructions" | "prompt",):
            return _PROMPT
        case ("model", *_) | ("context", "model"):
            return _MODEL
        case ("result", *_):
            return _STEP
        case ("tools", int() as at, *rest) if rest:
            item = mapped(document.data["tools"][at])
            if "use" in item:
                return _VALUES if rest[0] == "with" else NOTHING
            return _in_tool(item, tuple(rest))
        case ("agents", int(), "with", *_):
            return _VALUES
        case ("flow", *_):
            return _in_flow(document, where)
        case _:
            return NOTHING


def _in_tool(data: Mapping[str, Any], where: Where) -> Scope:
    if where[0] == "with":
        return _VALUES
    kind = data.get("type")
    if isinstance(kind, str) and kind in _VALUE_KEYS:
        return _VALUES if where[0] in _VALUE_KEYS[kind] else NOTHING
    return _TOOL if where[0] in _TOOL_KEYS else NOTHING


def _in_flow(document: Document, where: Where) -> Scope:
    deepest = 4 if where[2:3] == ("parallel",) else 2
    if len(where) <= deepest or where[deepest] not in _STEP_KEYS:
        return NOTHING
    if where[deepest] == "next" and where[-1] != "when":
        return NOTHING
    _, step, _ = spot_of(document.data, where[:deepest], document.spot)
    return _EACH if isinstance(step, Map) and "each" in step else _STEP
