"""Finds Python modules and names in them by reading source, never by importing: what a definition may say about code it has not run.

Standard library only. Knows nothing of YAML or schemas.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CALL = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<name>[^\W\d]\w*)")
_MOST_STEPS = 8
"""Imports that are followed from one name to its definition."""


@dataclass(eq=False)
class Problem(Exception):
    """What is wrong with a piece of Python and where: `file` and `line` are "" and 0 when no file is to blame."""

    message: str
    file: str = ""
    line: int = 0
    hint: str | None = None

    def text(self) -> str:
        """Return `file:line: message`."""
        return f"{self.file}:{self.line}: {self.message}" if self.file else self.message


@dataclass(frozen=True, slots=True)
class Module:
    """A parsed module. `base` is the folder that must be on `sys.path` to import it."""

    name: str
    path: Path
    base: Path
    tree: ast.Module

    @property
    def file(self) -> str:
        """The path as people read it: below the current folder, else whole."""
        return _shown(self.path)

    def problem(self, node: ast.AST, message: str, hint: str | None = None) -> Problem:
        """Return a problem at a node of this module."""
        return Problem(message, self.file, getattr(node, "lineno", 1), hint)


Found = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr
"""What a name stands for: a function, a class, or the expression that was assigned to it."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name's definition and the module it is written in."""

    node: Found
    module: Module


def split_call(call: str) -> tuple[str, str]:
    """Return module and name of `module:Name`. Raises Problem."""
    match = _CALL.fullmatch(call)
    if match is None:
        raise Problem(f"`{call}` is not `module:Name`", hint="for example `shop.tools:lookup_order`")
    return match["module"], match["name"]


def read_module(name: str, roots: Sequence[str]) -> Module:
    """Return the source of a module that the roots allow. Raises Problem when there is none or it does not parse.

    A root is a folder that holds modules, or the folder, file or name of a top-level module itself.
    """
    for base in _bases(name.partition(".")[0], roots):
        path = _file_below(base, name)
        if path is not None:
            return Module(name, path, base, _parse(path))
    places = ", ".join(dict.fromkeys(f"`{_shown(Path(root))}`" for root in roots)) or "nowhere"
    raise Problem(f"there is no module `{name}`", hint=f"looked in {places}; the project's `python:` list names further roots")


def find(module: Module, name: str, roots: Sequence[str]) -> Named | None:
    """Return what a name of a module stands for, following `from … import`; None when it is not there or not in the roots."""
    for _ in range(_MOST_STEPS):
        found = _definition(module.tree.body, name)
        if not isinstance(found, tuple):
            return Named(found, module) if found is not None else None
        target, name = found
        try:
            module = read_module(_absolute(target, module), roots)
        except Problem:
            return None
    return None


def names(module: Module) -> tuple[str, ...]:
    """Return the public functions and classes of a module, for suggestions."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return tuple(sorted(node.name for node in module.tree.body if isinstance(node, kinds) and not node.name.startswith("_")))


def _shown(path: Path) -> str:
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def _bases(top: str, roots: Sequence[str]) -> Iterator[Path]:
    for root in map(Path, roots):
        if root.is_dir():
            yield root
        if root.name in (top, f"{top}.py"):
            yield root.parent
            if not root.exists():
                yield from _installed(top)


def _installed(top: str) -> Iterator[Path]:
    """Yield the folder that an installed top-level module is imported from."""
    spec = PathFinder.find_spec(top, sys.path)
    if spec and spec.origin and spec.origin.endswith(".py"):
        path = Path(spec.origin)
        yield path.parent.parent if path.name == "__init__.py" else path.parent


def _file_below(base: Path, name: str) -> Path | None:
    place = base.joinpath(*name.split("."))
    for path in (place / "__init__.py", place.with_name(place.name + ".py")):
        if path.is_file():
            return path
    return None


def _parse(path: Path) -> ast.Module:
    file = _shown(path)
    try:
        return ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise Problem(f"this is not valid Python: {error.msg}", file, error.lineno or 1) from error
    except OSError as error:
        raise Problem(f"cannot be read: {(error.strerror or str(error)).lower()}", file, 1) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Problem("this is not valid Python", file, 1) from error


def _definition(body: Sequence[ast.stmt], name: str) -> Found | tuple[ast.ImportFrom, str] | None:
    """Return the last definition of a name, looking into top-level `if` and `try`; an import as (statement, name there)."""
    for statement in reversed(body):
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if statement.name == name:
                return statement
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                return value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                return value
            case ast.ImportFrom():
                for alias in statement.names:
                    if (alias.asname or alias.name) == name:
                        return statement, alias.name
            case ast.If() | ast.Try():
                inner = _definition([*statement.body, *statement.orelse], name)
                if inner is not None:
                    return inner
            case _:
                pass
    return None


def _absolute(statement: ast.ImportFrom, module: Module) -> str:
    """Return the absolute name of the module that a `from … import` names."""
    if not statement.level:
        return statement.module or ""
    package = module.name.split(".")
    drop = statement.level - (module.path.name == "__init__.py")
    parents = package[: len(package) - drop] if drop else package
    return ".".join([*parents, *([statement.module] if statement.module else [])])
