"""`agent-run explain`: the page of a rule, or the list of all rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli import exits, options, show
from runner.cli.verb import Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.diagnostics import Rule

RuleId = Annotated[str | None, typer.Argument(help="A rule's id, as in `[unknown-key]`; all when none is given.", metavar="RULE")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("explain", cls=Verb)(explain)


def explain(rule: RuleId = None, form: options.Format = "text") -> int:
    """Explain a rule of `validate`, with examples."""
    from runner.compiler.catalogue import catalogue

    rules = catalogue()
    if rule is None:
        show.put(_list_as_json(rules) if form == "json" else _list(rules))
        return exits.DONE
    found = rules.get(rule.strip().strip("[]"))
    if found is None:
        raise _unknown(rule, rules)
    page = page_of(found)
    show.put(_json({**_facts(found), "page": page}) if form == "json" else page)
    return exits.DONE


def page_of(rule: Rule) -> str:
    """Return a rule's page as Markdown; one that did not ship is answered with what the rule says about itself."""
    from runner.shipped import shipped_root

    path = shipped_root() / "docs" / "rules" / f"{rule.id}.md"
    try:
        return path.read_text("utf-8")
    except OSError:
        return f"# {rule.id}\n\n{rule.severity.capitalize()}: {rule.summary}.\n"


def _unknown(word: str, rules: Mapping[str, Rule]) -> Exception:
    from runner.compiler.findings import nearest, shown
    from runner.errors import UsageError

    meant = nearest(word, rules)
    hint = f"did you mean `{meant}`?" if meant else "`agent-run explain` lists all rules"
    return UsageError(f"there is no rule `{shown(word)}`", hint=hint)


def _list(rules: Mapping[str, Rule]) -> str:
    wide = max(len(name) for name in rules)
    return "".join(f"{rule.id:<{wide}}  {rule.severity:<7}  {rule.summary}\n" for rule in rules.values())


def _list_as_json(rules: Mapping[str, Rule]) -> str:
    return _json({"rules": [_facts(rule) for rule in rules.values()]})


def _facts(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "severity": rule.severity, "summary": rule.summary}


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
