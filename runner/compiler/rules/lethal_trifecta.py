"""Private data, what strangers wrote, and a way out, within one agent's reach: a page that is read can send the data away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.compiler.findings import shown
from runner.compiler.rules._risks import OUTBOUND, POWERS, PRIVATE, UNTRUSTED, Group, Witness, groups
from runner.diagnostics import Diagnostic, Related, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context
    from runner.diagnostics import Span

LETHAL_TRIFECTA = Rule("lethal-trifecta", "warning", "private data, untrusted content and a way out meet in one agent's reach")
RULES = (LETHAL_TRIFECTA,)

_WORDS = {PRIVATE: "reads private data", UNTRUSTED: "brings what strangers wrote", OUTBOUND: "can carry data out"}


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report the agents where the three meet first; whoever calls them has it from there."""
    asked = {id(document) for document in context.of_kind("agent")}
    for group in groups(library) if asked else ():
        agents = [agent for agent in group.agents if id(agent) in asked]
        if agents and group.complete and not group.below:
            yield _finding(min(agents, key=lambda agent: agent.span()), group)


def _finding(agent: Document, group: Group) -> Diagnostic:
    chosen = {power: _chosen(group.powers[power]) for power in POWERS}
    said: dict[str, list[str]] = {}
    for power in POWERS:
        said.setdefault(chosen[power].name, []).append(_WORDS[power])
    *most, last = [f"`{shown(name)}` {' and '.join(powers)}" for name, powers in said.items()]
    message = f"within reach of `{shown(agent.name)}`, {', '.join(most)}{', and ' if most else ''}{last}"
    word = chosen[OUTBOUND].name
    hint = f"a page that is read can send the data away: ask about one of them or deny it (`policy: {{ask: [{word}]}}`), or keep them in agents that do not meet"
    related = {witness.name: Related(witness.tool.place(), f"`{shown(witness.name)}` is named here") for witness in chosen.values()}
    return Diagnostic(LETHAL_TRIFECTA, _place(agent, chosen), message, hint, None, tuple(related.values()))


def _place(agent: Document, chosen: dict[str, Witness]) -> Span:
    """Return where the agent itself names one of the three, else where it names agents."""
    own = [chosen[power].tool.place() for power in reversed(POWERS) if chosen[power].tool.agent is agent]
    keys = [agent.span((key,), key=True) for key in ("agents", "handoffs", "flow") if key in agent.data]
    return next(iter((*own, *keys)), agent.head())


def _chosen(witnesses: list[Witness]) -> Witness:
    return min(witnesses, key=lambda witness: (witness.tool.place(), witness.name))
