"""The tool type `shell`: a program with fixed arguments, or a command line that the model writes. Its keys are checked; nothing is run yet."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import ToolSettings
from runner.spec.words import Sandbox, Text

EFFECT = "write"


class Settings(ToolSettings):
    """The keys of a `shell` tool."""

    run: list[str] | None = Field(
        default=None,
        min_length=1,
        description="The program and its arguments, without a shell between; without it the model writes the command line, "
        "and each one is asked about.",
        examples=[["pytest", "-q", "--", "${inputs.path}"]],
    )
    stdin: str | None = Field(default=None, description="What the program reads.", examples=["${inputs.text}"])
    env: dict[str, str] | None = Field(
        default=None, description="Environment variables of the program, beside the few that every program gets.", examples=[{"CI": "true"}]
    )
    cwd: Text | None = Field(default=None, description="The folder it runs in, below the workspace.", examples=["frontend"])
    sandbox: Sandbox | None = Field(
        default=None, description="What shuts the program in: `auto` takes the best there is; nothing unless said.", examples=["auto"]
    )
