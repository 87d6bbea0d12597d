"""Reads an agent's last words as the data its `output` asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runner import shapes
from runner.executor import jsontext

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer as data, or what is wrong with it in words that a model can act on."""

    output: Any = None
    wrong: str | None = None


def read(text: str, schema: Mapping[str, Any]) -> Answer:
    """Return the text as data that fits the schema; a fence around it is allowed."""
    try:
        data = jsontext.read(_bare(text))
    except ValueError as error:
        return Answer(wrong=f"it is not JSON: {error}")
    problems = shapes.check(schema, data)
    return Answer(wrong="; ".join(problem.message for problem in problems[:5])) if problems else Answer(data)


def instruction(schema: Mapping[str, Any]) -> str:
    """Return what a model is told that has no structured output of its own."""
    return f"Give your final answer as one JSON value and nothing else. It fits this JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"


def repair(wrong: str) -> str:
    """Return what a model is told after an answer that does not fit."""
    return f"Your answer does not fit what was asked: {wrong}. Answer again, with one JSON value and nothing else."


def _bare(text: str) -> str:
    text = text.strip()
    if text.startswith("```") and text.endswith("```"):
        return text.partition("\n")[2].removesuffix("```")
    return text
