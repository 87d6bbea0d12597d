"""Makes valid projects: what ships, and as many as one likes from a seed."""

from __future__ import annotations

import random
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("examples/hello", "examples/shop", "examples/team")

_WORDS = ("invoice", "parcel", "garden", "museum", "weather", "library", "harbour", "kitchen")
_TYPES = ("string", "integer", "boolean", "number")


def shipped() -> dict[str, dict[str, str]]:
    """Return the files of each project that ships with the repository, by its name."""
    found = {name: _files(ROOT / name) for name in SHIPPED}
    found["shipped"] = {f"{folder}/{path.name}": path.read_text("utf-8") for folder in ("agents.d", "tools.d") for path in _in(folder)}
    found["shipped"]["docs/page.md"] = "# A page\n"
    return found


def _in(folder: str) -> list[Path]:
    return sorted((ROOT / folder).glob("*.yaml"))


def _files(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".py"))
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in paths}


def generated(seed: int) -> dict[str, str]:
    """Return the files of a valid project with two or three agents, two tools and a provider; the same ones for the same seed."""
    dice = random.Random(seed)
    words = dice.sample(_WORDS, 6)
    agents = [f"{word}_clerk" for word in words[:3]]
    tools = [f"{words[3]}_search", f"{words[4]}_page"]
    files = {f"tools.d/{tools[0]}.yaml": _command(dice, tools[0]), f"tools.d/{tools[1]}.yaml": _page(dice, tools[1])}
    files["providers.d/company.yaml"] = _provider(dice)
    files[f"agents.d/{agents[0]}.yaml"] = _agent(dice, agents[0], words[5], tools, agents[1:])
    files[f"agents.d/{agents[1]}.yaml"] = _plain(dice, agents[1])
    files[f"agents.d/{agents[2]}.yaml"] = _flow(dice, agents[2], agents[1]) if dice.random() < 0.5 else _plain(dice, agents[2])
    return files


def _some(dice: random.Random, lines: list[str]) -> list[str]:
    return [line for line in lines if dice.random() < 0.6]


def _agent(dice: random.Random, name: str, field: str, tools: list[str], others: list[str]) -> str:
    lines = [
        "kind: agent",
        f"name: {name}",
        "model: company/fast",
        "instructions: |",
        f"  Mind ${{inputs.{field}}} and today, ${{session.date}}.",
        "inputs:",
        f"  {field}: {{type: {dice.choice(_TYPES)}, description: What was asked}}",
        f"tools: [{', '.join(tools)}]" if dice.random() < 0.5 else f"tools:\n  - {tools[0]}\n  - use: {tools[1]}",
        f"agents: [{others[0]}, {others[1]}]",
        *_some(dice, ["limits: {turns: 9, time: 3m}", "description: Knows much", "meta: {owner: us}", "output: {verdict: string}"]),
        *_some(dice, [f"policy:\n  deny: [{tools[0]}]"]),
    ]
    return "\n".join(lines) + "\n"


def _plain(dice: random.Random, name: str) -> str:
    lines = ["kind: agent", f"name: {name}", "description: Answers.", f"model: {dice.choice(['company/fast', 'company/slow'])}"]
    return "\n".join([*lines, "instructions: Be brief.", *_some(dice, ["limits:\n  turns: 4", "x-note: ours"])]) + "\n"


def _flow(dice: random.Random, name: str, other: str) -> str:
    lines = ["kind: agent", f"name: {name}", "description: Works in steps.", "flow:", f"  - agent: {other}", "    id: draft"]
    lines += _some(dice, ["    when: ${inputs.message != ''}"])
    lines += [f"  - agent: {other}", "    id: review", "    prompt: 'Look: ${steps.draft?.output ?? inputs.message}'"]
    return "\n".join([*lines, "result: ${steps.review.output}"]) + "\n"


def _command(dice: random.Random, name: str) -> str:
    lines = ["kind: tool", f"name: {name}", "description: Searches", "type: shell", 'run: [grep, -e, "${inputs.words}", .]']
    lines += ["inputs: {words: string}", *_some(dice, ["timeout: 10s", "effect: read", "approve: never"])]
    return "\n".join(lines) + "\n"


def _page(dice: random.Random, name: str) -> str:
    lines = ["kind: tool", f"name: {name}", "description: Gets a page", "type: http", "url: https://example.org/${inputs.page}"]
    lines += ["inputs:", "  page:", "    type: string", "    description: Its name"]
    return "\n".join([*lines, *_some(dice, ["method: GET", "timeout: 20s", "retry: {attempts: 2}"])]) + "\n"


def _provider(dice: random.Random) -> str:
    lines = ["kind: provider", "name: company", "type: openai-chat", "base_url: https://models.example.org/v1", "api_key: ${secret:KEY}"]
    lines += ["models:", "  fast: {id: fast-1}", "  slow:", "    id: slow-1", *_some(dice, ["retry: {attempts: 3}"])]
    return "\n".join(lines) + "\n"
