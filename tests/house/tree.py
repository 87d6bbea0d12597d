"""The source tree as data for the house rules: modules, what they import, and what is the machine's affair and what is ours."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "runner"


@dataclass(frozen=True)
class Module:
    """A Python file of the package: `runner.tools.python`, and for an `__init__.py` the package's own name."""

    name: str
    path: Path

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def label(self) -> str:
        return str(self.path.relative_to(ROOT))


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the package, sorted."""
    return tuple(Module(_name(path), path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def tree(module: Module) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(module.path.read_text("utf-8"), str(module.path))


@cache
def imports(module: Module) -> tuple[tuple[str, int], ...]:
    """Return (full module name, line) of all that a module imports anywhere in it, for types included."""
    names = {known.name for known in modules()}
    found: list[tuple[str, int]] = []
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node)
            found += [(full if (full := f"{base}.{alias.name}") in names else base, node.lineno) for alias in node.names]
    return tuple(found)


def top_level(statements: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that run when a module is imported, `if TYPE_CHECKING:` left out."""
    found: list[ast.stmt] = []
    for node in statements:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            found += top_level(node.orelse)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            found += top_level([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)])
        else:
            found.append(node)
    return found


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    keep = len(parts) - node.level + (1 if module.is_package else 0)
    return ".".join([*parts[:keep], *([node.module] if node.module else [])])


def nothing(wrong: list[str]) -> None:
    """Fail with every offender on a line of its own."""
    assert not wrong, "\n" + "\n".join(wrong)
