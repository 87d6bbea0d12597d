"""The scalars of the language as annotated types: names, references, durations, sizes, expressions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from runner.spec.units import DURATION, SIZE

NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,47}$"
FIELD_NAME = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
MODEL = r"^(auto|[^/]+/.+|.*\$\{env:.*)$"


def _told(message: str) -> object:
    return Field(json_schema_extra={"patternErrorMessage": message})


Name = Annotated[str, StringConstraints(pattern=NAME), _told("expected a name: a letter, then up to 47 letters, digits, `_` or `-`")]
FieldName = Annotated[str, StringConstraints(pattern=FIELD_NAME), _told("expected a name of letters, digits, `_` or `-`")]
Duration = Annotated[
    str, StringConstraints(pattern=DURATION), _told("expected a duration: number and unit, such as 500ms, 10s, 5m, 2h, 7d")
]
Size = Annotated[str, StringConstraints(pattern=SIZE), _told("expected a size: number and unit, such as 512KiB or 1GiB")]
ModelName = Annotated[str, StringConstraints(pattern=MODEL), _told("expected `provider/model`, or `auto`")]
ModelList = Annotated[list[ModelName], Field(min_length=1)]
Text = Annotated[str, StringConstraints(min_length=1)]
ToolPattern = Annotated[str, StringConstraints(min_length=1)]
Dollars = Annotated[float, Field(ge=0)]
Sandbox = Literal["auto", "bwrap", "landlock", "none"]
"""What shuts a program in; `auto` takes the best that the machine has."""
