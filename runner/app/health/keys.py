"""The project and the variables it names: what is defined, what is wrong with it, which keys are set and where. Never a value."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.app.health.check import Check
from runner.errors import SecretError
from runner.secrets import DotenvFile, Environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from runner.compiler.survey import Survey, Variable


def dotenv(found: Survey) -> Path | None:
    """Return the `.env` file that the project names, None when it names none."""
    secrets: Mapping[str, Any] = found.project.get("secrets") or {}
    return found.root / Path(secrets["dotenv"]).expanduser() if secrets.get("dotenv") else None


def project(found: Survey) -> Check:
    """Return what the project around this folder defines, and whether that can run."""
    counts = [_count(number, kind) for kind, number in found.counts.items() if number]
    errors = sum(finding.severity == "error" for finding in found.findings)
    warnings = len(found.findings) - errors
    if not counts and not found.project and not found.findings:
        return Check("project", "ok", f"none here ({found.root}): the agents that ship with agent-run can be used")
    detail = f"{found.root}: {', '.join(counts) or 'no definitions'}"
    if errors or warnings:
        trouble = ", ".join(_count(number, word) for number, word in ((errors, "error"), (warnings, "warning")) if number)
        return Check("project", "fail" if errors else "warn", f"{detail}; {trouble}", "`agent-run validate` shows them")
    return Check("project", "ok", detail)


def variables(found: Survey) -> Iterator[Check]:
    """Yield, for each variable that the project names, whether and where it is set; and how the `.env` file is."""
    path = dotenv(found)
    file = DotenvFile(path) if path else None
    if path and file:
        check = _file(path, file)
        yield check
        file = None if check.status == "fail" else file
    for variable in found.variables:
        if not variable.vendor:
            yield _variable(variable, _where(variable.name, file, path), path)


def vendors(found: Survey, *, local: bool) -> Check:
    """Return which vendors' keys `model: auto` would find; `local`: there is a model server on this machine."""
    path = dotenv(found)
    file = DotenvFile(path) if path else None
    try:
        where = {variable.name: _where(variable.name, file, path) for variable in found.variables if variable.vendor}
    except SecretError:
        where = {variable.name: _where(variable.name, None, None) for variable in found.variables if variable.vendor}
    there = [f"{name} set in {place}" for name, place in where.items() if place]
    absent = [name for name, place in where.items() if not place]
    detail = "; ".join([*there, f"not set: {', '.join(absent)}" if absent else ""]).strip("; ")
    if there or local:
        return Check("model keys", "ok", detail or "none is set; there is a model server on this machine")
    mend = f"{f'set one of them: export {absent[0]}=…; or ' if absent else ''}start a model server on this machine, for example ollama"
    if found.auto:
        return Check("model keys", "fail", f"{detail}; an agent asks for `model: auto`", mend)
    return Check("model keys", "ok", f"{detail}; no agent here needs one", mend)


def _variable(variable: Variable, where: str | None, path: Path | None) -> Check:
    name = f"key {variable.name}" if variable.kind == "secret" else f"variable {variable.name}"
    if where:
        return Check(name, "ok", f"set in {where} ({variable.source})")
    if variable.default:
        return Check(name, "ok", f"not set, its default holds ({variable.source})")
    mend = f"export {variable.name}=…" + (f", or put {variable.name}=… into {path}" if path else "")
    if variable.needed:
        return Check(name, "fail", f"not set ({variable.source})", mend)
    return Check(name, "warn", f"not set; no agent of the project needs it ({variable.source})", mend)


def _where(name: str, file: DotenvFile | None, path: Path | None) -> str | None:
    if Environment().get(name):
        return "the environment"
    return str(path) if file and file.get(name) else None


def _file(path: Path, file: DotenvFile) -> Check:
    if not path.exists():
        return Check("secrets file", "warn", f"{path} does not exist", "make it, with lines like KEY=VALUE, or drop `secrets: {dotenv: …}`")
    try:
        file.get("")
    except SecretError as error:
        return Check("secrets file", "fail", error.message, error.hint or "")
    if path.stat().st_mode & 0o077:
        return Check("secrets file", "warn", f"others can read {path}", f"chmod 600 {path}")
    return Check("secrets file", "ok", str(path))


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
