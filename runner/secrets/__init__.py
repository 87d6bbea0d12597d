"""Secrets by name: looked up, registered with `redact`, never shown.

`Secrets` asks its sources in order: the environment, then the project's `.env` file when the project says so. A source is anything
with `get(name)` and `place`; the operating system's keyring and an encrypted file are further sources, not further classes.
"""

from __future__ import annotations

import logging
import os
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from runner.errors import SecretError
from runner.redact import SHORTEST, register
from runner.secrets import dotenv as _dotenv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_log = logging.getLogger("runner.secrets")


class Source(Protocol):
    """A place that may hold secrets."""

    @property
    def place(self) -> str:
        """How a person puts a value there, with `NAME` for its name: `export NAME=…`."""
        ...

    def get(self, name: str) -> str | None:
        """Return the value; None or "" when it is not set there. Raises SecretError when the place cannot be read."""
        ...


class Environment:
    """The environment variables of this process."""

    place = "export NAME=…"

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def get(self, name: str) -> str | None:
        """Return the variable's value."""
        return self._variables.get(name)


class DotenvFile:
    """A `.env` file, read when first asked; a file that does not exist is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.place = f"NAME=… in {path}"

    @cached_property
    def _values(self) -> dict[str, str]:
        return _dotenv.read(self._path)

    def get(self, name: str) -> str | None:
        """Return the value in the file."""
        return self._values.get(name)


class Secrets:
    """Finds secrets and environment values by name. Empty counts as unset."""

    def __init__(self, dotenv: Path | None = None, *, sources: Sequence[Source] | None = None) -> None:
        """`dotenv` is the file that the project's `secrets: {dotenv: …}` names; `sources` replaces both usual places."""
        usual: list[Source] = [Environment(), *([DotenvFile(dotenv)] if dotenv else [])]
        self._sources = tuple(usual if sources is None else sources)

    def get(self, name: str) -> str:
        """Return a secret's value, known to `redact` before anyone sees it. Raises SecretError when it is not set."""
        value = self._find(name)
        if value is None:
            raise SecretError(f"secret `{name}` is not set", hint=f"set it: {self._places(name)}")
        if not register(value, name):
            _log.warning("secret `%s` has fewer than %d characters: it cannot be kept out of logs and output", name, SHORTEST)
        return value

    def has(self, name: str) -> bool:
        """Tell whether a name has a value that is not empty."""
        return self._find(name) is not None

    def environment(self, name: str) -> str | None:
        """Return an environment value for an ordinary field, None when unset; in a credential field it is a secret: use `get`."""
        return self._find(name)

    def _find(self, name: str) -> str | None:
        return next((value for source in self._sources if (value := source.get(name))), None)

    def _places(self, name: str) -> str:
        return ", or ".join(source.place.replace("NAME", name) for source in self._sources)
