"""Every environment variable that is read is written down in `.env.example`, and nothing else is."""

from __future__ import annotations

import ast
import re

from tests.house.tree import PACKAGE, ROOT, modules, nothing, tree

OURS = re.compile(r"AGENT_RUN(_[A-Z]+)+|NO_COLOR|FORCE_COLOR")
REFERENCE = re.compile(r"\$\{(?:secret|env):([A-Z][A-Z0-9_]*)")
ENTRY = re.compile(r"^#?\s?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


BY_LIBRARIES = {"NO_COLOR"}
"""Read by what paints our terminal, not by a line of ours."""


def read_by_code() -> set[str]:
    """Return the names of variables that the package's code reads: lookups in `environ`, and every name of ours."""
    found: set[str] = set()
    for module in modules():
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and OURS.fullmatch(node.value):
                found.add(node.value)
            found |= _looked_up(node)
    return found


def _looked_up(node: ast.AST) -> set[str]:
    """Return the literal name in `environ["X"]`, `environ.get("X")` or `getenv("X")`."""
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
        key = node.slice
    elif isinstance(node, ast.Call) and re.search(r"environ\.get$|getenv$", ast.unparse(node.func)) and node.args:
        key = node.args[0]
    return {key.value} if isinstance(key, ast.Constant) and isinstance(key.value, str) else set()


def read_by_definitions() -> set[str]:
    """Return the names that the shipped definitions refer to."""
    files = [*PACKAGE.rglob("*.yaml"), *(ROOT / "agents.d").rglob("*.yaml"), *(ROOT / "tools.d").rglob("*.yaml")]
    return {name for path in files for name in REFERENCE.findall(path.read_text("utf-8"))}


def test_every_variable_that_is_read_is_in_the_example() -> None:
    """A person finds all that they can set in one file, beside the YAML key that overrides it."""
    written = set(ENTRY.findall((ROOT / ".env.example").read_text("utf-8")))
    read = read_by_code() | read_by_definitions() | BY_LIBRARIES
    nothing([f"{name}: read, not in .env.example" for name in sorted(read - written)])
    nothing([f"{name}: in .env.example, read nowhere" for name in sorted(written - read)])
