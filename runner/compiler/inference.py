"""The types of expressions, and what is wrong in them by their types alone. Knows no documents: places are offsets into the text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runner.compiler.findings import listed, shown, suggestion
from runner.compiler.narrowing import Names, holding, not_null
from runner.compiler.types import ANY, BOOLEAN, LIST, NULL, NUMBER, TEXT, Type, kind_of, list_of, map_of, one_of, union
from runner.diagnostics import Rule
from runner.expressions.nodes import Call, Coalesce, Compare, Constant, Index, ListOf, Logic, Member, Not, Path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.expressions import Node

EXPRESSION_TYPE = Rule("expression-type", "error", "an expression has a type that does not fit its place")
UNRESOLVED_FIELD = Rule("unresolved-field", "error", "an expression names a field that the value does not have")
UNRESOLVED_STEP = Rule("unresolved-step", "error", "a step that the flow does not have is named")
IMPOSSIBLE_VALUE = Rule("impossible-value", "error", "a value is compared with one that it cannot have")
MAYBE_NOT_RUN = Rule("maybe-not-run", "error", "the output of a step is used before it has surely run")
MAYBE_NULL = Rule("maybe-null", "warning", "something that may be null is used as if it were there")
RULES = (EXPRESSION_TYPE, UNRESOLVED_FIELD, UNRESOLVED_STEP, IMPOSSIBLE_VALUE, MAYBE_NOT_RUN, MAYBE_NULL)

_SIZED = Type(TEXT.kinds | LIST.kinds | {"map"})
_HOLDS = Type(TEXT.kinds | LIST.kinds)
_MAP_OR_NULL = frozenset({"map", "null"})
_ORDER = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong between two offsets of a text."""

    rule: Rule
    offset: int
    end: int
    message: str
    hint: str | None = None


