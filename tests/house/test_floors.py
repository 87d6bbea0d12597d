"""Imports go downwards only. The table below is the house's plan: read it as data, and change it when the plan changes, not before."""

from __future__ import annotations

from tests.house.tree import Module, imports, modules, nothing

WORDS = ("errors", "messages", "events", "diagnostics", "expressions", "redact", "log", "shipped", "holders")
"""F0: standard library and each other. `shipped` says where the data files are, `holders` who holds a lease."""

CONTRACTS = (
    *("graph", "channel"),
    *("policy", "prices", "net", "retry", "secrets"),
    *("providers", "tools", "stores", "sandboxes", "retrieval"),
    "registry",
)
"""F2, in the order written: a room may import the rooms before it. Of the plug-in folders only `__init__.py` is meant."""

# A plug-in file is a room of its own; `_helpers` beside it serve all of its folder. Retrieval is one maker in several files.
PLUG_INS = ("providers", "tools", "stores", "sandboxes", "retrieval")

UPPER = {"executor": 4, "engines": 5, "telemetry": 5, "app": 6, "server": 7, "testing": 7, "cli": 8}


def place(name: str) -> tuple[int, int, str]:
    """Return a module's (floor, place on its floor, room); an unknown room is a KeyError."""
    parts = name.split(".")[1:]
    room = parts[0] if parts else "app"
    if room in WORDS:
        return 0, 0, "words"
    if room in ("spec", "shapes"):
        return 1, 0, room
    if room == "__main__":
        return 8, 0, "cli"
    if room == "retrieval" and len(parts) > 1:
        return 3, 0, "retrieval/"
    if room in PLUG_INS and len(parts) > 1:
        return 3, 0, name if not parts[1].startswith("_") else f"{room}/_"
    if room in CONTRACTS:
        return 2, CONTRACTS.index(room), room
    if room == "compiler":
        return 3, 0, room
    return UPPER[room], 0, room


def complaint(importer: str, imported: str) -> str | None:
    """Return what is wrong with one import of ours, or None."""
    floor, order, room = place(importer)
    other_floor, other_order, other_room = place(imported)
    if room == other_room:
        return None
    if floor == 4 and other_floor == 3:
        return "the executor knows no compiler and no plug-in"
    if floor > other_floor:
        return None
    if floor == other_floor == 2 and order > other_order:
        return None
    if floor == 3 and other_room == f"{importer.split('.')[1]}/_":
        return None
    return f"floor {floor} ({room}) imports floor {other_floor} ({other_room})"


def ours(module: Module) -> list[tuple[str, int]]:
    return [(name, line) for name, line in imports(module) if name.split(".")[0] == "runner" and name != "runner"]


def test_every_module_has_a_place_in_the_house() -> None:
    """A new room is written into the plan before it is built."""
    homeless = []
    for module in modules():
        try:
            place(module.name)
        except KeyError:
            homeless.append(module.label)
    nothing(homeless)


def test_imports_go_downwards_only() -> None:
    """No module imports a higher floor or a stranger on its own floor."""
    wrong = [
        f"{module.label}:{line}: imports {name}: {why}"
        for module in modules()
        for name, line in ours(module)
        if (why := complaint(module.name, name))
    ]
    nothing(wrong)


def test_the_plan_refuses_what_it_should() -> None:
    """The judgement itself: upwards, sideways between plug-ins, and the executor's blinkers."""
    assert complaint("runner.graph", "runner.registry")
    assert complaint("runner.events", "runner.graph")
    assert complaint("runner.tools.python", "runner.tools.knowledge")
    assert complaint("runner.tools.python", "runner.compiler.source")
    assert complaint("runner.executor.run", "runner.compiler.link")
    assert complaint("runner.executor.run", "runner.stores.sqlite")
    assert complaint("runner.engines.local", "runner.telemetry.spans")
    assert not complaint("runner.registry", "runner.tools")
    assert not complaint("runner.providers.openai_chat", "runner.providers._sse")
    assert not complaint("runner.cli.chat", "runner.app")
