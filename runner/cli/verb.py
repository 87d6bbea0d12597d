"""How typer's parameters become values here: text, numbers, paths and choices, without the pydantic adapters typer would load.

`validate` and `--help` must start fast; typer's own conversion imports pydantic at the first option it meets.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup


class Verb(TyperCommand):
    """A typer command whose parameters are converted by `convert`."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, `--help` included, with our conversion."""
        return _with_our_conversion(super().get_params(ctx))


class Group(TyperGroup):
    """A typer group whose own options are converted by `convert`."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, `--help` included, with our conversion."""
        return _with_our_conversion(super().get_params(ctx))


def _with_our_conversion(parameters: list[Any]) -> list[Any]:
    """Put our converter where typer would build its pydantic adapter."""
    for parameter in parameters:
        if descriptor := getattr(parameter, "type_descriptor", None):
            parameter.get_runtime_param = _Converter(descriptor).itself
    return parameters


class _Converter:
    """Stands where typer keeps its pydantic adapter: one method `coerce`."""

    def __init__(self, descriptor: Any) -> None:
        self._annotation: Any = descriptor.annotation
        self._choices: tuple[str, ...] = tuple(str(choice) for choice in descriptor.choices or ())

    def itself(self) -> _Converter:
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        many = get_origin(self._annotation) is list
        if value is None:
            return () if many else None
        try:
            if many:
                (item_type,) = get_args(self._annotation)
                return [convert(item, item_type, self._choices) for item in value]
            return convert(value, self._annotation, self._choices)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from None


def convert(value: Any, annotation: Any, choices: tuple[str, ...] = ()) -> Any:
    """Return a command-line word as the annotated type. Raises ValueError with one line for a person."""
    if choices:
        return _choice(str(value), choices)
    if annotation is bool:
        return bool(value)
    if annotation is int:
        return _integer(value)
    return Path(value) if annotation is Path else value


def _choice(value: str, choices: tuple[str, ...]) -> str:
    if value in choices:
        return value
    near = difflib.get_close_matches(value, choices, n=1)
    suffix = f"; did you mean `{near[0]}`?" if near else ""
    raise ValueError(f"`{value}` is not one of {', '.join(choices)}{suffix}")


def _integer(value: Any) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"`{value}` is not a whole number") from None
