"""All rules by name: those of reading, of the files in `rules/`, and those that speak outside of a check. Knows no finding."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from runner.compiler.compile import ERRORS_ELSEWHERE
from runner.compiler.environment import MISSING_ENV
from runner.compiler.findings import RULES
from runner.compiler.ignore import IGNORE_REASON, UNUSED_IGNORE
from runner.compiler.link_runnable import NOT_YET_RUNNABLE
from runner.compiler.rules import checks

if TYPE_CHECKING:
    from runner.diagnostics import Rule

_ELSEWHERE = (ERRORS_ELSEWHERE, MISSING_ENV, IGNORE_REASON, UNUSED_IGNORE, NOT_YET_RUNNABLE)


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Rule]:
    """Return every rule that can be in a report, by its id, sorted."""
    rules = {*RULES, *_ELSEWHERE, *(rule for check in checks() for rule in check.RULES)}
    return {rule.id: rule for rule in sorted(rules, key=lambda rule: rule.id)}
