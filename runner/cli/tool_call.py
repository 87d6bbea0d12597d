"""What `tools call` takes and gives: arguments from flags, files and standard input; the result as text, JSON or a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from runner.cli import show
from runner.cli.inputs import MOST_BYTES
from runner.cli.output import write_line
from runner.cli.terminal.clean import clean_line
from runner.errors import EXIT_CODES, AgentRunError, UsageError, stop_reason
from runner.messages import citation_data

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runner.app.calling import Called

Typed = tuple[str | None, tuple[tuple[str, str], ...]]
"""The text of `--args`, and the name and text of each `--arg`."""


def given(args: str | None, pairs: Sequence[str]) -> Typed:
    """Return what was typed, files and standard input read. Raises UsageError for what cannot be read or is given twice."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--arg `{clean_line(pair)}`: write NAME=VALUE, or NAME=@FILE for what a file holds")
        if name in found:
            raise UsageError(f"--arg `{clean_line(name)}` is given twice")
        found[name] = _read(text[1:], f"--arg {name}") if text.startswith("@") else _well_formed(text)
    return _args(args), tuple(found.items())


def carry_out(form: str, work: Callable[[], Called], out: Path | None) -> int:
    """Make the call, show how it ended and return the exit code. Raises UsageError, and in text every other error too."""
    try:
        done = work()
    except UsageError:
        raise
    except AgentRunError as error:
        if form == "json":
            _put(error.message, stop_reason(error))
        raise
    written = _written(done, out) if out else []
    if form == "json":
        _put(done.text, done.stop_reason, done, written)
    elif done.stop_reason == "done" and not out and (done.text or not done.files):
        show.answer(done.text)
    _tell(done, written)
    return EXIT_CODES[done.stop_reason]


def refused(message: str) -> None:
    """Print the JSON of a call that met a bug of ours."""
    _put(message, "failed")


def _tell(done: Called, written: list[str]) -> None:
    """Say on standard error what standard output does not hold."""
    if done.stop_reason != "done":
        show.problem(done.text)
    for name in written:
        show.note(f"wrote {name}")
    if not written:
        for part, data in done.files:
            show.note(f"a file: {clean_line(part.name)} ({clean_line(part.media_type)}, {len(data)} bytes); --out FILE keeps it")


def _put(text: str, reason: str, done: Called | None = None, written: Sequence[str] = ()) -> None:
    files = [
        {"name": part.name, "media_type": part.media_type, "bytes": len(data), "path": written[at] if at < len(written) else None}
        for at, (part, data) in enumerate(done.files if done else ())
    ]
    write_line(
        {
            "result": text,
            "data": done.data if done else None,
            "citations": [citation_data(citation) for citation in done.citations] if done else [],
            "files": files,
            "is_error": reason != "done",
            "stop_reason": reason,
            "duration_ms": done.duration_ms if done else 0,
        }
    )


def _written(done: Called, out: Path) -> list[str]:
    """Write the files of a result, or its text when it has none, and return the paths; further files get `-2`, `-3` …."""
    if done.stop_reason != "done":
        return []
    bodies = [data for _, data in done.files] or [done.text.encode("utf-8", "replace")]
    paths = [out if at == 0 else out.with_stem(f"{out.stem}-{at + 1}") for at in range(len(bodies))]
    try:
        for path, data in zip(paths, bodies, strict=True):
            path.write_bytes(data)
    except OSError as error:
        raise AgentRunError(f"cannot write `{out}`: {(error.strerror or str(error)).lower()}") from None
    return [str(path) for path in paths]


def _args(text: str | None) -> str | None:
    if text == "-":
        return _decoded(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input")
    if text is not None and text.startswith("@"):
        return _read(text[1:], "--args")
    return None if text is None else _well_formed(text)


def _read(name: str, flag: str) -> str:
    try:
        with Path(name).expanduser().open("rb") as file:
            return _decoded(file.read(MOST_BYTES + 1), f"`{name}`")
    except OSError as error:
        raise UsageError(f"{flag}: cannot read `{clean_line(name)}`: {(error.strerror or str(error)).lower()}") from None


def _decoded(data: bytes, what: str) -> str:
    if len(data) > MOST_BYTES:
        raise UsageError(f"{what} is larger than {MOST_BYTES // 2**20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{what} is not UTF-8 text") from None


def _well_formed(text: str) -> str:
    """Replace what is no Unicode: bytes of an argument that were not UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
