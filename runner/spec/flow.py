"""The steps of a flow: an agent whose body is a graph."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.fields import FieldMap
from runner.spec.words import Name, Text


class Next(Spec):
    """A way on from a step."""

    when: Text | None = Field(
        default=None, description="Taken when this is true, or always.", examples=["${steps.review.output.verdict == 'redo'}"]
    )
    to: Name = Field(description="A step of the flow, or `end`.", examples=["draft"])
    max: int | None = Field(default=None, ge=1, description="How often it is taken; a way back must say so.", examples=[3])


class StepKeys(Spec):
    """The keys that every step has."""

    id: Name | None = Field(default=None, description="What other steps call it; else the agent's or tool's name.", examples=["draft"])
    when: Text | None = Field(default=None, description="The step is skipped unless this is true.", examples=["${inputs.publish}"])


class WorkKeys(StepKeys):
    """The keys of steps that can fail and be repeated over a list."""

    each: Text | list[Any] | None = Field(default=None, description="Run the step once for each item.", examples=["${inputs.topics}"])
    concurrency: int | None = Field(default=None, ge=1, description="How many items at the same time.", examples=[4])
    on_error: Literal["continue"] | None = Field(
        default=None, description="Go on when it fails: output null, error set.", examples=["continue"]
    )


class AgentChild(WorkKeys):
    """A step that runs an agent."""

    agent: Name = Field(description="The agent.", examples=["writer"])
    prompt: Text | None = Field(
        default=None, description="Stands in for the agent's own prompt.", examples=["Notes: ${steps.research.output}"]
    )
    with_: dict[str, Any] | None = Field(default=None, alias="with", description="The agent's inputs.", examples=[{"topic": "${item}"}])
    output: FieldMap | None = Field(default=None, description="Stands in for the agent's own output.", examples=[{"verdict": "string"}])


class ToolChild(WorkKeys):
    """A step that calls a tool."""

    tool: Text = Field(description="The tool: its name, or `toolset.member`.", examples=["mailer"])
    with_: dict[str, Any] | None = Field(
        default=None, alias="with", description="The arguments.", examples=[{"body": "${steps.draft.output}"}]
    )


class FailChild(StepKeys):
    """A step that ends the flow as failed."""

    fail: Text = Field(description="Why.", examples=["No source found."])


class Onward(Spec):
    """The ways on from a top-level step."""

    next: list[Next] | None = Field(
        default=None, description="The first that holds is taken, else the following step.", examples=[[{"to": "end"}]]
    )


class AgentStep(AgentChild, Onward):
    """A step that runs an agent."""


class ToolStep(ToolChild, Onward):
    """A step that calls a tool."""


class AskStep(StepKeys, Onward):
    """A step that asks a person."""

    ask: Text = Field(description="The question.", examples=["Publish this report?"])
    choices: list[Text] | Text | None = Field(default=None, description="The answers to choose from.", examples=[["yes", "no"]])
    on_error: Literal["continue"] | None = Field(
        default=None, description="Go on when it fails: output null, error set.", examples=["continue"]
    )


class FailStep(FailChild):
    """A step that ends the flow as failed."""


class ParallelStep(StepKeys, Onward):
    """Steps that run together."""

    parallel: list[ToolChild | FailChild | AgentChild] = Field(
        min_length=1, description="The steps; they have no `next`.", examples=[[{"agent": "a"}, {"agent": "b"}]]
    )
    on_error: Literal["continue"] | None = Field(
        default=None, description="Go on when one fails: output null, error set.", examples=["continue"]
    )


FlowStep = ToolStep | AskStep | FailStep | ParallelStep | AgentStep
"""The last one is what a step without any of the others' keys is taken for."""
