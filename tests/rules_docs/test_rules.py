"""The pages of the rules are true: each rule has one, its bad example is found, its good one is not, and both print what is shown.

`UPDATE_CASES=1 pytest tests/rules_docs` writes the outputs anew; read the difference before it is committed.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import io
import os
import re
import shlex
from typing import TYPE_CHECKING

import pytest

from runner.cli import border
from runner.cli.verbs import execute
from runner.compiler.catalogue import catalogue
from tests.docs.pages import ROOT, Block, blocks, commands, write
from tests.house.tree import modules, tree
from tests.report.kit import nothing_typed

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ROOT / "docs" / "rules"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
SECTION = re.compile(r"^## (?P<head>Bad|Good)\b.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def made() -> set[str]:
    """Return the ids of all rules that the code makes anywhere."""
    calls = [node for module in modules() for node in ast.walk(tree(module)) if isinstance(node, ast.Call) and node.args]
    named = [call.args[0] for call in calls if ast.unparse(call.func).endswith("Rule")]
    return {str(node.value) for node in named if isinstance(node, ast.Constant)}


def printed(command: str, folder: Path) -> str:
    """Return what a command prints in a folder, both streams in one."""
    program, *arguments = shlex.split(command)
    assert program == "agent-run"
    both = io.StringIO()
    border.last_words = border.LastWords()
    with nothing_typed(), contextlib.redirect_stdout(both), contextlib.redirect_stderr(both), contextlib.chdir(folder):
        border.guard(execute, arguments)
    return both.getvalue()


def shown_anew(section: str, folder: Path) -> str:
    """Return a section with its files written into a folder and its commands run there."""
    fresh = section
    for block in blocks(section):
        if block.file:
            write(block, folder)
        elif block.info == "console":
            output = "".join(f"$ {command}\n{printed(command, folder)}" for command in commands(block.body))
            fresh = fresh.replace(f"```console\n{block.body}```", f"```console\n{output}```", 1)
    return fresh


def outputs(section: str) -> str:
    return "".join(block.body for block in blocks(section) if block.info == "console")


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    """`agent-run explain` answers for every word in brackets; no rule is outside of the catalogue."""
    assert sorted(made()) == sorted(catalogue())
    assert [path.stem for path in PAGES] == sorted(catalogue())


def test_a_plug_in_speaks_with_the_words_of_the_check() -> None:
    """The rule is written twice, because neither imports the other."""
    from runner.tools.python import PYTHON_CALL

    assert catalogue()[PYTHON_CALL.id] == PYTHON_CALL


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_its_rule_says(page: Path) -> None:
    """It begins with the id, the severity and the summary, and has a bad and a good example."""
    rule = catalogue()[page.stem]
    text = page.read_text("utf-8")
    start = f"# {rule.id}\n\n{rule.severity.capitalize()}: {rule.summary}.\n"
    assert text[: len(start)] == start
    assert {found["head"] for found in SECTION.finditer(text)} == {"Bad", "Good"}
    loose = [block.body for block in blocks(text) if block.info.startswith("yaml") and not block.file]
    assert not loose, "an example without `# file: NAME` is checked by nobody"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_s_examples_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    """Each section is a project of its own; what is bad speaks with the page's rule, what is good with none."""
    text = fresh = page.read_text("utf-8")
    for number, found in enumerate(SECTION.finditer(text)):
        folder = tmp_path / str(number)
        folder.mkdir()
        section = shown_anew(found[0], folder)
        assert outputs(section), "a section without a command shows nothing"
        assert (f"[{page.stem}]" in outputs(section)) == (found["head"] == "Bad"), outputs(section)
        if found["head"] == "Good":
            assert not re.search(r"\b(error|warning)s?\b", outputs(section)), outputs(section)
        fresh = fresh.replace(found[0], section, 1)
    if os.environ.get("UPDATE_CASES"):
        page.write_text(fresh, "utf-8", newline="")
    elif fresh != text:
        lines = difflib.unified_diff(text.splitlines(), fresh.splitlines(), "the page", "what happens", lineterm="", n=1)
        pytest.fail("the page does not show what happens (UPDATE_CASES=1 writes it anew)\n" + "\n".join(lines), pytrace=False)


def test_a_block_without_a_name_is_no_example() -> None:
    """What the tests above go by: a file is named in its first line."""
    assert [block.file for block in blocks("```yaml\n# file: a.yaml\nx: 1\n```\n```console\n$ ls\n```\n")] == ["a.yaml", None]
    assert isinstance(blocks("```yaml\nx: 1\n```\n")[0], Block)
