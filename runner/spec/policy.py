"""Policies: which tool calls run, ask or are denied."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.words import ToolPattern


class PolicySpec(Spec):
    """Patterns of tool calls: `name`, `toolset.member`, `*`, then optionally `(input=glob, …)`. Deny wins, then ask, then allow."""

    allow: list[ToolPattern] | None = Field(default=None, description="Calls that run without asking.", examples=[["lookup_order"]])
    ask: list[ToolPattern] | None = Field(default=None, description="Calls that a person must allow.", examples=[["github.*"]])
    deny: list[ToolPattern] | None = Field(default=None, description="Calls that never run.", examples=[["run_tests(path=../*)"]])