@dataclass(slots=True)
class Inference:
    """Finds the types of the expressions of one text. `roots` are the types of what may be named.

    `known` are the paths that are not null, `implied` those that are not where all of some conditions hold.
    """

    text: str
    roots: Mapping[str, Type]
    known: frozenset[Names] = frozenset()
    implied: tuple[tuple[frozenset[str], Names], ...] = ()
    problems: list[Problem] = field(default_factory=list[Problem])

    def of(self, node: Node) -> Type:
        """Return the type of an expression; what is wrong inside it is added to `problems`."""
        match node:
            case Constant():
                return one_of([node.value])
            case ListOf():
                return list_of(union(self.of(item) for item in node.items)) if node.items else LIST
            case Path():
                return self._path(node)
            case Call():
                return self._call(node)
            case Not():
                self.expect(node.operand, BOOLEAN, "`not` needs true or false")
                return BOOLEAN
            case Logic():
                return self._logic(node)
            case Coalesce():
                return self._coalesce(node)
            case Compare():
                self._compare(node)
                return BOOLEAN

    def expect(self, node: Node, wanted: Type, why: str) -> Type:
        """Return the type of an expression that must be of a type and not null; a problem when it is not."""
        before = len(self.problems)
        found = self.of(node)
        if len(self.problems) == before:
            self.fits(found, wanted, (node.offset, node.end), why)
        return found

    def fits(self, found: Type, wanted: Type, place: tuple[int, int], why: str) -> None:
        """Add a problem when a value cannot be of the type wanted, or may be null and must not."""
        if found.waits is not None and "null" not in wanted.kinds:
            self.problems.append(not_run(found.waits, place, self._quoted(place), self._default(place)))
        elif not found.known or not wanted.known or (found.kinds == NULL.kinds and "null" in wanted.kinds):
            return
        elif found.never(wanted):
            self._clash(found, wanted, place, why)
        elif found.may_be_null and "null" not in wanted.kinds:
            message = f"{why}, and {self._quoted(place)} may be null"
            self.problems.append(Problem(MAYBE_NULL, *place, message, self._default(place)))

    def _clash(self, found: Type, wanted: Type, place: tuple[int, int], why: str) -> None:
        if found.kinds & wanted.kinds - {"null"} and wanted.values and found.values:
            message = f"{why}, and {self._quoted(place)} is none of them"
            self.problems.append(Problem(EXPRESSION_TYPE, *place, message, f"values: {listed(_texts(wanted))}"))
            return
        hint = self._comparison(found, place) if wanted == BOOLEAN else None
        what = "a list of " + found.items.words() if found.items and found.kinds == LIST.kinds == wanted.kinds else found.words()
        self.problems.append(Problem(EXPRESSION_TYPE, *place, f"{why}, and {self._quoted(place)} is {what}", hint))

    def _quoted(self, place: tuple[int, int]) -> str:
        return f"`{shown(self.text[place[0] : place[1]])}`"

    def _comparison(self, found: Type, place: tuple[int, int]) -> str | None:
        written = shown(self.text[place[0] : place[1]])
        if found.kinds <= LIST.kinds:
            return f"compare it: `length({written}) > 0`"
        sample = "> 0" if found.kinds <= NUMBER.kinds else "== 'yes'" if found.kinds <= TEXT.kinds else "!= null"
        return f"compare it: `{written} {sample}`"

    def _default(self, place: tuple[int, int]) -> str:
        return f"give it a default: `{shown(self.text[place[0] : place[1]])} ?? 'none'`"

    def _call(self, node: Call) -> Type:
        wanted = {"length": _SIZED, "join": LIST}.get(node.name, TEXT)
        words = {"length": "text, a list or a map", "join": "a list"}.get(node.name, "text")
        for at, argument in enumerate(node.arguments):
            self.expect(argument, TEXT if at else wanted, f"`{node.name}` needs {'text' if at else words}{' to join with' if at else ''}")
        return NUMBER if node.name == "length" else TEXT

    def _logic(self, node: Logic) -> Type:
        before, parts = self.known, frozenset[str]()
        for item in node.items:
            self.expect(item, BOOLEAN, f"`{node.op}` needs true or false")
            parts |= holding(item, self.text, when=node.op == "and")
            self.known |= not_null(item, when=node.op == "and")
            self.known |= frozenset(path for given, path in self.implied if given <= parts)
        self.known = before
        return BOOLEAN

    def _coalesce(self, node: Coalesce) -> Type:
        types = [self.of(item) for item in node.items]
        return union([*(found.without_null() for found in types[:-1] if found.kinds != NULL.kinds), types[-1]])

    def _compare(self, node: Compare) -> None:
        if node.op in _ORDER:
            for side in (node.left, node.right):
                self.expect(side, NUMBER, f"`{node.op}` compares numbers")
            return
        before = len(self.problems)
        left, right = self.of(node.left), self.of(node.right)
        if len(self.problems) > before:
            return
        if node.op != "in":
            self._never_equal(node, left, right)
        elif isinstance(node.right, ListOf):
            for item in node.right.items:
                self._never(node.left, left, item, self.of(item))
        else:
            self.fits(right, _HOLDS, (node.right.offset, node.right.end), "`in` needs a list or text on its right")
            if right.items is not None and right.kinds == LIST.kinds:
                self._never(node.left, left, node.left, right.items)

    def _never_equal(self, node: Compare, left: Type, right: Type) -> None:
        if isinstance(node.left, Constant) and not isinstance(node.right, Constant):
            self._never(node.right, right, node.left, left)
        else:
            self._never(node.left, left, node.right, right)

    def _never(self, node: Node, found: Type, other: Node, value: Type) -> None:
        """Add a problem when a value can never equal another; comparing with null is always sensible."""
        if not found.known or not value.known or NULL.kinds in (found.kinds, value.kinds) or not found.never(value):
            return
        place, name = (other.offset, other.end), self._quoted((node.offset, node.end))
        if found.kinds & value.kinds - {"null"} and found.values:
            word = str(value.values[0]) if value.values and len(value.values) == 1 else ""
            hint = suggestion(word, _texts(found), "its values") if word else f"its values: {listed(_texts(found))}"
            message = f"{name} is never {self._quoted(place)}" if node is not other else f"{name} is never in it"
            self.problems.append(Problem(IMPOSSIBLE_VALUE, *place, message, hint))
        else:
            what = f"{name} is {found.without_null().words()}, and is compared with {value.without_null().words()}"
            self.problems.append(Problem(IMPOSSIBLE_VALUE, *place, what, "the two are never equal"))

    def _path(self, node: Path) -> Type:
        return _Walk(self, node).result() if node.root in self.roots else ANY


