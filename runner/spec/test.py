"""Test documents: cases with a scripted or recorded model, and expectations."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.document import Document
from runner.spec.script import Step
from runner.spec.words import Dollars, Duration, ModelName, Name, Text, ToolPattern

StopWord = Literal[
    "done",
    "failed",
    "config",
    "provider",
    "denied",
    "waiting",
    "interrupted",
    "loop",
    "limit.turns",
    "limit.tool_calls",
    "limit.tokens",
    "limit.cost",
    "limit.time",
]


class CallPattern(Spec):
    """A tool call; `with` is the part of its arguments that must be so."""

    tool: Text = Field(description="The tool: its name, or `toolset.member`.", examples=["lookup_order"])
    with_: dict[str, Any] | None = Field(default=None, alias="with", description="Arguments it must have.", examples=[{"id": 7}])


class Fake(CallPattern):
    """What a tool call answers instead of running."""

    result: Any = Field(default=None, description="The answer.", examples=[{"status": "lost"}])
    error: Text | None = Field(default=None, description="It fails with this message instead.", examples=["no such order"])


class AnswerSpec(Spec):
    """What the answer must be like; upper and lower case are the same in `contains` and `lacks`."""

    contains: list[Text] | Text | None = Field(default=None, description="Texts it has.", examples=[["refunded"]])
    lacks: list[Text] | Text | None = Field(default=None, description="Texts it has not.", examples=[["sorry"]])
    equals: str | None = Field(default=None, description="The whole answer.", examples=["Refunded."])
    matches: Text | None = Field(default=None, description="A regular expression found in it.", examples=["order \\d+"])


class AtMost(Spec):
    """What a case may use."""

    turns: int | None = Field(default=None, ge=0, description="Model calls.", examples=[4])
    tool_calls: int | None = Field(default=None, ge=0, description="Tool calls.", examples=[3])
    tokens: int | None = Field(default=None, ge=0, description="Tokens, in and out.", examples=[5000])
    cost: Dollars | None = Field(default=None, description="Dollars.", examples=[0.01])
    time: Duration | None = Field(default=None, description="Time.", examples=["30s"])


class Judge(Spec):
    """A model that grades the answer."""

    rubric: Text = Field(description="What a good answer is.", examples=["Says politely when the order comes."])
    model: ModelName | None = Field(default=None, description="The judging model; else the agent's.", examples=["team/smart"])
    at_least: float | None = Field(default=None, ge=0, le=1, description="The least grade from 0 to 1 (0.5).", examples=[0.7])


class Expect(Spec):
    """What must hold after a case. `stop` is `done` unless said."""

    stop: StopWord | None = Field(default=None, description="Why the run stopped.", examples=["done"])
    answer: AnswerSpec | None = Field(default=None, description="The answer's words.", examples=[{"contains": ["refunded"]}])
    output: Any = Field(default=None, description="The answer as data.", examples=[{"verdict": "ok"}])
    calls: list[CallPattern] | None = Field(
        default=None, description="Exactly these tool calls, in order.", examples=[[{"tool": "refund"}]]
    )
    called: list[CallPattern] | None = Field(
        default=None, description="These at least once, in any order.", examples=[[{"tool": "refund"}]]
    )
    never: list[ToolPattern] | None = Field(default=None, description="Tools that are not called.", examples=[["delete_*"]])
    at_most: AtMost | None = Field(default=None, description="What it may use.", examples=[{"turns": 4}])
    steps: list[Name] | None = Field(
        default=None, description="The steps of the flow that finished, in order.", examples=[["research", "draft"]]
    )
    agent: Name | None = Field(default=None, description="The agent that answers in the end.", examples=["billing"])
    cites: list[Text] | None = Field(default=None, description="Files that the answer's passages come from.", examples=[["docs/manual.md"]])
    snapshot: bool | None = Field(default=None, description="Compare the whole run with a stored one.", examples=[True])
    judge: Judge | None = Field(default=None, description="A model grades the answer.", examples=[{"rubric": "Is polite."}])


class Case(Spec):
    """One conversation and what must come of it."""

    name: Text = Field(description="What it shows.", examples=["looks the order up, then asks before refunding"])
    inputs: dict[str, Any] | None = Field(default=None, description="The agent's inputs.", examples=[{"customer": "c1"}])
    messages: list[Text] | None = Field(
        default=None, min_length=1, description="What the person says, in order.", examples=[["Where is order 7?"]]
    )
    script: list[Step] | None = Field(default=None, min_length=1, description="What the model answers.", examples=[[{"say": "Refunded."}]])
    cassette: Text | None = Field(default=None, description="A recording that answers for the model.", examples=["refund.cassette.json"])
    fakes: list[Fake] | None = Field(
        default=None,
        description="What tools answer instead of running; the first that fits.",
        examples=[[{"tool": "refund", "result": "ok"}]],
    )
    real: list[ToolPattern] | None = Field(default=None, description="Tools that really run.", examples=[["manual"]])
    answers: list[Text] | None = Field(
        default=None, description="A person's answers to approvals and questions, in order.", examples=[["allow"]]
    )
    expect: Expect | None = Field(default=None, description="What must hold afterwards.", examples=[{"answer": {"contains": ["refunded"]}}])


class TestSpec(Document):
    """Cases for one agent."""

    __test__ = False

    kind: Literal["test"] | None = Field(default=None, description="The kind of document.", examples=["test"])
    agent: Name | None = Field(default=None, description="The agent; else the file's name before `.test`.", examples=["support"])
    cases: list[Case] = Field(min_length=1, description="The cases.", examples=[[{"name": "greets", "script": [{"say": "Hello!"}]}]])
