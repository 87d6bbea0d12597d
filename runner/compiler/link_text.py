"""Texts on their way into the graph: `${file:…}` spliced in, names of variables and secrets collected, data made plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from runner.compiler.nodes import LINE_BREAK
from runner.compiler.plain_file import read_plain, reason
from runner.errors import ConfigError
from runner.expressions import parse_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

MAX_INCLUDE = 1 << 20
"""Bytes that one included file may have."""

_DEEPEST = 10


def spliced(text: str, base: Path, root: Path, depth: int = 0) -> str:
    """Return a template with every `${file:…}` replaced by that file's text, itself a template; paths start from `base`.

    Raises ConfigError for a file that is missing, not text, too large, outside `root` (symlinks followed), or that includes itself.
    """
    if "${" not in text:
        return text
    pieces: list[str] = []
    at = 0
    for special in parse_template(text).specials():
        if special.kind == "file":
            pieces += [text[at : special.offset], _included(special.name, base, root, depth + 1)]
            at = special.end
    return "".join([*pieces, text[at:]])


def _included(name: str, base: Path, root: Path, depth: int) -> str:
    path = (base / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ConfigError(f"`{name}` is outside the project", hint=f"move it under {root}")
    if depth > _DEEPEST:
        raise ConfigError(f"`{name}` is included more than {_DEEPEST} files deep", hint="does a file include itself?")
    try:
        raw = read_plain(path, MAX_INCLUDE + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read `{name}`: {reason(error)}", hint="the path starts from the file that names it") from None
    if len(raw) > MAX_INCLUDE:
        raise ConfigError(f"`{name}` is larger than 1 MiB", hint="put large texts into a knowledge tool")
    try:
        text = LINE_BREAK.sub("\n", raw.decode())
    except UnicodeDecodeError:
        raise ConfigError(f"`{name}` is not UTF-8 text", hint="save it as UTF-8") from None
    return spliced(text, path.parent, root, depth)


def needed(values: Iterable[Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the variables and of the secrets that plain data refers to, each sorted."""
    specials = [special for text in _texts(values) if "${" in text for special in parse_template(text).specials()]
    names = {kind: sorted({special.name for special in specials if special.kind == kind}) for kind in ("env", "secret")}
    return tuple(names["env"]), tuple(names["secret"])


def plain(value: Any) -> Any:
    """Return data without positions: plain maps and lists of plain scalars."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    return str(value) if isinstance(value, str) else value


def _texts(values: Iterable[Any]) -> Iterator[str]:
    waiting: list[Any] = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(cast("Mapping[Any, Any]", value).values())
        elif isinstance(value, (list, tuple)):
            waiting.extend(cast("Iterable[Any]", value))
