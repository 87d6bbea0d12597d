"""Agent documents."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.document import Extendable
from runner.spec.fields import FieldMap
from runner.spec.flow import FlowStep
from runner.spec.model import ModelSettings
from runner.spec.policy import PolicySpec
from runner.spec.tool import InlineTool, ToolUse
from runner.spec.words import Dollars, Duration, ModelList, ModelName, Name


class AgentUse(Spec):
    """A callable agent, narrowed here."""

    use: Name = Field(description="The agent's name.", examples=["researcher"])
    with_: dict[str, Any] | None = Field(
        default=None, alias="with", description="Inputs bound here and hidden from the model.", examples=[{"topic": "birds"}]
    )


class LimitsSpec(Spec):
    """When a run stops. All are finite by default but tokens and cost."""

    turns: int | None = Field(default=None, ge=1, description="Model calls of one call of the agent (20).", examples=[20])
    tool_calls: int | None = Field(default=None, ge=0, description="Tool calls of one call of the agent (100).", examples=[100])
    tokens: int | None = Field(default=None, ge=1, description="Tokens of the whole run, in and out.", examples=[200000])
    cost: Dollars | None = Field(default=None, description="Dollars of the whole run.", examples=[0.5])
    time: Duration | None = Field(
        default=None, description="Time of the whole run; waiting for people does not count (10m).", examples=["10m"]
    )
    repeats: int | None = Field(
        default=None, ge=2, description="Identical calls with identical results before the loop guard speaks (5).", examples=[5]
    )
    depth: int | None = Field(default=None, ge=0, description="How deep agents may call agents (3).", examples=[3])


class ContextSpec(Spec):
    """What happens when the conversation outgrows the model's window."""

    compact_at: float | None = Field(
        default=None, gt=0, le=1, description="The part of the window at which it is summarised.", examples=[0.85]
    )
    model: ModelName | None = Field(default=None, description="The model that summarises; else the agent's.", examples=["team/fast"])


class AgentSpec(Extendable):
    """An agent: instructions, a model, tools and limits; or a flow."""

    kind: Literal["agent"] | None = Field(default=None, description="The kind of document.", examples=["agent"])
    description: str | None = Field(
        default=None, description="What others see when this agent is callable.", examples=["Answers customers."]
    )
    model: ModelName | ModelList | None = Field(
        default=None,
        description="`provider/model`, or a list in order of fallback; `auto` takes what is there.",
        examples=["openai/gpt-5-mini", ["team/smart", "auto"]],
    )
    settings: ModelSettings | None = Field(default=None, description="How the model is asked.", examples=[{"temperature": 0.2}])
    instructions: str | None = Field(
        default=None, description="What the model is told before everything else.", examples=["You are a terse, friendly assistant."]
    )
    inputs: FieldMap | None = Field(
        default=None, description="What a run is given; `message` is always there.", examples=[{"customer": "string"}]
    )
    prompt: str | None = Field(
        default=None, description="The first user message, made from the inputs.", examples=["${inputs.customer} asks: ${inputs.message}"]
    )
    tools: list[Name | ToolUse | InlineTool] | None = Field(
        default=None, description="What it may call: names, `{use: NAME, …}`, or tools defined here.", examples=[["lookup_order"]]
    )
    knowledge: list[Name] | None = Field(
        default=None, description="Knowledge or memory tools whose best passages are put before the turn.", examples=[["handbook"]]
    )
    agents: list[Name | AgentUse] | None = Field(default=None, description="Agents it may call as tools.", examples=[["researcher"]])
    handoffs: list[Name] | None = Field(default=None, description="Agents that may take the conversation over.", examples=[["billing"]])
    output: FieldMap | None = Field(default=None, description="The answer as data.", examples=[{"answer": "string"}])
    limits: LimitsSpec | None = Field(default=None, description="When a run stops.", examples=[{"turns": 20, "time": "10m"}])
    context: ContextSpec | None = Field(default=None, description="What happens to long conversations.", examples=[{"compact_at": 0.85}])
    policy: PolicySpec | None = Field(
        default=None, description="Which tool calls run, ask or are denied.", examples=[{"ask": ["github.*"]}]
    )
    flow: list[FlowStep] | None = Field(default=None, min_length=1, description="The steps of a graph.", examples=[[{"agent": "writer"}]])
    result: Any = Field(
        default=None, description="The answer of a flow; else the last finished step's output.", examples=["${steps.draft.output}"]
    )
