"""Checks definitions for `validate`: every rule, the comments that silence, and on request which variables are set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from runner.app import Options, Validation
    from runner.compiler.fixes import Mending
    from runner.compiler.reading import Reading, World
    from runner.diagnostics import Diagnostic


def check(
    paths: Sequence[Path], options: Options, *, require_env: bool = False, edited: Mapping[Path, bytes] | None = None
) -> tuple[Validation, Reading]:
    """Return what is found in definitions, and the reading it was found in.

    `require_env`: a variable or secret that is not set is a finding; its value is looked at for nothing else. `edited`: contents that
    stand in for those of files. Raises UsageError for a path that does not exist.
    """
    from runner.app import Validation
    from runner.compiler import compile as compiler
    from runner.compiler.catalogue import catalogue
    from runner.compiler.environment import missing
    from runner.compiler.ignore import silence

    reading = compiler.read(paths, root=options.project, profile=options.profile, edited=edited)
    findings = list(compiler.check_all(reading))
    if require_env:
        findings += missing(reading, _is_set())
    named = [compiler.needs(world.library) for world in reading.worlds]
    environment, secrets = (tuple(sorted({name for each in named for name in each[kind]})) for kind in (0, 1))
    checked = dict.fromkeys(document.file for world in reading.worlds for document in world.documents if document.asked)
    told = silence(findings, reading, catalogue())
    return Validation(reading.files, told, environment, secrets, reading.sources, tuple(checked)), reading


def _is_set() -> Callable[[World, str], bool]:
    """Return what tells whether a name has a value in the environment, or in the file that the root's project names."""
    from runner.secrets import Secrets

    known: dict[int, Secrets] = {}

    def is_set(world: World, name: str) -> bool:
        if id(world) not in known:
            known[id(world)] = Secrets(_dotenv(world))
        return known[id(world)].has(name)

    return is_set


def _dotenv(world: World) -> Path | None:
    data: Mapping[str, Any] = world.library.project.data if world.library.project else {}
    settings = data.get("secrets")
    named: Any = cast("Mapping[str, Any]", settings).get("dotenv") if isinstance(settings, dict) else None
    return world.library.root / named if isinstance(named, str) else None


def mend(paths: Sequence[Path], options: Options) -> tuple[Mending, tuple[Path, ...]]:
    """Return what can be mended for certain, and the roots that it may be written below; nothing is written."""
    from runner.compiler.fixes import mend as mending

    roots: set[Path] = set()

    def again(edited: Mapping[Path, bytes]) -> tuple[Sequence[Diagnostic], Reading]:
        validation, reading = check(paths, options, edited=edited)
        roots.update(world.library.root for world in reading.worlds)
        return validation.findings, reading

    return mending(again), tuple(sorted(roots))
