"""Reads the steps of a scripted model: which step fits a request, and what it says. Pure; knows no session and no time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from runner.errors import BadRequestError
from runner.expressions import EvaluationError, Expression, ExpressionError, Special, Template, parse_template, render_data
from runner.expressions.nodes import Member, Path
from runner.messages import ToolMessage, UserMessage

if TYPE_CHECKING:
    from runner.messages import ModelRequest, ToolResult

_SHOWN = 160
"""Characters of a message that an error shows."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of `rules` or `script`, as written. `times` is how often it may answer, None = any number of times."""

    data: Mapping[str, Any]
    times: int | None

    @property
    def when(self) -> Mapping[str, Any]:
        """What must hold for the step to answer."""
        return self.data.get("when") or {}


def steps_of(script: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the steps of a model's `rules` (each any number of times) or `script` (each once, or its `times`)."""
    if rules := script.get("rules"):
        return tuple(Step(rule, None) for rule in rules)
    return tuple(Step(step, _times(step.get("times", 1))) for step in script.get("script") or ())


def _times(times: Any) -> int | None:
    return None if times == "any" else int(times)


def fits(step: Step, request: ModelRequest) -> bool:
    """Return whether all of a step's `when` holds for the request. `*` is the only wildcard; messages and results do not mind case."""
    when, last = step.when, request.messages[-1] if request.messages else None
    if "agent" in when and not _like(when["agent"], request.agent):
        return False
    if "message" in when and not (isinstance(last, UserMessage) and _like(when["message"], last.text(), fold=True)):
        return False
    if "tool" not in when and "result" not in when:
        return True
    results = last.results if isinstance(last, ToolMessage) else ()
    return any(_result_fits(when, result) for result in results)


def _result_fits(when: Mapping[str, Any], result: ToolResult) -> bool:
    if "tool" in when and not _like(model_name(when["tool"]), result.name):
        return False
    return "result" not in when or _like(when["result"], result.text(), fold=True)


def _like(pattern: Any, text: str, *, fold: bool = False) -> bool:
    return bool(_glob(str(pattern), fold).fullmatch(text))


@lru_cache(maxsize=1024)
def _glob(pattern: str, fold: bool) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL | (re.IGNORECASE if fold else 0))


def model_name(tool: str) -> str:
    """Return a tool's name as a model sees it: YAML's `toolset.member` is `toolset_member`."""
    return tool.replace(".", "_")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a step's templates can read: the last words of the person, and each tool's last result as data and as the text a model reads."""

    message: str
    results: Mapping[str, Any]
    texts: Mapping[str, str]

    def values(self) -> Mapping[str, Any]:
        """Return the roots of expressions."""
        return {"message": self.message, "results": self.results}


def scope_of(request: ModelRequest) -> Scope:
    """Return what a step that answers this request can read."""
    spoken = [message for message in request.messages if isinstance(message, UserMessage)]
    found = {result.name: result for message in request.messages if isinstance(message, ToolMessage) for result in message.results}
    results = {name: result.text() if result.data is None else result.data for name, result in found.items()}
    return Scope(spoken[-1].text() if spoken else "", results, {name: result.text() for name, result in found.items()})


def say(value: Any, scope: Scope) -> str:
    """Return the words of a `say` or `think`: text filled in, data as JSON.

    A whole `${results.tool}` in text is what the model read; a field of it comes from the data. Raises BadRequestError.
    """
    if value is None:
        return ""
    try:
        rendered = _spoken(value, scope) if isinstance(value, str) else render_data(value, scope.values())
    except (ExpressionError, EvaluationError) as error:
        raise BadRequestError(error.message, hint=error.hint) from error
    return rendered if isinstance(rendered, str) else json.dumps(rendered, ensure_ascii=False, default=_plain)


def arguments(value: Any, scope: Scope) -> str:
    """Return a call's arguments as a model would write them: a map as JSON, a string raw. Raises BadRequestError."""
    try:
        rendered = render_data({} if value is None else value, scope.values())
    except (ExpressionError, EvaluationError) as error:
        raise BadRequestError(error.message, hint=error.hint) from error
    return rendered if isinstance(rendered, str) else json.dumps(rendered, ensure_ascii=False, default=_plain)


def _spoken(text: str, scope: Scope) -> Any:
    template = parse_template(text)
    parts = tuple(_whole_result(part, scope.texts) for part in template.parts)
    return Template(template.text, parts).render(scope.values())


def _whole_result(part: str | Expression | Special, texts: Mapping[str, str]) -> str | Expression | Special:
    match part:
        case Expression(node=Path(root="results", steps=(Member(name=name),))):
            return texts.get(name, part)
        case _:
            return part


def _plain(value: Any) -> Any:
    return dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else str(value)


def describe_request(request: ModelRequest) -> str:
    """Return one line that shows what a request asks: its last message, its agent and its tools."""
    last = request.messages[-1] if request.messages else None
    match last:
        case UserMessage():
            what = f"ends with the user message {_quoted(last.text())}"
        case ToolMessage():
            what = "ends with " + ", ".join(f"the result of `{result.name}` {_quoted(result.text())}" for result in last.results)
        case _:
            what = "has no message that asks"
    who = f" from agent `{request.agent}`" if request.agent else ""
    tools = ", ".join(tool.name for tool in request.tools) or "none"
    return f"the request{who} {what} (tools: {tools})"


def describe_step(number: int, step: Step) -> str:
    """Return a step in a few words: its number, when it answers, and what it does."""
    when = " ".join(f"{key}={value}" for key, value in step.when.items())
    calls = [str(call.get("tool")) for call in step.data.get("calls") or ()]
    does = f"calls {', '.join(calls)}" if calls else "fails" if "error" in step.data else f"says {_quoted(str(step.data.get('say', '')))}"
    return f"step {number} ({f'when {when}: ' if when else ''}{does})"


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"'{line[:_SHOWN]}{'…' if len(line) > _SHOWN else ''}'"