@dataclass(slots=True)
class _Walk:
    """The way along one path."""

    owner: Inference
    path: Path
    names: Names = ()
    may_stop: bool = False
    waits: str | None = None

    def result(self) -> Type:
        """Return the type at the end of the path."""
        found = self._narrowed(self.owner.roots[self.path.root], self.path.root)
        end = self.path.root_end
        for step in self.path.steps:
            name = step.name if isinstance(step, Member) else None
            if isinstance(step, Index):
                key = self.owner.of(step.key)
                name = step.key.value if isinstance(step.key, Constant) and isinstance(step.key.value, str) else None
                next_type = self._at_key(found, step, key, name, end)
            else:
                next_type = self._member(found, step, step.name, end, optional=step.optional)
            if next_type is None:
                return ANY
            found, end = self._narrowed(next_type, name), step.end
        return found.or_null(self.waits) if self.may_stop else found

    def _narrowed(self, found: Type, name: str | None) -> Type:
        self.names = (*self.names, name) if name is not None and (self.names or name == self.path.root) else ()
        return found.without_null() if self.names in self.owner.known else found

    def _add(self, rule: Rule, place: tuple[int, int], message: str, hint: str | None = None) -> None:
        self.owner.problems.append(Problem(rule, *place, message, hint))

    def _quoted(self, end: int) -> str:
        return f"`{shown(self.owner.text[self.path.offset : end])}`"

    def _member(self, found: Type, step: Member | Index, name: str, end: int, *, optional: bool) -> Type | None:
        place = (step.offset, step.end) if isinstance(step, Member) else (step.key.offset, step.key.end)
        if optional:
            self.may_stop = self.may_stop or found.may_be_null or found.waits is not None
            self.waits = self.waits or found.waits
            found = found.without_null()
        elif not self._is_there(found, place, end, name):
            return None
        if not found.known:
            return ANY
        if "map" not in found.kinds:
            self._add(EXPRESSION_TYPE, place, f"{self._quoted(end)} is {found.words()}, so it has no `{shown(name)}`")
            return None
        if found.fields is None or not found.kinds <= _MAP_OR_NULL:
            return ANY
        return found.fields[name] if name in found.fields else self._missing(found.fields, name, place, end)

    def _is_there(self, found: Type, place: tuple[int, int], end: int, name: str) -> bool:
        path = self._quoted(end)
        if found.waits is not None:
            hint = f"`?.` stops at null: {path[:-1]}?.{shown(name)}`; `??` gives a default"
            self.owner.problems.append(not_run(found.waits, place, path, hint))
        elif found.kinds == NULL.kinds:
            self._add(EXPRESSION_TYPE, place, f"{path} is null, so it has no `{shown(name)}`")
        elif found.may_be_null:
            self._add(MAYBE_NULL, place, f"{path} may be null, and then has no `{shown(name)}`", f"write {path[:-1]}?.{shown(name)}`")
            return True
        else:
            return True
        return False

    def _missing(self, fields: Mapping[str, Type], name: str, place: tuple[int, int], end: int) -> None:
        if self.path.root == "steps" and end == self.path.root_end:
            self._add(UNRESOLVED_STEP, place, f"this flow has no step `{shown(name)}`", suggestion(name, fields, "steps"))
        elif self.path.root not in ("inputs", "session") or not self.names:  # plain names of these are another rule's
            hint = suggestion(name, fields, "it has") or "it has no fields"
            self._add(UNRESOLVED_FIELD, place, f"{self._quoted(end)} has no `{shown(name)}`", hint)

    def _at_key(self, found: Type, step: Index, key: Type, name: str | None, end: int) -> Type | None:
        if name is not None and "map" in found.kinds:
            return self._member(found, step, name, end, optional=False)
        place = (step.offset, step.end)
        if not self._is_there(found, place, end, "[…]"):
            return None
        if not found.known:
            return ANY
        if not found.kinds & {"list", "map"}:
            self._add(EXPRESSION_TYPE, place, f"{self._quoted(end)} is {found.words()}, so it has no items")
            return None
        wanted = NUMBER if "map" not in found.kinds else TEXT if "list" not in found.kinds else Type(NUMBER.kinds | TEXT.kinds)
        if key.known and key.never(wanted):
            what = "a list is asked for its items by number" if wanted == NUMBER else "a map is asked for its fields by name"
            self._add(EXPRESSION_TYPE, place, f"{what}, not by {key.words()}")
            return None
        return found.items if found.items is not None and wanted == NUMBER else ANY


def not_run(step: str, place: tuple[int, int], path: str, hint: str) -> Problem:
    """Return the problem of an output that may not be there yet."""
    return Problem(MAYBE_NOT_RUN, *place, f"step `{shown(step)}` may not have run here, and {path} is then null", hint)


def _texts(found: Type) -> list[str]:
    return sorted(str(value) for value in found.values or () if kind_of(value) != "null")


def record(output: Type, error: Type) -> Type:
    """Return the type of what a step leaves behind."""
    return map_of({"output": output, "error": error})
