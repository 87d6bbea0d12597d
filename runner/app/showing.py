"""What an agent is, for people: its picture, and its definition with every value's origin. It need not be able to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.app import Options
    from runner.compiler.drawing.picture import Picture
    from runner.compiler.origins import Resolved
    from runner.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Looked:
    """The findings in what an agent reaches, and the texts they are about."""

    findings: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def failed(self) -> bool:
        """True when one of the findings is an error."""
        return any(finding.severity == "error" for finding in self.findings)


def picture(agent: str, options: Options) -> tuple[Picture | None, Looked]:
    """Return the picture of an agent, None when its definitions have errors. Raises ConfigError or UsageError when it is not there."""
    from runner.compiler import compile as compiler
    from runner.compiler.drawing.picture import picture_of

    world, name, findings = compiler.look_at(agent, cwd=options.workspace, project=options.project, profile=options.profile)
    looked = Looked(findings, world.texts.sources)
    return None if looked.failed else picture_of(world.library, name), looked


def resolved(agent: str, options: Options) -> tuple[tuple[Resolved, ...], Looked]:
    """Return an agent's definition and the project's, resolved; none when they have errors. Raises like `picture`."""
    from runner.compiler import compile as compiler
    from runner.compiler.origins import resolve

    world, name, findings = compiler.look_at(agent, cwd=options.workspace, project=options.project, profile=options.profile)
    looked = Looked(findings, world.texts.sources)
    return () if looked.failed else resolve(world.library, name), looked
