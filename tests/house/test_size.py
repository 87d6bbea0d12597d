"""Files and functions stay small, and nothing is caught wholesale without a reason."""

from __future__ import annotations

import ast
import re

from tests.house.tree import ROOT, Module, modules, nothing, tree

FILE_LINES = 300
FUNCTION_LINES = 60
REASON = re.compile(r"#\s*noqa: BLE001\s+\W*\s*\w+\W+\w+")


def everything() -> tuple[Module, ...]:
    bench = tuple(Module(f"bench.{path.stem}", path) for path in sorted((ROOT / "bench").glob("*.py")))
    return (*modules(), *bench)


def test_no_file_is_longer_than_300_lines() -> None:
    """A file past 300 lines wants to be two."""
    sizes = {module.label: len(module.path.read_text("utf-8").splitlines()) for module in everything()}
    nothing([f"{label}: {lines} lines" for label, lines in sizes.items() if lines > FILE_LINES])


def test_no_function_is_longer_than_60_lines() -> None:
    """What does not fit on a screen is two thoughts."""
    functions = [
        (f"{module.label}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for module in everything()
        for node in ast.walk(tree(module))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    nothing([f"{label}: {lines} lines" for label, lines in functions if lines > FUNCTION_LINES])


def broad(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler catches everything and does not pass it on."""
    caught = ast.unparse(handler.type) if handler.type else "BaseException"
    passes_on = isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None
    return bool(re.search(r"\b(Base)?Exception\b", caught)) and not passes_on


def test_a_broad_except_says_why() -> None:
    """Everything is caught at two borders only: the call of a user's code, and the exit of the process."""
    wrong = []
    for module in everything():
        lines = module.path.read_text("utf-8").splitlines()
        handlers = [node for node in ast.walk(tree(module)) if isinstance(node, ast.ExceptHandler) and broad(node)]
        wrong += [f"{module.label}:{node.lineno}" for node in handlers if not REASON.search(lines[node.lineno - 1])]
    nothing(wrong)


def test_every_module_says_what_it_is() -> None:
    """A module begins with a docstring."""
    nothing([module.label for module in everything() if not ast.get_docstring(tree(module))])
