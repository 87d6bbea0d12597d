"""Field maps: how inputs, outputs and properties are declared, name → type."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from runner.spec.base import Spec
from runner.spec.words import FieldName

TypeName = Literal[
    "string",
    "string?",
    "integer",
    "integer?",
    "number",
    "number?",
    "boolean",
    "boolean?",
    "object",
    "object?",
    "array",
    "array?",
    "file",
    "file?",
]
"""A type; a trailing `?` = may be absent or null."""


class FieldSpec(Spec):
    """A field with more to say than its type. It has `type`, or `enum`."""

    model_config = ConfigDict(json_schema_extra={"if": {"required": ["enum"]}, "else": {"required": ["type"]}})

    type: TypeName | None = Field(
        default=None, description="The type; a trailing `?` = may be absent or null.", examples=["string", "integer?"]
    )
    description: str | None = Field(default=None, description="What it means; the model reads it.", examples=["Customer id"])
    default: Any = Field(default=None, description="The value when it is absent; the field is then not required.", examples=["none"])
    enum: list[Any] | None = Field(default=None, min_length=1, description="The values it may have.", examples=[["ok", "redo"]])
    minimum: float | None = Field(default=None, description="The smallest number allowed.", examples=[0])
    maximum: float | None = Field(default=None, description="The largest number allowed.", examples=[1])
    minLength: int | None = Field(default=None, ge=0, description="The shortest text allowed, in characters.", examples=[1])  # noqa: N815 – JSON Schema's word
    maxLength: int | None = Field(default=None, ge=0, description="The longest text allowed, in characters.", examples=[200])  # noqa: N815 – JSON Schema's word
    pattern: str | None = Field(default=None, description="A regular expression that the text must contain.", examples=["^[A-Z]{3}$"])
    format: str | None = Field(default=None, description="A hint on the text's form.", examples=["date", "email"])
    minItems: int | None = Field(default=None, ge=0, description="The fewest items allowed.", examples=[1])  # noqa: N815 – JSON Schema's word
    maxItems: int | None = Field(default=None, ge=0, description="The most items allowed.", examples=[10])  # noqa: N815 – JSON Schema's word
    items: FieldType | None = Field(default=None, description="The type of an array's items.", examples=["string"])
    properties: FieldMap | None = Field(
        default=None, description="An object's fields; without them it is open.", examples=[{"city": "string"}]
    )


FieldType = TypeName | FieldSpec
FieldMap = dict[FieldName, FieldType]
"""Fields by name. Required unless `?` or `default`; other fields are refused."""

FieldSpec.model_rebuild()
