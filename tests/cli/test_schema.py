"""`schema`: printed from what ships, generated where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.schema import KINDS, generate

if TYPE_CHECKING:
    from tests.cli.kit import Cli


def test_a_schema_is_printed_and_without_a_kind_all_of_them(cli: Cli) -> None:
    """JSON on standard output, nothing else."""
    one, every = cli("schema", "agent"), cli("schema")
    assert one.json()["title"] == "agent-run agent"
    assert tuple(every.json()) == KINDS
    assert (one.err, every.err, one.code, every.code) == ("", "", 0, 0)


def test_schemas_are_generated_into_a_folder(cli: Cli) -> None:
    """The files are made from the classes and plug-ins of this installation; a folder that cannot be made is a usage error."""
    shown = cli("schema", "tool", "--out", "made/here")
    assert shown.code == 0
    assert [path.name for path in (cli.root / "made" / "here").iterdir()] == ["tool.schema.json"]
    assert (cli.root / "made/here/tool.schema.json").read_text().startswith('{\n  "$schema"')
    assert generate("tool")["title"] in (cli.root / "made/here/tool.schema.json").read_text()
    assert cli("schema", "--out", "acts.py/x").code == 2
