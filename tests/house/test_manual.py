"""The manual knows what the code has: every plug-in type, every rule, every command, every exit code."""

from __future__ import annotations

import ast
import re

import pytest

from runner.errors import EXIT_CODES
from runner.registry import type_names
from tests.house.tree import PACKAGE, ROOT, modules, nothing, tree


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize(("room", "name"), [("providers", "providers.md"), ("tools", "tools.md"), ("stores", "sessions.md")])
def test_every_plug_in_has_a_row(room: str, name: str) -> None:
    """Each type of a provider, tool and store has a row of its own."""
    nothing([f"docs/{name} has no row `{type_name}`" for type_name in type_names(room) if f"\n| `{type_name}` |" not in page(name)])


def test_every_shipped_definition_has_a_row() -> None:
    """What ships is worth nothing if nobody knows its name."""
    tools = [path.stem for path in (ROOT / "tools.d").glob("*.yaml")]
    agents = [path.stem for path in (ROOT / "agents.d").glob("*.yaml")]
    nothing([f"docs/tools.md has no row `{name}`" for name in tools if f"\n| `{name}` |" not in page("tools.md")])
    nothing([f"docs/agents.md does not name `{name}`" for name in agents if f"`{name}`" not in page("agents.md")])


def test_every_rule_is_listed_and_no_other() -> None:
    """A person who sees `[rule-id]` finds it in the manual; a rule that does not exist is not promised."""
    calls = [node for module in modules() for node in ast.walk(tree(module)) if isinstance(node, ast.Call)]
    made = {
        call.args[0].value
        for call in calls
        if ast.unparse(call.func).endswith("Rule") and call.args and isinstance(call.args[0], ast.Constant)
    }
    table = re.search(r"## Which rules are there\?(.*?)\n## ", page("errors.md"), re.DOTALL)
    assert table
    listed = {name for row in re.findall(r"^\|([^|]*)\|", table[1], re.MULTILINE) for name in re.findall(r"`([a-z0-9-]+)`", row)}
    nothing([f"docs/errors.md lacks the rule `{rule}`" for rule in sorted(made - listed)])
    nothing([f"docs/errors.md has a rule `{rule}` that nothing makes" for rule in sorted(listed - made)])


def test_every_verb_is_in_the_manual() -> None:
    """Each file of a verb in the command line has its line."""
    verbs = [path.stem for path in (PACKAGE / "cli").glob("*.py") if re.search(r"^def register\(", path.read_text("utf-8"), re.MULTILINE)]
    assert len(verbs) >= 5
    nothing([f"docs/cli.md lacks `agent-run {verb}`" for verb in verbs if f"`agent-run {verb}" not in page("cli.md")])


def test_every_stop_reason_stands_beside_its_exit_code() -> None:
    """Scripts rely on the table of exit codes."""
    rows = {int(code): text for code, text in re.findall(r"^\| (\d+) \|(.*)$", page("cli.md"), re.MULTILINE)}
    nothing(
        [f"docs/cli.md: `{reason}` is not beside {code}" for reason, code in EXIT_CODES.items() if f"`{reason}`" not in rows.get(code, "")]
    )
