"""One door per dependency: where it may be imported, and that opening the house loads none of the heavy ones."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

from tests.house.tree import PACKAGE, ROOT, imports, modules, nothing, top_level, tree

PLUG_INS = ("runner.providers.", "runner.tools.", "runner.stores.")

DOORS: dict[str, tuple[str, ...]] = {
    "yaml": ("runner.compiler.source",),
    "jsonschema": ("runner.shapes",),
    "referencing": ("runner.shapes",),
    "jsonschema_specifications": ("runner.shapes",),
    "pydantic": ("runner.spec", *PLUG_INS, "runner.server"),
    "pydantic_core": ("runner.spec",),
    "tenacity": ("runner.retry",),
    "structlog": ("runner.log",),
    "httpx2": ("runner.net", "runner.providers."),
    "openai": ("runner.providers.",),
    "anthropic": ("runner.providers.anthropic",),
    "mcp": ("runner.tools._mcp_client", "runner.tools._mcp_wire", "runner.server.mcp"),
    "motor": ("runner.stores.mongo",),
    "pymongo": ("runner.stores.mongo",),
    "semantic_text_splitter": ("runner.retrieval.chunks",),
    "typer": ("runner.cli",),
    "rich": ("runner.cli",),
    "prompt_toolkit": ("runner.cli",),
    "starlette": ("runner.server",),
    "uvicorn": ("runner.server",),
    "platformdirs": ("runner.app", "runner.stores.", "runner.cli"),
    "orjson": ("runner.",),
}
"""Dependency → the modules that may import it: a name, or a prefix that ends at a dot or a package."""

SDKS = ("openai", "anthropic", "mcp", "motor", "pymongo", "rich", "prompt_toolkit", "starlette", "uvicorn", "structlog", "httpx2")
"""What starting the program must not load."""


def allowed(dependency: str, module: str) -> bool:
    return any(module == door or module.startswith(door if door.endswith(".") else f"{door}.") for door in DOORS.get(dependency, ()))


def test_each_dependency_is_imported_only_at_its_door() -> None:
    """A second door, or a dependency without one, is a decision: it is written here first."""
    foreign = [
        (module, name.split(".")[0], line)
        for module in modules()
        for name, line in imports(module)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "runner", "__future__"}
    ]
    nothing([f"{module.label}:{line}: imports {name}" for module, name, line in foreign if not allowed(name, module.name)])


def test_words_use_the_standard_library_only() -> None:
    """F0 stands on nothing; structlog is imported when logging is first configured, not before."""
    heavy = []
    for name in ("errors", "messages", "events", "diagnostics", "redact", "log", "shipped"):
        module = next((known for known in modules() if known.name == f"runner.{name}"), None)
        for node in top_level(tree(module).body) if module else []:
            roots = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            roots += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            heavy += [f"{name}: {root}" for root in roots if root.split(".")[0] not in {*sys.stdlib_module_names, "runner"}]
    nothing(heavy)


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a new process has loaded after running some code."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_every_plug_in_file_imports_no_sdk() -> None:
    """A plug-in's SDK is loaded when it is opened, never when it is looked at."""
    rooms = ("providers", "tools", "stores", "sandboxes", "retrieval")
    names = [f"runner.{room}.{path.stem}" for room in rooms for path in sorted((PACKAGE / room).glob("*.py")) if path.stem != "__init__"]
    assert names
    assert loaded_by("\n".join(f"import {name}" for name in names)) & set(SDKS) == set()


def test_help_imports_no_sdk_and_nothing_that_paints() -> None:
    """`python -m runner --help` answers at once."""
    code = "import runpy, sys\nsys.argv = ['agent-run', '--help']\ntry: runpy.run_module('runner', run_name='__main__')\nexcept SystemExit as end: assert not end.code, end.code"
    assert loaded_by(code) & {*SDKS, "pydantic", "jsonschema", "yaml"} == set()


def test_validate_imports_neither_sdk_nor_pydantic() -> None:
    """Checking definitions reads YAML and JSON Schema, nothing else."""
    code = "import runpy, sys\nsys.argv = ['agent-run', 'validate', 'agents.d']\ntry: runpy.run_module('runner', run_name='__main__')\nexcept SystemExit as end: assert not end.code, end.code"
    assert loaded_by(code) & {*SDKS, "pydantic"} == set()
