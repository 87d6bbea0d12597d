"""Lays definitions over the ones they extend, and a profile over the project. Every value keeps the place where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runner.compiler.findings import EXTENDS_CYCLE, UNRESOLVED_PARENT, UNRESOLVED_PROFILE, shown, suggestion
from runner.compiler.nodes import Map, Seq, Spot
from runner.diagnostics import Diagnostic, Related, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from runner.compiler.documents import Document

    Shelf = Mapping[tuple[str, str], Document]

_OWN = ("kind", "name", "extends", "schema")
_BOTH_APPLY = "policy"


def resolve_extends(documents: Iterable[Document], own: Shelf, shipped: Shelf) -> Iterator[Diagnostic]:
    """Give every document that extends another its merged data; yield what stands in the way.

    `own` and `shipped` are definitions by kind and name. A definition that extends its own name means the shipped one.
    """
    done: set[int] = set()
    for document in documents:
        chain = [document]
        while isinstance(chain[-1].own.get("extends"), str) and id(chain[-1]) not in done:
            parent = _parent(chain[-1], own, shipped)
            if parent is None:
                yield _no_parent(chain[-1], own, shipped)
                chain[-1].orphan = True
                break
            if any(parent is known for known in chain):
                yield _cycle(chain[chain.index(parent) :])
                for member in chain:
                    member.orphan = True
                break
            chain.append(parent)
        _fold(chain, done)


def _fold(chain: list[Document], done: set[int]) -> None:
    done.add(id(chain[-1]))
    for child, parent in zip(reversed(chain[:-1]), reversed(chain[1:]), strict=True):
        done.add(id(child))
        child.orphan = child.orphan or parent.orphan or not parent.whole
        inherited = Map()
        for key, spot in parent.data.spots.items():
            if key not in _OWN:
                inherited[key], inherited.spots[key] = parent.data[key], spot
        child.data = overlay(inherited, child.own)
        if not child.orphan:
            child.data.pop("extends", None)
            child.data.spots.pop("extends", None)


def _parent(child: Document, own: Shelf, shipped: Shelf) -> Document | None:
    key = (child.kind, child.own["extends"])
    if key[1] == child.name:
        return None if child.shipped else shipped.get(key)
    return own.get(key) or shipped.get(key)


def _no_parent(child: Document, own: Shelf, shipped: Shelf) -> Diagnostic:
    name = child.own["extends"]
    what = f"there is no {child.kind} `{shown(name)}` to extend"
    if name == child.name:
        what = f"`{shown(name)}` extends its own name, and no {child.kind} of that name ships with agent-run"
    names = {known for kind, known in (*own, *shipped) if kind == child.kind} - {child.name}
    return Diagnostic(UNRESOLVED_PARENT, child.span(("extends",)), what, suggestion(name, names, f"{child.kind}s"))


def _cycle(circle: list[Document]) -> Diagnostic:
    start = min(range(len(circle)), key=lambda at: circle[at].span(("extends",)))
    circle = circle[start:] + circle[:start]
    way = " → ".join(f"`{shown(member.name)}`" for member in (*circle, circle[0]))
    related = tuple(
        Related(member.span(("extends",)), f"`{shown(member.name)}` extends `{shown(member.own['extends'])}` here") for member in circle[1:]
    )
    return Diagnostic(
        EXTENDS_CYCLE, circle[0].span(("extends",)), f"these extend each other: {way}", "let one of them extend nothing", None, related
    )


def overlay(parent: Map, child: Map, *, top: bool = True) -> Map:
    """Return a child laid over its parent: maps key by key, all else replaced, `key+` appended, both policies kept."""
    merged = Map()
    merged.update(parent)
    merged.spots.update(parent.spots)
    for key, value in child.items():
        spot = child.spots[key]
        below = parent.get(key)
        if top and key.endswith("+") and isinstance(value, Seq):
            key = key[:-1]  # noqa: PLW2901
            value, spot = _appended(parent, key, value, spot)  # noqa: PLW2901
        elif isinstance(value, Map) and isinstance(below, Map):
            value = _policy(below, value) if top and key == _BOTH_APPLY else overlay(below, value, top=False)  # noqa: PLW2901
        merged[key], merged.spots[key] = value, spot
    return merged


def _appended(parent: Map, key: str, added: Seq, spot: Spot) -> tuple[Seq, Spot]:
    below, joined = parent.get(key), Seq()
    if isinstance(below, Seq):
        joined.extend(below)
        joined.spots.extend(below.spots)
    elif isinstance(below, str):
        joined.append(below)
        joined.spots.append(parent.spots[key])
    joined.extend(added)
    joined.spots.extend(added.spots)
    joined.end = added.end
    return joined, spot


def _policy(parent: Map, child: Map) -> Map:
    merged = overlay(parent, child, top=False)
    for key, value in child.items():
        if isinstance(value, Seq) and isinstance(parent.get(key), Seq):
            merged[key], merged.spots[key] = _appended(parent, key, value, child.spots[key])
    return merged


def apply_profile(project: Document | None, profile: str | None) -> Iterator[Diagnostic]:
    """Lay a profile over the project document; yield a finding when there is no such profile."""
    if profile is None:
        return
    profiles: Any = project.own.get("profiles") if project else None
    patch = profiles.get(profile) if isinstance(profiles, Map) else None
    if project is not None and isinstance(patch, Map):
        project.data = overlay(project.own, patch)
        return
    if project is None:
        hint = "there is no project file; profiles stand under `profiles:` in `agent-run.yaml`"
        yield Diagnostic(UNRESOLVED_PROFILE, Span("<command line>"), f"there is no profile `{shown(profile)}`", hint)
        return
    span = project.span(("profiles",), key=True) if profiles is not None else Span(project.file)
    if patch is None and project.whole:
        known = list(profiles) if isinstance(profiles, Map) else []
        hint = suggestion(profile, known, "profiles") or "add it under `profiles:` of the project file"
        yield Diagnostic(UNRESOLVED_PROFILE, span, f"the project has no profile `{shown(profile)}`", hint)
