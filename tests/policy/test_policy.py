"""Policy patterns: what they match, and which verdict wins."""

from __future__ import annotations

import pytest

from runner.graph import Policy, PolicyRule
from runner.policy import decide, parse


def policy(**lists: list[str]) -> Policy:
    rules = {name: tuple(PolicyRule(text, f"p.yaml:{n}") for n, text in enumerate(texts, 1)) for name, texts in lists.items()}
    return Policy(**rules)


@pytest.mark.parametrize(
    ("pattern", "tool", "arguments", "fits"),
    [
        ("shell", "shell", {}, True),
        ("shell", "shell2", {}, False),
        ("github", "github.list_issues", {}, True),
        ("github.*", "github.list_issues", {}, True),
        ("github.list_*", "github.get_issue", {}, False),
        ("*", "anything", {}, True),
        ("g?thub", "github", {}, False),
        ("run_tests(path=../*)", "run_tests", {"path": "../x"}, True),
        ("run_tests(path=../*)", "run_tests", {"path": "tests"}, False),
        ("run_tests(path=../*)", "run_tests", {}, False),
        ("pay(amount=10, to=bob*)", "pay", {"amount": 10, "to": "bobby"}, True),
        ("pay(amount=10, to=bob*)", "pay", {"amount": 11, "to": "bobby"}, False),
        ("pay(amount=1*)", "pay", {"amount": "1\n2"}, True),
    ],
)
def test_a_pattern_fits_names_and_arguments(pattern: str, tool: str, arguments: dict, fits: bool) -> None:
    """`*` is the only wildcard; a toolset's bare name stands for all members; every named input must fit."""
    assert parse(pattern).matches(tool, arguments) is fits


@pytest.mark.parametrize("pattern", ["", "a b", "f(x)", "f(=1)", "f(x=1", "(x=1)"])
def test_text_that_is_no_pattern_is_refused(pattern: str) -> None:
    """One line says what a pattern looks like."""
    with pytest.raises(ValueError, match=r"pattern|input=glob"):
        parse(pattern)


@pytest.mark.parametrize(
    ("lists", "approve", "verdict", "rule"),
    [
        ({"deny": ["t"], "ask": ["t"], "allow": ["t"]}, "never", "deny", "deny: t"),
        ({"ask": ["t"], "allow": ["t"]}, "never", "ask", "ask: t"),
        ({"allow": ["t"]}, "ask", "allow", "allow: t"),
        ({"allow": ["t"]}, "always-ask", "ask", "approve: always-ask"),
        ({}, "ask", "ask", "approve: ask"),
        ({}, "never", "allow", "approve: never"),
        ({"deny": ["other"]}, "never", "allow", "approve: never"),
    ],
)
def test_any_deny_then_any_ask_then_any_allow_then_the_tools_own(lists: dict, approve: str, verdict: str, rule: str) -> None:
    """The order holds over all policies, whoever wrote them first."""
    halves = [policy(**{name: texts}) for name, texts in reversed(lists.items())]
    decision = decide("t", {}, halves, approve)  # type: ignore[arg-type]
    assert (decision.verdict, decision.rule) == (verdict, rule)
