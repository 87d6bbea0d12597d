"""What the tools of agents can do to each other: bring private data, bring what strangers wrote, carry data out.

Conservative: only tools whose powers are known count, and none that a person must allow or a policy denies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.link_reach import listed, mapped
from runner.compiler.rules._tools import Members, Tool, tools_of
from runner.policy import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.definition import Library
    from runner.compiler.documents import Document

PRIVATE, UNTRUSTED, OUTBOUND = "private", "untrusted", "outbound"
POWERS = (PRIVATE, UNTRUSTED, OUTBOUND)

_OWN: dict[tuple[str, str], tuple[str, ...]] = {
    ("files", "read"): (PRIVATE,),
    ("files", "search"): (PRIVATE,),
    ("memory", "search"): (PRIVATE,),
    ("web", "fetch"): (UNTRUSTED, OUTBOUND),
    ("web", "search"): (UNTRUSTED,),
}
_ASKS_UNLESS_SAID: dict[str, tuple[str, ...]] = {"shell": (PRIVATE, UNTRUSTED, OUTBOUND), "code": (UNTRUSTED, OUTBOUND)}

_SERVERS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(rf"(?:^|[/@_-])(?:{words})(?:$|[/@_=.-])", re.IGNORECASE), powers)
    for words, powers in (
        ("fetch|puppeteer|playwright|browser|browserbase|firecrawl", (UNTRUSTED, OUTBOUND)),
        ("brave-search|exa|tavily|duckduckgo", (UNTRUSTED,)),
        ("filesystem|postgres|sqlite|mysql|mongodb|redis|obsidian|memory", (PRIVATE,)),
        ("github|gitlab|slack|gmail|outlook|imap|notion|jira|linear|gdrive|google-drive", (PRIVATE, UNTRUSTED)),
    )
)

_MOST = 8
"""Witnesses of one power that are kept for one group of agents."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A tool that has a power. `member` is "" for a single tool, "*" when its members are not known."""

    tool: Tool
    member: str

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.tool.name}.{self.member}" if self.member not in ("", "*") else self.tool.name

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others."""
        return self.tool.agent.name, self.tool.name, self.member


Powers = dict[str, list[Witness]]


@dataclass(slots=True)
class Group:
    """Agents that reach each other, and what can happen within their reach."""

    agents: list[Document]
    powers: Powers = field(default_factory=lambda: {power: [] for power in POWERS})
    below: bool = False
    """True when a group that these agents reach has all three."""

    @property
    def complete(self) -> bool:
        """True when all three meet."""
        return all(self.powers.values())


def powers_of(agent: Document, library: Library, members: Members) -> Powers:
    """Return which tools of an agent bring and carry data unasked."""
    found: Powers = {power: [] for power in POWERS}
    for tool in tools_of(agent, library):
        for member, powers in _members(tool, members):
            witness = Witness(tool, member)
            if runs_unasked(witness, agent, library):
                for power in powers:
                    found[power].append(witness)
    return found


def _members(tool: Tool, members: Members) -> Iterator[tuple[str, tuple[str, ...]]]:
    if tool.type == "mcp":
        named = (mapped(tool.data).get("url"), *listed(tool.data.get("command")))
        text = [word for word in named if isinstance(word, str)]
        for pattern, powers in _SERVERS:
            if any(pattern.search(word) for word in text):
                yield "*", powers
                return
    elif tool.type == "shell" and "run" not in tool.data:
        yield "", _ASKS_UNLESS_SAID["shell"]
    elif tool.type == "code" and tool.data.get("network") is True:
        yield "", _ASKS_UNLESS_SAID["code"]
    else:
        for member in members.of(tool) or ():
            if (tool.type, member) in _OWN and not (member == "search" and tool.type == "web" and "search" not in tool.data):
                yield member, _OWN[tool.type, member]


def runs_unasked(witness: Witness, agent: Document, library: Library) -> bool:
    """Tell whether a call runs without a person: nothing denies it or asks, and it is allowed or does not ask by itself."""
    tool = witness.tool
    approve = tool.data.get("approve")
    if approve in ("ask", "always-ask") or stopped(witness, agent, library):
        return False
    if tool.type == "shell" and "run" not in tool.data:
        return False  # the model's own command line asks whatever is said
    return tool.type not in _ASKS_UNLESS_SAID or approve == "never" or _ruled(witness, agent, library, ("allow",))


def stopped(witness: Witness, agent: Document, library: Library) -> bool:
    """Tell whether the policy of an agent, or of the project, denies a call or asks about it."""
    return _ruled(witness, agent, library, ("deny", "ask"))


def _ruled(witness: Witness, agent: Document, library: Library, keys: tuple[str, ...]) -> bool:
    for document in (agent, library.project):
        policy: Mapping[str, Any] = mapped(document.data.get("policy")) if document else {}
        patterns = [item for key in keys for item in listed(policy.get(key))]
        if any(_fits(item, witness) for item in patterns if isinstance(item, str)):
            return True
    return False


def _fits(written: str, witness: Witness) -> bool:
    """Tell whether a pattern holds for every call; one with inputs holds for some only."""
    try:
        pattern = parse(written)
    except ValueError:
        return False
    if pattern.inputs:
        return False
    if witness.member == "*":
        # which members there are is not known: any pattern for one of them shows that somebody thought of it
        return written.partition(".")[0].strip() == witness.tool.name or bool(pattern.name.fullmatch(witness.tool.name))
    return pattern.matches(witness.name, {})


def groups(library: Library) -> Iterator[Group]:
    """Yield the agents in groups that reach each other, those they call or hand over to first; each group with all that it reaches."""
    members = Members(library)
    of: dict[str, Group] = {}
    for names in _circles({name: _called(agent.data, library) for name, agent in library.agents.items()}):
        group = Group([cast("Document", library.agents[name]) for name in names])
        for agent in group.agents:
            _add(group, powers_of(agent, library, members), None, library)
            handed = {item for item in listed(agent.data.get("handoffs")) if isinstance(item, str)}
            for name in _called(agent.data, library):
                other = of.get(name)
                if other is not None:
                    group.below = group.below or other.below or other.complete
                    _add(group, other.powers, None if name in handed else agent, library)
        of.update(dict.fromkeys(names, group))
        yield group


def _add(group: Group, powers: Powers, caller: Document | None, library: Library) -> None:
    for power, found in powers.items():
        kept = group.powers[power]
        known = {witness.key for witness in kept}
        for witness in found:
            if len(kept) < _MOST and witness.key not in known and not (caller and stopped(witness, caller, library)):
                kept.append(witness)


def _called(data: Mapping[str, Any], library: Library) -> list[str]:
    items = [item for key in ("agents", "handoffs") for item in listed(data.get(key))]
    for step in listed(data.get("flow")):
        items += [mapped(child).get("agent") for child in (step, *listed(mapped(step).get("parallel")))]
    names = [mapped(item).get("use", item) for item in items]
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name in library.agents))


def _circles(edges: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Yield the strongly connected names, those that are pointed at first (Tarjan, without recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    closed: set[str] = set()
    for start in edges:
        path = [(start, iter(edges[start]))] if start not in number else []
        if path:
            number[start] = low[start] = len(number)
            stack.append(start)
        while path:
            name, following = path[-1]
            target = next(following, None)
            if target is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[name])
                if low[name] == number[name]:
                    circle = [stack.pop()]
                    while circle[-1] != name:
                        circle.append(stack.pop())
                    closed.update(circle)
                    yield circle
            elif target not in number:
                number[target] = low[target] = len(number)
                stack.append(target)
                path.append((target, iter(edges[target])))
            elif target not in closed:
                low[name] = min(low[name], number[target])
