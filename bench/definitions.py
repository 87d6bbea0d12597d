"""Makes a folder of definitions of 60 lines each, as a large project would have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LINES = 60


def make(folder: Path, count: int) -> list[Path]:
    """Write `count` valid agents into `folder/agents.d`; return their files."""
    place = folder / "agents.d"
    place.mkdir(parents=True)
    files = [place / f"agent_{number:04}.yaml" for number in range(count)]
    for number, file in enumerate(files):
        file.write_text(_agent(number, count))
    return files


def _agent(number: int, count: int) -> str:
    head = [
        "kind: agent",
        f"name: agent_{number:04}",
        f"description: Agent {number} of a large project, who answers one kind of question.",
        "model: [openai/gpt-5-mini, openai/gpt-5]",
        "settings: {reasoning: low, max_output_tokens: 4000}",
        "limits: {turns: 10, tool_calls: 40, time: 2m}",
        "tools: [manual]",
        f"handoffs: [agent_{(number + 1) % count:04}]",
        "policy:",
        "  allow: [manual]",
        '  ask: ["desk.*"]',
        'prompt: "Customer ${inputs.customer} asks: ${inputs.message}"',
        "inputs:",
        "  customer: {type: string, description: Customer id}",
    ]
    fields = [line for index in range(9) for line in _field(index)]
    text = ["instructions: |"]
    text += [f"  {index}. Mind ${{inputs.field_{index}}} and say where you read it." for index in range(9)]
    text += [f"  {index}. Answer briefly and say where you read it." for index in range(9, LINES - len(head) - len(fields) - 1)]
    return "\n".join(head + fields + text) + "\n"


def _field(index: int) -> list[str]:
    return [
        f"  field_{index}:",
        "    type: integer",
        f"    description: Number {index} of what the customer told us",
        f"    default: {index}",
    ]
