"""Says what `call: module:Name` offers, from source alone: its members with JSON Schemas, or every problem with file and line.

This is what a compiler may ask; nothing is imported. Standard library only.
"""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.tools._python_docs import read_docstring
from runner.tools._python_schema import annotation_schema, last_name, literal
from runner.tools._python_source import Module, Named, Problem, find, names, read_module, split_call

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef

CONTEXT = "CallContext"
"""A parameter annotated so gets the call's context and is hidden from the model."""

CLOSERS = ("aclose", "close")
"""Methods that are called when the toolset is closed, and are no members."""


@dataclass(frozen=True, slots=True)
class SourceMember:
    """A function or method as source tells it. `name` is "" for a function that is the tool itself."""

    name: str
    function: str
    description: str
    input_schema: dict[str, Any]
    file: str
    line: int
    context: str | None = None
    parameters: tuple[str, ...] = ()
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Description:
    """What a `call` offers. `module` is None and `members` is empty when `problems` stand in the way."""

    module: Module | None = None
    is_class: bool = False
    members: tuple[SourceMember, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads one `call`, collecting problems."""

    roots: Sequence[str]
    bound: Collection[str]
    inputs: Collection[str] | None
    problems: list[Problem] = field(default_factory=list[Problem])


def describe(call: str, roots: Sequence[str], *, bound: Collection[str] = (), inputs: Collection[str] | None = None) -> Description:
    """Return what `module:Name` offers. `bound` are the names under `with`; `inputs` the names of the YAML's own `inputs`, which stand in
    for annotations. Never raises for what a file may hold.
    """
    try:
        module_name, name = split_call(call)
        module = read_module(module_name, roots)
        found = find(module, name, roots)
        if found is None:
            raise _no_such_name(module, name)
    except Problem as problem:
        return Description(problems=(problem,))
    reader = _Reader(roots, bound, inputs)
    match found.node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            members = _one(reader, found, found.node)
        case ast.ClassDef():
            members = _methods(reader, found, found.node)
        case _:
            members = ()
            reader.problems.append(found.module.problem(found.node, f"`{name}` is neither a function nor a class"))
    problems = tuple(reader.problems)
    return Description(module, isinstance(found.node, ast.ClassDef), () if problems else members, problems)


def problems(
    call: str, roots: Sequence[str], *, bound: Collection[str] = (), inputs: Collection[str] | None = None
) -> tuple[tuple[str, str, int], ...]:
    """Return every problem of a `call` as (message, file, line), without importing anything."""
    return tuple((item.message, item.file, item.line) for item in describe(call, roots, bound=bound, inputs=inputs).problems)


def _no_such_name(module: Module, name: str) -> Problem:
    near = difflib.get_close_matches(name, names(module), n=1)
    has = ", ".join(f"`{item}`" for item in names(module)[:10]) or "nothing public"
    hint = f"did you mean `{near[0]}`?" if near else f"the module has {has}"
    return Problem(f"module `{module.name}` has no `{name}`", module.file, 1, hint)


def _one(reader: _Reader, found: Named, node: Function) -> tuple[SourceMember, ...]:
    parameters = [*node.args.args, *node.args.kwonlyargs]
    _check_bound(reader, found.module, node, {item.arg for item in parameters})
    member = _member(reader, found.module, node, "", parameters)
    return (member,)


def _methods(reader: _Reader, found: Named, node: ast.ClassDef) -> tuple[SourceMember, ...]:
    if reader.inputs is not None:
        reader.problems.append(found.module.problem(node, f"`inputs` cannot stand in for the methods of the class `{node.name}`"))
    functions = _public_functions(found, reader.roots)
    constructor = functions.pop("__init__", None)
    _check_constructor(reader, found.module, node, constructor)
    members = tuple(
        _member(reader, named.module, named.node, name, _own_parameters(named.node), hide_bound=False)
        for name, named in functions.items()
        if isinstance(named.node, Function)
    )
    if not members:
        reader.problems.append(found.module.problem(node, f"class `{node.name}` has no public method"))
    return members


def _public_functions(found: Named, roots: Sequence[str], depth: int = 0) -> dict[str, Named]:
    """Return constructor and public methods by name, those of base classes first; properties and closers left out."""
    functions: dict[str, Named] = {}
    if not isinstance(found.node, ast.ClassDef) or depth > 8:
        return functions
    for base in reversed(found.node.bases):
        parent = find(found.module, last_name(base), roots)
        if parent is not None:
            functions |= _public_functions(parent, roots, depth + 1)
    for item in found.node.body:
        if isinstance(item, Function) and _is_member(item):
            functions[item.name] = Named(item, found.module)
    return functions


def _is_member(node: Function) -> bool:
    if node.name == "__init__":
        return True
    hidden = node.name.startswith("_") or node.name in CLOSERS
    return not hidden and not any(last_name(item) in ("property", "cached_property", "setter") for item in node.decorator_list)


def _own_parameters(node: Function) -> list[ast.arg]:
    static = any(last_name(item) == "staticmethod" for item in node.decorator_list)
    return [*(node.args.args if static else node.args.args[1:]), *node.args.kwonlyargs]


def _check_constructor(reader: _Reader, module: Module, node: ast.ClassDef, constructor: Named | None) -> None:
    """Every parameter without a default is bound by `with`, and nothing else is."""
    if constructor is None or not isinstance(constructor.node, Function):
        if any(last_name(item.func if isinstance(item, ast.Call) else item) == "dataclass" for item in node.decorator_list):
            return
        _check_bound(reader, module, node, set())
        return
    function = constructor.node
    parameters = _own_parameters(function)
    if function.args.kwarg is None:
        _check_bound(reader, constructor.module, function, {item.arg for item in parameters})
    defaults = _defaults(function)
    missing = [item.arg for item in parameters if item.arg not in defaults and item.arg not in reader.bound]
    if missing:
        wanted = ", ".join(f"`{name}`" for name in missing)
        hint = f"give it under `with:`, as in `with: {{{missing[0]}: …}}`"
        reader.problems.append(constructor.module.problem(function, f"the constructor of `{node.name}` needs {wanted}", hint))


def _check_bound(reader: _Reader, module: Module, node: Function | ast.ClassDef, known: set[str]) -> None:
    for name in sorted(set(reader.bound) - known):
        near = difflib.get_close_matches(name, sorted(known), n=1)
        hint = f"did you mean `{near[0]}`?" if near else None
        reader.problems.append(module.problem(node, f"`with` gives `{name}`, which `{node.name}` does not take", hint))


def _member(
    reader: _Reader, module: Module, node: Function, name: str, parameters: list[ast.arg], *, hide_bound: bool = True
) -> SourceMember:
    words, documented = read_docstring(ast.get_docstring(node, clean=False))
    context = next((item.arg for item in parameters if item.annotation is not None and _is_context(item.annotation)), None)
    hidden = {context, *(reader.bound if hide_bound else ())}
    visible = [item for item in parameters if item.arg not in hidden]
    _check_shape(reader, module, node)
    if reader.inputs is None:
        schema = _schema(reader, module, node, visible, documented)
    else:
        schema = {}
        _check_inputs(reader, module, node, visible)
    return SourceMember(
        name=name,
        function=node.name,
        description=words or node.name.replace("_", " "),
        input_schema=schema,
        file=module.file,
        line=node.lineno,
        context=context,
        parameters=tuple(item.arg for item in visible),
        open_ended=node.args.kwarg is not None,
    )


def _is_context(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value.split(".")[-1].split("|")[0].strip() == CONTEXT
    if isinstance(annotation, ast.BinOp):
        return _is_context(annotation.left)
    return last_name(annotation) == CONTEXT


def _check_shape(reader: _Reader, module: Module, node: Function) -> None:
    """A model gives arguments by name: there is no way to fill `*args`, `**kwargs` or positional-only parameters."""
    if node.args.vararg is not None:
        reader.problems.append(module.problem(node, f"`{node.name}` takes `*{node.args.vararg.arg}`, which a model cannot fill"))
    if node.args.posonlyargs:
        reader.problems.append(module.problem(node, f"`{node.name}` has positional-only parameters", "remove the `/`"))
    if node.args.kwarg is not None and reader.inputs is None:
        hint = "name the parameters, or write `inputs:` in the YAML"
        reader.problems.append(module.problem(node, f"`{node.name}` takes `**{node.args.kwarg.arg}`, which a model cannot fill", hint))


def _check_inputs(reader: _Reader, module: Module, node: Function, visible: list[ast.arg]) -> None:
    known = {item.arg for item in visible}
    given = set(reader.inputs or ())
    for name in sorted(given - known) if node.args.kwarg is None else ():
        reader.problems.append(module.problem(node, f"`inputs` has `{name}`, which `{node.name}` does not take"))
    for name in sorted(known - given - set(_defaults(node))):
        reader.problems.append(module.problem(node, f"`inputs` lacks `{name}`, which `{node.name}` needs"))


def _schema(reader: _Reader, module: Module, node: Function, visible: list[ast.arg], documented: dict[str, str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    defaults = _defaults(node)
    for item in visible:
        try:
            properties[item.arg] = _property(item, module, reader.roots, documented.get(item.arg), defaults.get(item.arg))
        except Problem as problem:
            reader.problems.append(problem)
        if item.arg not in defaults:
            required.append(item.arg)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _property(item: ast.arg, module: Module, roots: Sequence[str], words: str | None, default: ast.expr | None) -> dict[str, Any]:
    if item.annotation is None:
        raise module.problem(item, f"parameter `{item.arg}` has no annotation", f"write its type, as in `{item.arg}: str`")
    schema = annotation_schema(item.annotation, module, roots)
    if words:
        schema = {**schema, "description": words}
    plain, value = literal(default) if default is not None else (False, None)
    return {**schema, "default": value} if plain and value is not None else schema


def _defaults(node: Function) -> dict[str, ast.expr]:
    """Return the parameters that have a default, with it."""
    positional = [*node.args.posonlyargs, *node.args.args]
    found = dict(zip((item.arg for item in positional[len(positional) - len(node.args.defaults) :]), node.args.defaults, strict=True))
    pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return found | {item.arg: default for item, default in pairs if default is not None}
