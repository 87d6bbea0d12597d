"""Imports a user's module when a run opens it, and says in one line where it failed. Standard library only."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from runner.errors import ConfigError

if TYPE_CHECKING:
    from runner.tools._python_source import Module


def load(module: Module, name: str) -> Any:
    """Return a name of a module, imported from exactly the file that was read. Raises ConfigError.

    The module's folder joins `sys.path` at its end: a project's file cannot stand in for the standard library or an installed package.
    """
    base = str(module.base)
    if base not in sys.path:
        sys.path.append(base)
    loaded, error = _imported(module.name)
    if error is not None:
        place = _place(error, base) or f"{module.file}:1"
        raise ConfigError(f"{place}: importing `{module.name}` fails: {type(error).__name__}: {error}", hint=_hint(error)) from error
    actual = getattr(loaded, "__file__", None)
    if actual is None or os.path.realpath(actual) != os.path.realpath(module.path):
        raise ConfigError(
            f"{module.file}:1: another module is called `{module.name}`: {actual or 'a built-in one'}",
            hint="rename the project's file; it cannot stand in for an installed module",
        )
    return getattr(loaded, name)


def _imported(name: str) -> tuple[Any, BaseException | None]:
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name), None
    except (Exception, SystemExit) as error:  # noqa: BLE001 – the border: importing runs a user's code, which may raise anything
        return None, error


def _place(error: BaseException, base: str) -> str | None:
    """Return `file:line` of the deepest frame of the user's own files."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 1}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(base + os.sep)]
    return f"{os.path.relpath(frames[-1].filename)}:{frames[-1].lineno}" if frames else None


def _hint(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install `{error.name}` into the environment that runs agent-run, or list its root in the project's `python:`"
    return None
