"""The script language of the scripted provider: shared by provider documents, test files and the plug-in itself."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.model import ModelSettings, PriceSpec
from runner.spec.words import Duration, Text

ErrorKind = Literal[
    "rate_limit", "overloaded", "unavailable", "timeout", "auth", "quota", "bad_request", "content_filter", "context_overflow", "cut"
]


class When(Spec):
    """What a request must be like; all that is said must hold. Texts are globs."""

    agent: Text | None = Field(default=None, description="The agent that asks.", examples=["support"])
    message: Text | None = Field(default=None, description="The request ends with a user message that fits.", examples=["*hello*"])
    tool: Text | None = Field(default=None, description="The request ends with a result of this tool.", examples=["weather"])
    result: Text | None = Field(default=None, description="That result's text fits.", examples=["*snow*"])


class ScriptedCall(Spec):
    """A tool call of the scripted model."""

    tool: Text = Field(description="The tool: its name, `toolset.member`, or an agent.", examples=["weather"])
    with_: dict[str, Any] | str | None = Field(
        default=None,
        alias="with",
        description="The arguments; a text is passed raw, also when it is broken JSON.",
        examples=[{"city": "Oslo"}],
    )


class ScriptedError(Spec):
    """A failure of the scripted model."""

    kind: ErrorKind = Field(description="What goes wrong.", examples=["overloaded"])
    retry_after: Duration | None = Field(default=None, description="How long the vendor asks to wait.", examples=["1s"])
    after: int | None = Field(default=None, ge=0, description="With `cut`: how many characters come before the break.", examples=[20])


class ScriptedUsage(Spec):
    """The tokens that the scripted model says it used."""

    input: int | None = Field(default=None, ge=0, description="Tokens read.", examples=[120])
    output: int | None = Field(default=None, ge=0, description="Tokens written.", examples=[9])
    cached: int | None = Field(default=None, ge=0, description="Tokens read from the cache, a part of `input`.", examples=[100])
    reasoning: int | None = Field(default=None, ge=0, description="Tokens thought, a part of `output`.", examples=[4])


class Rule(Spec):
    """An answer for every request that fits, any number of times."""

    when: When | None = Field(default=None, description="Which requests it answers; all without it.", examples=[{"message": "*hello*"}])
    think: str | None = Field(default=None, description="What the model thinks aloud.", examples=["Which city?"])
    say: Any = Field(default=None, description="What it says: text, or data as JSON.", examples=["Let me look.", {"verdict": "ok"}])
    calls: list[ScriptedCall] | None = Field(
        default=None, description="The tools it calls.", examples=[[{"tool": "weather", "with": {"city": "Oslo"}}]]
    )
    error: ScriptedError | None = Field(default=None, description="It fails instead.", examples=[{"kind": "overloaded"}])
    delay: Duration | None = Field(default=None, description="How long it takes to begin.", examples=["300ms"])
    pace: Duration | None = Field(default=None, description="The pause between two pieces of text.", examples=["20ms"])
    usage: ScriptedUsage | None = Field(default=None, description="The tokens it says it used.", examples=[{"input": 120, "output": 9}])


class Step(Rule):
    """An answer that is used once, or as often as `times` says."""

    times: int | Literal["any"] | None = Field(default=None, description="How often it is used: a number, or `any`.", examples=[2, "any"])


class ScriptedModel(Spec):
    """A model that answers from `rules` (any number of times) or from a `script` (each step once)."""

    rules: list[Rule] | None = Field(
        default=None, min_length=1, description="For every request the first that fits.", examples=[[{"say": "Hello!"}]]
    )
    script: list[Step] | None = Field(
        default=None, min_length=1, description="For every request the first unused step that fits.", examples=[[{"say": "Hello!"}]]
    )
    settings: ModelSettings | None = Field(
        default=None, description="Settings as a real model has them; they change nothing.", examples=[{"seed": 1}]
    )
    price: PriceSpec | None = Field(default=None, description="What it pretends to cost.", examples=[{"input": 0.25, "output": 2.0}])
    context: int | None = Field(default=None, ge=1, description="The window it pretends to have, in tokens.", examples=[8000])
