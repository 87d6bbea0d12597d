"""Decides whether one tool call may run: patterns of policies against the tool's name and its arguments. Asks nobody; `executor/approval` does.

A pattern is `name`, `toolset.member`, with `*` as the only wildcard, then optionally `(input=glob, …)`. A toolset's bare name stands for
all its members. Any deny → deny. Any ask, or the tool's `always-ask` → ask. Any allow → allow. Else the tool's own `approve`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from runner.graph import Approve, Policy, PolicyRule

Verdict = Literal["allow", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What holds for a call, the rule that decided (`deny: shell`, `approve: ask` of the tool) and the `file:line` of that rule."""

    verdict: Verdict
    rule: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern: a regular expression for the name and one per named input."""

    name: re.Pattern[str]
    inputs: tuple[tuple[str, re.Pattern[str]], ...]

    def matches(self, tool: str, arguments: Mapping[str, Any]) -> bool:
        """True when the tool (or its toolset) and every named input fit. An input that is absent does not fit."""
        toolset = tool.partition(".")[0]
        if not (self.name.fullmatch(tool) or self.name.fullmatch(toolset)):
            return False
        return all(name in arguments and glob.fullmatch(_text(arguments[name])) for name, glob in self.inputs)


_PATTERN = re.compile(r"\s*(?P<name>[^()\s]+)\s*(?:\((?P<inputs>.*)\))?\s*", re.DOTALL)


@lru_cache(maxsize=1024)
def parse(pattern: str) -> Pattern:
    """Return the parsed pattern. Raises ValueError with one line for text that is none."""
    found = _PATTERN.fullmatch(pattern)
    if not found:
        raise ValueError(f"`{pattern}` is no pattern: write `name`, `toolset.member` or `name(input=glob)`")
    return Pattern(_glob(found["name"]), tuple(_inputs(pattern, found["inputs"] or "")))


def decide(tool: str, arguments: Mapping[str, Any], policies: Sequence[Policy], approve: Approve) -> Decision:
    """Return what holds for a call of `tool` (YAML name) with validated arguments, under all policies that apply to it."""
    if rule := _first((rule for policy in policies for rule in policy.deny), tool, arguments):
        return Decision("deny", f"deny: {rule.pattern}", rule.source)
    if rule := _first((rule for policy in policies for rule in policy.ask), tool, arguments):
        return Decision("ask", f"ask: {rule.pattern}", rule.source)
    if approve == "always-ask":
        return Decision("ask", "approve: always-ask")
    if rule := _first((rule for policy in policies for rule in policy.allow), tool, arguments):
        return Decision("allow", f"allow: {rule.pattern}", rule.source)
    return Decision("ask" if approve == "ask" else "allow", f"approve: {approve}")


def _first(rules: Iterable[PolicyRule], tool: str, arguments: Mapping[str, Any]) -> PolicyRule | None:
    return next((rule for rule in rules if parse(rule.pattern).matches(tool, arguments)), None)


def _inputs(pattern: str, text: str) -> Iterable[tuple[str, re.Pattern[str]]]:
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, glob = item.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"`{pattern}`: `{item}` is no `input=glob`")
        yield name.strip(), _glob(glob.strip())


def _glob(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in text.split("*")), re.DOTALL)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
