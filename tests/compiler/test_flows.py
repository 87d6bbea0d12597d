"""Rules about flows and the types of expressions keep silent where the language's own examples and common ways to write hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.compiler.project import diagnostics_of, write

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = """\
kind: agent
name: researcher
model: auto
instructions: Research.
---
kind: agent
name: writer
model: auto
instructions: Write.
output: {text: string, score: number, verdict: {enum: [ok, redo]}, why: string?}
---
kind: agent
name: critic
model: auto
instructions: Criticise.
"""

REPORT = """\
kind: agent
name: report
inputs: {topics: {type: array, items: string}}
flow:
  - {id: research, agent: researcher, each: "${inputs.topics}", concurrency: 4, prompt: "Research ${item}."}
  - {id: draft, agent: researcher, prompt: "Notes: ${steps.research.output}. Last review: ${steps.review.output?.why ?? 'none'}"}
  - id: review
    agent: critic
    prompt: ${steps.draft.output}
    output: {verdict: {enum: [ok, redo]}, why: string}
    next: [{when: "${steps.review.output.verdict == 'redo'}", to: draft, max: 3}]
  - {id: publish, ask: Publish this report?, choices: [yes, no], next: [{when: "${steps.publish.output == 'no'}", to: end}]}
  - {id: send, tool: mailer, with: {body: "${steps.draft.output}"}}
result: ${steps.draft.output}
"""

MAILER = """\
kind: tool
name: mailer
type: http
description: Send a mail.
inputs: {body: string}
method: POST
url: https://api.example.com/mail
json: {body: "${inputs.body}"}
"""

SUPPORT = """\
kind: agent
name: support
description: Answers customers.
model: auto
instructions: Be kind.
inputs: {customer: {type: string, description: Customer id}, photo: file?}
prompt: "Customer ${inputs.customer} asks: ${inputs.message}"
tools:
  - {name: run_tests, type: shell, description: Run the tests., inputs: {path: string}, run: [pytest, -q, --, "${inputs.path}"]}
agents: [researcher]
output: {answer: string, confidence: {type: number, minimum: 0, maximum: 1}}
limits: {turns: 20, tool_calls: 100, tokens: 200000, cost: 0.50, time: 10m, repeats: 5, depth: 3}
---
kind: tool
name: weather
type: http
description: Current weather of a city.
inputs: {city: string}
url: https://api.example.com/weather
query: {q: "${inputs.city}"}
headers: {Authorization: "Bearer ${secret:WEATHER_KEY}"}
pick: current.temperature
"""

FLOW = "kind: agent\nname: flow\ninputs: {publish: boolean, note: string?, kind: {enum: [a, b, c]}}\nflow:\n"
USE = "  - {id: all, agent: researcher, prompt: \"${inputs.publish} ${inputs.kind} ${inputs.note ?? ''}\"}\n"


def spoken(root: Path, *definitions: str) -> list[str]:
    """Return what is said about definitions in one file, beside the agents that they use."""
    write(root, {"all.yaml": "---\n".join((OTHERS, *definitions))})
    return [f"{finding.span.line}: {finding.rule.id}" for finding in diagnostics_of(root, "all.yaml") if finding.rule.id not in NOT_HERE]


NOT_HERE = ("unused-definition", "lethal-trifecta")


def test_the_examples_of_the_language_have_no_findings(tmp_path: Path) -> None:
    """The flow, the agent and the tools that the language is explained with are right."""
    assert spoken(tmp_path, REPORT, MAILER, SUPPORT) == []


@pytest.mark.parametrize(
    "steps",
    [
        """\
  - {id: a, agent: writer, when: "${inputs.publish}"}
  - {id: b, agent: writer, when: "${inputs.publish}", prompt: "${steps.a.output.text}"}
""",
        """\
  - {id: a, agent: writer, when: "${inputs.publish}"}
  - {id: b, agent: writer, when: "${steps.a.output != null}", prompt: "${steps.a.output.text}"}
""",
        """\
  - {id: a, agent: writer, when: "${inputs.publish}"}
  - {id: b, agent: writer, when: "${steps.a.output?.verdict == 'ok'}", prompt: "${steps.a.output.text}"}
""",
        """\
  - {id: a, agent: writer, when: "${inputs.publish}", next: [{when: "${steps.a.output.score > 1}", to: end}]}
  - {id: b, agent: writer, when: "${inputs.publish and steps.a.output.score > 0}", prompt: "${steps.a.output.text}"}
""",
        """\
  - {id: a, agent: writer, on_error: continue, next: [{when: "${steps.a.error != null}", to: c}]}
  - {id: b, agent: writer, prompt: "${steps.a.output.text}"}
  - {id: c, agent: writer, prompt: "${steps.a.output?.text ?? 'nothing'}"}
""",
        """\
  - {id: a, agent: writer, on_error: continue}
  - {id: b, agent: writer, when: "${steps.a.error == null}", prompt: "${steps.a.output.text}"}
  - {id: c, agent: writer, when: "${steps.a.error != null}", prompt: "${steps.a.error.message}"}
