"""How a run ended: the value that `run` prints as JSON and `run.stopped` stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from runner.errors import EXIT_CODES
from runner.messages import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a run did not finish: a stable `kind`, one line, and what to do next."""

    kind: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """The end of a run. `cost` is dollars, None when unknown. `denied` names the tools that were denied. `output` is the answer as data."""

    session_id: str
    run_id: str
    agent: str
    stop_reason: str
    result: str = ""
    output: Any = None
    error: RunError | None = None
    usage: Usage = Usage()
    cost: float | None = None
    duration_ms: int = 0
    turns: int = 0
    tool_calls: int = 0
    denied: tuple[str, ...] = ()
    model: str = ""
    citations: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """The process exit code of this end."""
        return EXIT_CODES.get(self.stop_reason, 1)

    def to_data(self) -> dict[str, Any]:
        """Return the JSON form, every key always present."""
        error = self.error and {"kind": self.error.kind, "message": self.error.message, "hint": self.error.hint}
        usage = {name: getattr(self.usage, name) for name in ("input", "output", "cached", "reasoning")}
        return {
            "result": self.result,
            "output": self.output,
            "stop_reason": self.stop_reason,
            "error": error,
            "session_id": self.session_id,
            "run_id": self.run_id,
            "usage": usage,
            "cost": self.cost,
            "duration_ms": self.duration_ms,
            "turns": self.turns,
            "tool_calls": self.tool_calls,
            "denied": list(self.denied),
            "agent": self.agent,
            "model": self.model,
        }


def from_data(data: Mapping[str, Any]) -> RunResult:
    """Return the result that `to_data` wrote."""
    values = {name: data[name] for name in data if name not in ("error", "usage", "denied")}
    error = data.get("error")
    return RunResult(
        **values, error=RunError(**error) if error else None, usage=Usage(**data["usage"]), denied=tuple(data.get("denied", ()))
    )
