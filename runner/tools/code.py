"""The tool type `code`: runs Python that the model writes, shut in. Its keys are checked; no code is run yet."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.spec.base import Spec, ToolSettings
from runner.spec.words import Size, Text

EFFECT = "write"


class CodeLimits(Spec):
    """How much of the machine the code may use. `timeout` is how long one call may take."""

    memory: Size | None = Field(default=None, description="Memory of all its processes.", examples=["512MiB"])
    processes: int | None = Field(default=None, ge=1, description="Processes at the same time.", examples=[16])
    disk: Size | None = Field(default=None, description="What it may write to its work folder.", examples=["1GiB"])
    output: Size | None = Field(default=None, description="What it may print in one call.", examples=["1MiB"])


class Settings(ToolSettings):
    """The keys of a `code` tool."""

    sandbox: Literal["auto", "bwrap", "landlock", "monty", "none"] = Field(
        default="auto",
        description="What shuts the code in: `auto` takes the best there is and refuses when there is none.",
        examples=["auto"],
    )
    files: list[Text] | None = Field(
        default=None, description="Files and folders, below the workspace, that the code can read.", examples=[["data/*.csv"]]
    )
    packages: list[Text] | None = Field(
        default=None, description="Python packages that the code can import.", examples=[["pandas", "matplotlib"]]
    )
    network: bool = Field(default=False, description="Whether the code may use the network.", examples=[False])
    limits: CodeLimits = Field(default=CodeLimits(), description="How much of the machine it may use.", examples=[{"memory": "512MiB"}])