""",
        """\
  - {id: a, agent: writer, next: [{when: "${steps.a.output.verdict == 'redo'}", to: a, max: 2}]}
  - {id: b, agent: writer, when: "${steps.a.output.why != null}", prompt: "${steps.a.output.why}"}
""",
        """\
  - parallel: [{id: a, agent: writer}, {id: b, agent: writer, when: "${inputs.publish}"}]
  - {id: c, agent: writer, prompt: "${steps.a.output.text} ${steps.b.output?.text ?? ''}"}
""",
        """\
  - {id: a, agent: writer, each: [1, 2], on_error: continue}
  - {id: b, agent: writer, prompt: "${length(steps.a.output)} ${steps.a.output[0]?.text ?? ''}"}
""",
        """\
  - {id: a, agent: writer, when: "${inputs.kind == 'a'}", next: [{to: end}]}
  - {id: b, agent: writer, when: "${inputs.kind != 'a' and inputs.kind in ['b', 'c']}"}
""",
        """\
  - {id: a, agent: writer, when: "${inputs.note == null or length(inputs.note) > 0}"}
  - {id: b, agent: writer, each: [{city: Oslo}], when: "${not (inputs.note == null)}", prompt: "${item.city} ${inputs.note}"}
""",
    ],
    ids=lambda steps: steps.split("{", 1)[1][:60],
)
def test_what_a_condition_has_made_sure_is_not_asked_for_again(tmp_path: Path, steps: str) -> None:
    """A step behind the same condition, behind a look at the output or at the error, may use the output."""
    assert spoken(tmp_path, FLOW + USE + steps) == []


@pytest.mark.parametrize(
    ("steps", "rule"),
    [
        (
            """\
  - {id: a, agent: writer, when: "${inputs.publish}"}
  - {id: b, agent: writer, when: "${not inputs.publish}", prompt: "${steps.a.output.text}"}
""",
            "maybe-not-run",
        ),
        (
            """\
  - {id: a, agent: writer, next: [{when: "${inputs.publish}", to: c}]}
  - {id: b, agent: writer}
  - {id: c, agent: writer, prompt: "${steps.b.output.text}"}
""",
            "maybe-not-run",
        ),
        (
            """\
  - {id: a, agent: writer, on_error: continue, next: [{when: "${steps.a.error == null}", to: c}]}
  - {id: b, agent: writer, prompt: "${steps.a.output.text}"}
  - {id: c, agent: writer, prompt: "${steps.a.output.text}"}
""",
            "maybe-not-run",
        ),
        (
            """\
  - parallel: [{id: a, agent: writer}, {id: b, agent: writer, prompt: "${steps.a.output.text}"}]
  - {id: c, agent: writer}
""",
            "maybe-not-run",
        ),
        (
            """\
  - {id: a, agent: writer, when: "${inputs.publish or inputs.note != null}", prompt: "${inputs.note}"}
""",
            "maybe-null",
        ),
    ],
    ids=["the other condition", "jumped over", "failed", "beside it", "only one of two"],
)
def test_what_is_not_sure_is_said(tmp_path: Path, steps: str, rule: str) -> None:
    """A condition that says nothing about the step, a jump over it or a failure of it leave its output in doubt."""
    assert {line.split(": ")[1] for line in spoken(tmp_path, FLOW + USE + steps)} == {rule}


def test_a_circle_of_calls_that_says_how_deep_it_goes_is_meant(tmp_path: Path) -> None:
    """A limit of depth in one agent of a circle is its bound; without one the circle is an error, also when a flow closes it."""
    first = "kind: agent\nname: one\nmodel: auto\ninstructions: Divide.\nagents: [two]\n"
    second = "kind: agent\nname: two\nflow: [{agent: one}]\n"
    assert [line.split(": ")[1] for line in spoken(tmp_path, first, second)] == ["unbounded-cycle"]
    assert spoken(tmp_path, first + "limits: {depth: 4}\n", second) == []


def test_hostile_flows_are_answered_not_crashed_on(tmp_path: Path) -> None:
    """Steps of any shape, and paths through them, give findings at most."""
    odd = ("1", "null", "[]", "{}", "{agent: [x]}", "{id: 1, agent: writer}", "{parallel: {a: 1}}", "{parallel: [1, [2]], next: 3}")
    odd += ("{agent: writer, next: [1, {to: [a]}, {to: 3, when: 1}]}", "{ask: 1, choices: {a: b}}", "{tool: [1], with: [1]}")
    odd += ("{agent: writer, each: {a: 1}, with: 3, output: [1]}", '{agent: writer, when: "${steps}", each: "${steps[\'x\'][0]}"}')
    text = FLOW + "".join(f"  - {one}\n" for one in odd) + 'result: "${steps[index].output[steps.x]}"\noutput: [1]\n'
    assert spoken(tmp_path, text)
