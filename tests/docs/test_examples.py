"""The manual is true: its definitions compile, its commands print what it shows, its links lead somewhere."""

from __future__ import annotations

import difflib
import os
import re
from typing import TYPE_CHECKING

import pytest

from runner import app
from tests.docs.pages import PAGES, ROOT, Block, blocks, command_shim, commands, execute, write

if TYPE_CHECKING:
    from pathlib import Path

UPDATE = os.environ.get("UPDATE_DOCS") == "1"
WITH_EXAMPLES = [page for page in PAGES if any(block.file or block.info == "console" for block in blocks(page.read_text("utf-8")))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=name)
def test_a_page_s_examples_are_true(page: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files are written and commands run in the page's order, in one folder; UPDATE_DOCS=1 writes the outputs anew."""
    tools = tmp_path_factory.mktemp("bin")
    command_shim(tools)
    text = page.read_text("utf-8")
    fresh = text
    for block in blocks(text):
        if block.file:
            write(block, tmp_path)
            if block.info.startswith("yaml"):
                check(block, tmp_path)
        elif block.info == "console":
            assert commands(block.body), "a console block without a command"
            fresh = fresh.replace(f"```console\n{block.body}```", f"```console\n{execute(block.body, tmp_path, tools)}```", 1)
    if UPDATE:
        page.write_text(fresh, "utf-8")
    elif fresh != text:
        pytest.fail("the page does not show what happens (UPDATE_DOCS=1 writes it anew)\n" + difference(text, fresh), pytrace=False)


def difference(shown: str, real: str) -> str:
    return "\n".join(difflib.unified_diff(shown.splitlines(), real.splitlines(), "the page", "what happens", lineterm="", n=1))


def check(block: Block, folder: Path) -> None:
    """A definition has no error; one that is marked `yaml bad` has."""
    found = app.validate([folder / str(block.file)], app.Options(workspace=folder))
    errors = [f"{finding.span.label()}: {finding.message} [{finding.rule.id}]" for finding in found.findings if finding.severity == "error"]
    if block.info == "yaml bad":
        assert errors, f"{block.file} is marked as bad, and nothing is wrong with it"
    else:
        assert not errors, "\n".join(errors)


def test_a_definition_of_the_manual_is_compiled_or_a_fragment() -> None:
    """A whole definition without `# file:` would never be checked."""
    loose = [
        f"{name(page)}: {block.body.splitlines()[0]}"
        for page in PAGES
        for block in blocks(page.read_text("utf-8"))
        if block.info.startswith("yaml") and not block.file and not block.body.startswith("# yaml-language-server")
    ]
    assert not loose, "\n".join(loose)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"], ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file of the repository names one that exists."""
    links = [link for link in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_readme() -> None:
    """Nobody finds a page that nothing links to."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name(page) for page in PAGES[1:] if name(page) not in readme] == []


def test_headings_of_the_manual_are_questions() -> None:
    """The guide finds passages by the words people ask with."""
    asked = re.compile(r"^## .*\?$")
    loose = [
        f"{name(page)}: {line}"
        for page in PAGES[1:]
        if page.stem not in ("glossary", "logs")
        for line in re.sub(_FENCED, "", page.read_text("utf-8")).splitlines()
        if line.startswith("## ") and not asked.match(line)
    ]
    assert not loose, "\n".join(loose)


_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
