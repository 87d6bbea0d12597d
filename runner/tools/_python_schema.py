"""Turns annotations, read from source, into JSON Schema. Never imports what it reads. Standard library only."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from runner.tools._python_docs import read_docstring
from runner.tools._python_source import Module, Problem, find

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "None": "null", "list": "array", "dict": "object"}
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection"})
_MAPS = frozenset({"dict", "Dict", "Mapping"})
_ANY = frozenset({"Any", "object"})
_BARE = dict.fromkeys(_LISTS, "array") | dict.fromkeys(_MAPS, "object") | _SCALARS
_DEEPEST = 8

HINT = "use str, int, float, bool, list[…], dict[str, …], Literal[…], Annotated[…, 'words'], a dataclass, a TypedDict, `| None`"


def annotation_schema(annotation: ast.expr, module: Module, roots: Sequence[str], depth: int = 0) -> dict[str, Any]:
    """Return the JSON Schema of an annotation written in a module. Raises Problem for one that has none."""
    if depth > _DEEPEST:
        raise module.problem(annotation, f"`{ast.unparse(annotation)}` refers to itself or goes too deep", HINT)
    match annotation:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str() as text):
            return annotation_schema(_parsed(text, annotation, module), module, roots, depth + 1)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([annotation_schema(side, module, roots, depth + 1) for side in (left, right)])
        case ast.Subscript(value=ast.Name() | ast.Attribute()):
            return _subscript(annotation, module, roots, depth)
        case ast.Name() | ast.Attribute():
            return _named(annotation, module, roots, depth)
        case _:
            raise unknown(annotation, module)


def unknown(annotation: ast.expr, module: Module) -> Problem:
    """Return the problem of an annotation that has no JSON Schema."""
    return module.problem(annotation, f"`{ast.unparse(annotation)}` cannot be written as JSON Schema", HINT)


def last_name(node: ast.expr) -> str:
    """Return `Literal` of `typing.Literal` or `Literal`, "" of anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def literal(node: ast.expr) -> tuple[bool, Any]:
    """Return whether a node is plain JSON data, and the data."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return False, None
    return isinstance(value, (str, int, float, bool, list, dict, type(None))), value


def _parsed(text: str, annotation: ast.expr, module: Module) -> ast.expr:
    try:
        inner = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise unknown(annotation, module) from error
    for node in ast.walk(inner):
        ast.copy_location(node, annotation)
    return inner


def _subscript(whole: ast.Subscript, module: Module, roots: Sequence[str], depth: int) -> dict[str, Any]:
    name, inner = last_name(whole.value), whole.slice
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]

    def of(part: ast.expr) -> dict[str, Any]:
        return annotation_schema(part, module, roots, depth + 1)

    if name in _LISTS and len(parts) == 1:
        return {"type": "array", "items": of(parts[0])}
    if name in _MAPS and len(parts) == 2 and last_name(parts[0]) == "str":
        values = of(parts[1])
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    if name == "Optional" and len(parts) == 1:
        return _union([of(parts[0]), {"type": "null"}])
    if name == "Union":
        return _union([of(part) for part in parts])
    if name == "Literal":
        return _literal(whole, parts, module)
    if name == "Annotated":
        words = next((part.value for part in parts[1:] if isinstance(part, ast.Constant) and isinstance(part.value, str)), None)
        return of(parts[0]) | ({"description": words} if words else {})
    if name in ("Required", "NotRequired", "Final", "ReadOnly") and len(parts) == 1:
        return of(parts[0])
    raise unknown(whole, module)


def _literal(whole: ast.Subscript, parts: Sequence[ast.expr], module: Module) -> dict[str, Any]:
    values: list[Any] = []
    for part in parts:
        plain, value = literal(part)
        if not plain:
            raise unknown(whole, module)
        values.append(value)
    kinds = {"boolean" if isinstance(v, bool) else "null" if v is None else "string" if isinstance(v, str) else "integer" for v in values}
    return {"type": kinds.pop(), "enum": values} if len(kinds) == 1 else {"enum": values}


def _union(schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one schema that takes any; plain types become a list of types."""
    flat: list[dict[str, Any]] = []
    for schema in schemas:
        inner = schema["anyOf"] if set(schema) == {"anyOf"} else _one_per_type(schema)
        flat.extend(item for item in inner if item not in flat)
    if not all(flat):
        return {}
    if all(set(item) == {"type"} for item in flat):
        return {"type": [item["type"] for item in flat] if len(flat) > 1 else flat[0]["type"]}
    return {"anyOf": flat} if len(flat) > 1 else flat[0]


def _one_per_type(schema: dict[str, Any]) -> list[dict[str, Any]]:
    types = schema.get("type")
    return [{"type": kind} for kind in types] if isinstance(types, list) else [schema]  # pyright: ignore[reportUnknownVariableType]


def _named(annotation: ast.expr, module: Module, roots: Sequence[str], depth: int) -> dict[str, Any]:
    name = last_name(annotation)
    found = find(module, name, roots)
    if found is None:
        if name in _ANY:
            return {}
        if name in _BARE:
            return {"type": _BARE[name]}
        raise unknown(annotation, module)
    if isinstance(found.node, ast.ClassDef):
        if _is_record(found.node):
            return _record(found.node, found.module, roots, depth)
        raise unknown(annotation, module)
    if isinstance(found.node, ast.expr):
        return annotation_schema(found.node, found.module, roots, depth + 1)
    raise unknown(annotation, module)


def _is_record(node: ast.ClassDef) -> bool:
    decorators = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
    return any(last_name(item) == "dataclass" for item in decorators) or any(last_name(base) == "TypedDict" for base in node.bases)


def _record(node: ast.ClassDef, module: Module, roots: Sequence[str], depth: int) -> dict[str, Any]:
    """Return the schema of a dataclass or TypedDict from its annotated fields."""
    words, documented = read_docstring(ast.get_docstring(node, clean=False))
    optional = any(item.arg == "total" and literal(item.value) == (True, False) for item in node.keywords)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for item in node.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name) or last_name(_outer(item.annotation)) == "ClassVar":
            continue
        name, wrapper = item.target.id, last_name(_outer(item.annotation))
        schema = annotation_schema(item.annotation, module, roots, depth + 1)
        properties[name] = schema | ({"description": documented[name]} if name in documented else {})
        if wrapper == "Required" or (item.value is None and not optional and wrapper != "NotRequired"):
            required.append(name)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return schema | ({"description": words} if words else {})


def _outer(annotation: ast.expr) -> ast.expr:
    return annotation.value if isinstance(annotation, ast.Subscript) else annotation
