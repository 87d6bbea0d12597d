"""Writes spec classes as JSON Schema, a draft-07 subset that gives good errors and that editors read well.

- Optional means absent, never null.
- A union is told apart by JSON type; several maps by the key that only one of them requires; tagged ones by `type`: always if/then.
- Maps refuse other keys; documents take `x-…` too, and those that extend another take `key+` for a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from runner.spec.document import Document, Extendable

if TYPE_CHECKING:
    from pydantic_core import core_schema

Json = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
_POINTER = "#/definitions/"
_EXTENDS: Json = {"required": ["extends"]}
_ONLY_FOR_TYPE = frozenset(
    {"pattern", "patternErrorMessage", "minLength", "maxLength", "items", "minItems", "maxItems", "minimum", "maximum"}
)


def write_schema(spec: Any, title: str) -> Json:
    """Return the schema of a spec class, or of a union of them, as plain data in a stable order."""
    found: Json = TypeAdapter(spec).json_schema(ref_template=f"{_POINTER}{{model}}", schema_generator=_Writer)
    definitions: dict[str, Json] = found.pop("$defs", {})
    schema: Json = {"$schema": _DRAFT, "title": title, **found}
    _inline(schema, definitions)
    for holder in _holders([schema, *definitions.values()]):
        if "examples" in holder:  # a property; pydantic leaves out what is the same in the definition
            holder.setdefault("description", definitions[holder["$ref"].removeprefix(_POINTER)]["description"])
    if definitions:
        schema["definitions"] = dict(sorted(definitions.items()))
    return schema


class _Writer(GenerateJsonSchema):
    def sort(self, value: Any, parent_key: str | None = None) -> Any:
        return value

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Json:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Json:
        if schema.get("default") is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def union_schema(self, schema: core_schema.UnionSchema) -> Json:
        choices = [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]
        return self._by_json_type([self.generate_inner(choice) for choice in choices])

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> Json:
        tag = cast("str", schema["discriminator"])
        branches = {str(name): self.generate_inner(cast("Any", choice)) for name, choice in sorted(schema["choices"].items())}
        tag_schema: Json = next(iter(self._seen(branch)["properties"][tag] for branch in branches.values()))
        shown: Json = {"description": tag_schema["description"], "examples": tag_schema["examples"], "enum": list(branches)}
        rules = [{"if": {"properties": {tag: {"const": name}}, "required": [tag]}, "then": branch} for name, branch in branches.items()]
        extends = any("extends" in self._seen(branch)["properties"] for branch in branches.values())
        return {"type": "object", "properties": {tag: shown}, **_required([tag], extends=extends), "allOf": rules}

    def dict_schema(self, schema: core_schema.DictSchema) -> Json:
        found = super().dict_schema(schema)
        if found.get("additionalProperties") is True:
            del found["additionalProperties"]
        if "patternProperties" in found:
            found["additionalProperties"] = False
            if message := found.pop("propertyNames", {}).get("patternErrorMessage"):
                found["patternErrorMessage"] = message
        return found

    def model_schema(self, schema: core_schema.ModelSchema) -> Json:
        found = super().model_schema(schema)
        found.pop("title", None)
        cls = schema["cls"]
        if issubclass(cls, Document):
            found["patternProperties"] = {"^x-": {"description": "Free-form."}}
        if issubclass(cls, Extendable):
            _add_lists(found)
            found |= _required(found.pop("required", []), extends=True)
        return found

    def _seen(self, schema: Json) -> Json:
        pointer = schema.get("$ref")
        if pointer is None:
            return schema
        found = self.get_schema_from_definitions(pointer)
        return found or {"type": "object"}  # a class inside itself is not written yet

    def _by_json_type(self, schemas: list[Json]) -> Json:
        plain = [schema for schema in schemas if self._type(schema) != "object"]
        maps = [schema for schema in schemas if self._type(schema) == "object"]
        merged: Json = {"type": list(dict.fromkeys(self._type(schema) for schema in schemas))}
        rules: list[Json] = []
        for schema in plain:
            if set(schema) - {"type"} <= _ONLY_FOR_TYPE:
                merged |= {key: value for key, value in schema.items() if key != "type"}
            else:
                rules.append({"if": {"type": schema["type"]}, "then": {key: value for key, value in schema.items() if key != "type"}})
        if maps:
            rules.append({"if": {"type": "object"}, "then": self._by_key(maps)})
        if len(merged["type"]) == 1:
            merged["type"] = merged["type"][0]
        chosen: Json = {}
        for rule in reversed(rules):
            chosen = {**rule, "else": chosen} if chosen else rule
        return {**merged, **chosen}

    def _by_key(self, maps: list[Json]) -> Json:
        *others, chosen = maps
        for schema in reversed(others):
            key = self._seen(schema)["required"][0]
            chosen = {"if": {"required": [key]}, "then": schema, "else": chosen}
        return chosen

    def _type(self, schema: Json) -> str:
        return self._seen(schema)["type"]


def _required(names: list[str], *, extends: bool) -> Json:
    if not names:
        return {}
    return {"if": _EXTENDS, "else": {"required": names}} if extends else {"required": names}


def _add_lists(schema: Json) -> None:
    properties: dict[str, Json] = schema["properties"]
    lists = {name: value for name, value in properties.items() if "array" in _types(value)}
    for name, value in lists.items():
        added: Json = {**value, "type": "array", "description": f"Appended to the parent's `{name}`."}
        properties[f"{name}+"] = {key: item for key, item in added.items() if key not in ("pattern", "patternErrorMessage", "default")}


def _types(schema: Json) -> list[str]:
    found: str | list[str] = schema.get("type", [])
    return [found] if isinstance(found, str) else found


def _inline(schema: Json, definitions: dict[str, Json]) -> None:
    """Put each definition that is used once where it is used: schemas are read by people too."""
    while True:
        uses = [holder["$ref"].removeprefix(_POINTER) for holder in _holders([schema, *definitions.values()])]
        inside = {name: {holder["$ref"].removeprefix(_POINTER) for holder in _holders([body])} for name, body in definitions.items()}
        once = [name for name in definitions if uses.count(name) == 1 and name not in inside[name]]
        if not once:
            return
        name = once[0]
        body = definitions.pop(name)
        holder = next(holder for holder in _holders([schema, *definitions.values()]) if holder["$ref"] == _POINTER + name)
        del holder["$ref"]
        own = dict(holder)
        holder.clear()
        holder.update({**body, **own})


def _holders(values: list[Any]) -> list[Json]:
    found: list[Json] = []
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):  # pyright: ignore[reportUnknownMemberType]
                found.append(cast("Json", value))
            waiting.extend(cast("Json", value).values())
        elif isinstance(value, list):
            waiting.extend(cast("list[Any]", value))
    return found
