"""Field maps as JSON Schema."""

from __future__ import annotations

import pytest

from runner import shapes
from runner.compiler.fields import field_schema, fields_schema


@pytest.mark.parametrize(
    ("field", "schema"),
    [
        ("string", {"type": "string"}),
        ("integer?", {"type": ["integer", "null"]}),
        ("file", {"type": "string", "format": "file-handle"}),
        ("file?", {"type": ["string", "null"], "format": "file-handle"}),
        ({"enum": ["ok", 2]}, {"enum": ["ok", 2]}),
        ({"type": "string?", "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "string", "description": "d", "default": "x"}, {"type": "string", "description": "d", "default": "x"}),
        (
            {"type": "array", "items": "file", "maxItems": 2},
            {"type": "array", "maxItems": 2, "items": {"type": "string", "format": "file-handle"}},
        ),
        ({"type": "object"}, {"type": "object"}),
        (
            {"type": "object?", "properties": {"a": "string", "b": "number?"}},
            {
                "type": ["object", "null"],
                "properties": {"a": {"type": "string"}, "b": {"type": ["number", "null"]}},
                "required": ["a"],
                "additionalProperties": False,
            },
        ),
    ],
)
def test_a_field_becomes_its_schema(field, schema):
    """Each form of a field has one JSON Schema."""
    assert field_schema(field) == schema


def test_fields_are_required_unless_optional_or_with_a_default():
    """A field map refuses missing and unknown fields; an object without properties is open."""
    schema = fields_schema({"a": "string", "b": "string?", "c": {"type": "integer", "default": 1}, "d": "object"})
    assert shapes.check(schema, {"a": "x", "d": {"any": 1}}) == []
    assert shapes.check(schema, {"a": "x", "b": None, "c": 2, "d": {}}) == []
    assert [error.message for error in shapes.check(schema, {"d": {}})] == ["missing `a`"]
    assert [error.path for error in shapes.check(schema, {"a": "x", "d": {}, "e": 1})] == [("e",)]


def test_no_fields_means_nothing_may_be_given():
    """An empty map is an object without properties."""
    assert [error.message for error in shapes.check(fields_schema({}), {"x": 1})] == ["`x` is not known; nothing may be given here"]
