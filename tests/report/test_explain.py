"""`agent-run explain`: a page for every word in brackets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from runner.compiler.catalogue import catalogue
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from tests.report.kit import Project


def test_a_rule_is_explained_with_its_page(project: Project) -> None:
    """As it stands in the manual; with the brackets of a report too."""
    page = (ROOT / "docs" / "rules" / "unknown-key.md").read_text("utf-8")
    assert project("unknown-key", verb="explain") == (0, page, "")
    assert project("[unknown-key]", verb="explain")[1] == page


def test_all_rules_are_listed_with_severity_and_summary(project: Project) -> None:
    """One line each."""
    lines = project(verb="explain")[1].splitlines()
    assert [line.split()[0] for line in lines] == list(catalogue())
    assert next(line for line in lines if line.startswith("wrong-type")).split(maxsplit=2)[1:] == ["error", "a value of the wrong type"]


def test_machines_get_the_same(project: Project) -> None:
    """The page stands under `page`."""
    data = json.loads(project("unused-ignore", "--format", "json", verb="explain")[1])
    assert (data["id"], data["severity"]) == ("unused-ignore", "warning")
    assert data["page"].startswith("# unused-ignore\n")
    listed = json.loads(project("--format", "json", verb="explain")[1])["rules"]
    assert [rule["id"] for rule in listed] == list(catalogue())


def test_a_word_that_is_no_rule_is_a_usage_error(project: Project) -> None:
    """With what was meant, or where to look."""
    assert project("unknwon-key", verb="explain") == (2, "", "error: there is no rule `unknwon-key`\nhint: did you mean `unknown-key`?\n")
    assert project("xyz", verb="explain")[2].endswith("hint: `agent-run explain` lists all rules\n")
