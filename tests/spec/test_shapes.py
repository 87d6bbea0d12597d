"""Data against schemas: messages a model can act on, foreign schemas survived, nothing fetched."""

from __future__ import annotations

import json

import pytest

from runner import shapes
from runner.errors import ConfigError

CITY = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "minLength": 2},
        "days": {"type": "integer", "minimum": 1, "maximum": 7},
        "unit": {"enum": ["C", "F"]},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}},
    },
    "required": ["city"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        ({"city": "Oslo", "days": 3, "unit": "C", "tags": [{"name": None}]}, []),
        ({}, ["missing `city`"]),
        ({"city": 5}, ["`city` must be text, found 5"]),
        ({"city": "O"}, ['`city` must have at least 2 characters, found "O"']),
        ({"city": "Oslo", "days": 0}, ["`days` must be at least 1, found 0"]),
        ({"city": "Oslo", "days": True}, ["`days` must be a whole number, found true"]),
        ({"city": "Oslo", "unit": "K"}, ['`unit` must be one of "C", "F"; found "K"']),
        ({"city": "Oslo", "tags": [{"name": {}}]}, ["`tags[0].name` must be text or null, found an object"]),
        ({"city": "Oslo", "day": 1}, ["`day` is not known; did you mean `days`?"]),
        ({"city": "Oslo", "zzz": 1}, ["`zzz` is not known; known: `city`, `days`, `tags`, `unit`"]),
        ([], ["the value must be an object, found a list"]),
        (
            {"cty": "x" * 500, "days": "many\nlines"},
            ["missing `city`", "`cty` is not known; did you mean `city`?", '`days` must be a whole number, found "many\\nlines"'],
        ),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(data, messages):
    """Every finding names the place, what would fit, and what was found."""
    assert sorted(error.message for error in shapes.check(CITY, data)) == sorted(messages)


def test_a_long_value_is_cut():
    """A tool's error never carries a whole document."""
    (error,) = shapes.check({"type": "integer"}, "x" * 100_000)
    assert len(error.message) < 200


def test_of_alternatives_the_nearest_speaks():
    """A finding inside `anyOf` says what is wrong there, not that nothing fits."""
    schema = {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"a": {"type": "integer"}}}]}
    assert [error.message for error in shapes.check(schema, {"a": "x"})] == ['`a` must be a whole number, found "x"']


def test_nothing_is_fetched():
    """A schema that points elsewhere is told as such; no socket is opened."""
    (error,) = shapes.check({"$ref": "http://127.0.0.1:9/x.json"}, 1)
    assert "http://127.0.0.1:9/x.json" in error.message


@pytest.mark.parametrize("schema", [{"type": "strng"}, {"properties": 5}, {"pattern": "("}])
def test_a_broken_foreign_schema_is_a_clear_error(schema):
    """A tool's own schema may be wrong; it says where."""
    with pytest.raises(ConfigError, match="not a JSON Schema"):
        shapes.check(schema, "x")


def test_deep_data_is_refused_not_crashed_on():
    """A recursive schema meets data deeper than the stack."""
    schema = {"$defs": {"n": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"}
    data: dict = {}
    for _ in range(5000):
        data = {"n": data}
    assert [error.keyword for error in shapes.check(schema, data)] == ["depth"]


def test_a_schema_is_compiled_once():
    """The same object has the same validator; an equal one its own; many others do not grow memory."""
    assert shapes.validator(CITY) is shapes.validator(CITY)
    other = json.loads(json.dumps(CITY))
    assert shapes.validator(other) is not shapes.validator(CITY)
    first = shapes.validator(CITY)
    for at in range(600):
        shapes.validator({"minimum": at})
    assert shapes.validator(CITY) is not first


def test_draft_4_schemas_still_work():
    """A schema says its own draft."""
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer", "minimum": 3, "exclusiveMinimum": True}
    assert shapes.check(schema, 3)
    assert not shapes.check(schema, 4)


def test_defaults_and_nulls_are_filled_in():
    """An absent optional field is null to expressions; a default is the default."""
    schema = {"properties": {"a": {"type": ["string", "null"]}, "b": {"type": "integer", "default": 3}, "c": {"type": "string"}}}
    assert shapes.filled(schema, {"x": 1}) == {"x": 1, "a": None, "b": 3}
    assert shapes.filled(schema, {"a": "v", "b": 4}) == {"a": "v", "b": 4}


def test_a_part_for_another_type_says_nothing():
    """Of parts that begin with `if` a type, those for other types are passed over; a condition of another kind is asked."""
    typed = [
        {"if": {"properties": {"type": {"const": name}}, "required": ["type"]}, "then": {"properties": {"n": {"maximum": most}}}}
        for name, most in (("a", 1), ("b", 2))
    ]
    other = {"if": {"properties": {"type": {"const": "a"}}}, "then": {}, "else": {"properties": {"n": {"maximum": 0}}}}
    schema = {"allOf": [*typed, other, {"properties": {"m": {"maximum": 5}}}]}

    def found(data):
        return [(problem.path, problem.value) for problem in shapes.problems(schema, data)]

    assert found({"type": "a", "n": 3, "m": 9}) == [(("n",), 1), (("m",), 5)]
    assert found({"type": "b", "n": 3}) == [(("n",), 2), (("n",), 0)]
    assert found({"n": 3, "m": 5}) == []
    assert found([]) == []
