"""Turns what a person gave on a command line – text, values, paths – into the inputs of a run."""

from __future__ import annotations

import asyncio
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import shapes
from runner.errors import UsageError
from runner.messages import FilePart

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    PutBlob = Callable[[bytes], Awaitable[str]]


async def values(
    inputs: Mapping[str, Any], files: Sequence[Path], *, kept: Mapping[str, Any], schema: Mapping[str, Any], put_blob: PutBlob
) -> dict[str, Any]:
    """Return the inputs of a run: those of the session so far (`kept`), the given ones with the message, the attached files.

    A path is a file for a `file` input and its text for any other. Raises UsageError for a file that cannot be read or a value that does not fit.
    """
    given = {name: await _value(name, value, schema, put_blob) for name, value in inputs.items()}
    known = {name: value for name, value in kept.items() if name not in ("message", "files")}
    found = {**known, **given}
    shown = {name: value.name if isinstance(value, FilePart) else value for name, value in found.items()}
    if problems := shapes.check(schema, shown):
        raise UsageError("; ".join(problem.message for problem in problems), hint="give inputs with --input name=value")
    attached = [await _file(path, put_blob) for path in files]
    return {**found, **({"files": attached} if attached else {})}


async def _value(name: str, value: Any, schema: Mapping[str, Any], put_blob: PutBlob) -> Any:
    if not isinstance(value, Path):
        return value
    if _is_file(schema.get("properties", {}).get(name, {})):
        return await _file(value, put_blob)
    data = await _read(value)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            f"`{value}` for input `{name}` is not UTF-8 text", hint="declare the input as `file` to pass it as it is"
        ) from None


async def _file(path: Path, put_blob: PutBlob) -> FilePart:
    data = await _read(path)
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return FilePart(path.name, media_type, await put_blob(data), str(path))


async def _read(path: Path) -> bytes:
    try:
        return await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {error.strerror or error}") from None


def _is_file(schema: Mapping[str, Any]) -> bool:
    return str(schema.get("format", "")).startswith("file")
