"""Findings as text and as JSON."""

from __future__ import annotations

import json as plain_json

from runner.compiler.findings import nearest, suggestion
from runner.compiler.report import json, text
from runner.diagnostics import Diagnostic, Fix, Related, Rule, Span, in_order

ERROR = Rule("bad-value", "error", "a value that is not allowed")
WARNING = Rule("some-warning", "warning", "something to look at")
SECRET = Rule("plain-secret", "error", "a key in plain text")


def lines_of(source: str, start: int, end: int, rule: Rule = ERROR) -> list[str]:
    finding = Diagnostic(rule, Span("a.yaml", 1, start, 1, end), "wrong")
    return text.render([finding], files=1, sources={"a.yaml": source}).splitlines()[1:3]


def test_the_caret_is_under_the_users_text() -> None:
    """Tabs are four cells wide, wide signs two, combining signs none."""
    assert lines_of("a: bcd", 4, 7) == ["1 | a: bcd", "  |    ^^^"]
    assert lines_of("\ta: b", 5, 6) == ["1 |     a: b", "  |        ^"]
    assert lines_of("你好: 好", 5, 6) == ["1 | 你好: 好", "  |       ^^"]
    assert lines_of("e\u0301: x", 5, 6) == ["1 | e\u0301: x", "  |    ^"]


def test_a_long_line_is_cut_around_the_caret() -> None:
    """Both ends may be left out; the caret still points at its text."""
    line, caret = lines_of("x" * 500 + "HERE" + "y" * 500, 501, 505)
    assert len(line) < 140
    assert line[caret.index("^") : caret.rindex("^") + 1] == "HERE"
    assert line.count("…") == 2


def test_control_characters_do_not_reach_the_terminal() -> None:
    """Neither from the line, nor from the message, nor from a file's name."""
    finding = Diagnostic(ERROR, Span("a\x1b[31m.yaml"), "bad \x07 \u202e thing", hint="\x1b]0;x\x07")
    shown = text.render([finding], files=1, sources={"a\x1b[31m.yaml": "a: \x1b[0m\u202eb"})
    assert all(sign == "\n" or sign.isprintable() for sign in shown)


def test_a_finding_past_the_end_of_its_line_has_a_caret_after_it() -> None:
    """An end of file is a place too."""
    assert lines_of("a: [", 5, 5) == ["1 | a: [", "  |     ^"]


def test_secrets_are_masked_in_every_line() -> None:
    """What a plain-secret points at, whoever else shows the line, and what stands after a credential's key."""
    span = Span("a.yaml", 1, 6, 1, 12)
    others = [Diagnostic(SECRET, span, "key"), Diagnostic(ERROR, Span("a.yaml", 1, 1, 1, 2), "other")]
    shown = text.render(others, files=1, sources={"a.yaml": "key: s3cr3t"})
    assert "s3cr3t" not in shown
    assert "s3cr3t" not in "\n".join(lines_of("{api_key: s3cr3t, x: 1}", 2, 3))
    assert lines_of("api_key: ${secret:TEAM}", 1, 2)[0] == "1 | api_key: ${secret:TEAM}"


def test_the_last_line_counts() -> None:
    """Errors, warnings and files, each in its number."""
    errors = [Diagnostic(ERROR, Span("<x>", line), "wrong") for line in (1, 2)]
    assert text.summary([*errors, Diagnostic(WARNING, Span("<x>"), "hm")], 1200) == "2 errors and 1 warning in 1,200 files"
    assert text.summary([], 1) == "no findings in 1 file"
    assert text.render([], files=0) == "no findings in 0 files\n"


def test_a_place_outside_of_files_is_not_written() -> None:
    """The command line has no line 1."""
    assert text.render([Diagnostic(ERROR, Span("<command line>"), "wrong")]).startswith("error: wrong [bad-value]")


def test_related_places_and_hints_follow_the_line() -> None:
    """In that order."""
    finding = Diagnostic(ERROR, Span("a.yaml", 2, 1, 2, 2), "wrong", "do this", None, (Related(Span("b.yaml", 3, 4), "first here"),))
    shown = text.render([finding], sources={"a.yaml": "x\ny\n"}).splitlines()
    assert shown[3:5] == ["  b.yaml:3:4: first here", "  hint: do this"]


def test_json_has_every_key_always() -> None:
    """Machines do not guess."""
    span = Span("a.yaml", 1, 2, 1, 4)
    full = Diagnostic(ERROR, span, "wrong", "mend", Fix(span, "right"), (Related(Span("b.yaml", 3, 4), "here"),))
    data = plain_json.loads(json.render([full, Diagnostic(WARNING, Span("b.yaml"), "hm")], files=2))
    keys = ["file", "line", "column", "end_line", "end_column", "severity", "rule", "message", "hint", "fix", "related"]
    assert data["files"] == 2
    assert [list(finding) for finding in data["findings"]] == [keys, keys]
    assert data["findings"][0]["fix"] == {"line": 1, "column": 2, "end_line": 1, "end_column": 4, "text": "right"}
    assert data["findings"][0]["related"] == [{"file": "b.yaml", "line": 3, "column": 4, "message": "here"}]
    assert (data["findings"][1]["hint"], data["findings"][1]["fix"]) == (None, None)


def test_findings_are_sorted_and_said_once() -> None:
    """By file, line, column, rule, message."""
    one, two = Diagnostic(ERROR, Span("a.yaml", 2), "x"), Diagnostic(ERROR, Span("a.yaml", 10), "x")
    assert in_order([two, one, two]) == (one, two)


def test_suggestions_are_close_or_a_sorted_list() -> None:
    """A dash for an underscore and the wrong case are close; nothing is close to nonsense."""
    assert nearest("Look-Order", ["look_order", "other"]) == "look_order"
    assert nearest("zzzz", ["look_order"]) is None
    assert suggestion("zzzz", ["b", "a"], "tools") == "tools: `a`, `b`"
    assert suggestion("zzzz", [], "tools") is None
