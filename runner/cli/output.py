"""What `run` prints: one class per output format. Each is the channel of a run nobody sits at, and shows its end."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from runner.channel import Headless
from runner.cli import show
from runner.cli.terminal import lines
from runner.errors import AgentRunError, stop_reason
from runner.executor.result import RunError, RunResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.app.live import LiveAgent
    from runner.events import Event


class Output(Headless):
    """Text: the answer on standard output; tool calls (on a terminal), sources and what went wrong on standard error."""

    def __init__(self, agent: str, *, yes: bool = False, quiet: bool = False) -> None:
        super().__init__(yes=yes)
        self.agent = agent
        self.stop: Callable[[], None] = lambda: None
        self.session = ""
        self.run = ""
        self._quiet = quiet
        self._narrator = lines.Narrator(tools=sys.stderr is not None and sys.stderr.isatty())

    def emit(self, event: Event) -> None:
        """Tell on standard error what a person wants to know while waiting; remember where it happens, in case it breaks."""
        self.session, self.run = event.session, event.run
        if not self._quiet and (line := self._narrator.line(event)):
            show.note(line)

    def opened(self, live: LiveAgent) -> None:
        """Tell what opening the agent had to warn of."""
        for warning in () if self._quiet else live.warnings:
            show.note(f"warning: {warning}")

    def finished(self, result: RunResult) -> None:
        """Print the answer, its sources, and why a run that is not done stopped."""
        if result.result or result.stop_reason == "done":
            show.answer(result.result)
        if not self._quiet:
            for line in lines.sources(result):
                show.note(line)
        for line in lines.ending(result):
            show.note(line)

    def refused(self, error: AgentRunError) -> None:
        """Tell of a run that never began."""
        show.error(error)

    def broke(self, message: str) -> None:
        """Tell of a bug of ours; the border has done it for people."""


class JsonOutput(Output):
    """One JSON object on standard output for every end but usage errors and interruption."""

    def finished(self, result: RunResult) -> None:
        """Print the result as one JSON object."""
        if result.stop_reason != "interrupted":
            self._print(result)
        for line in lines.ending(result):
            show.note(line)

    def refused(self, error: AgentRunError) -> None:
        """Print a result that tells the error, then the error for people."""
        self._print(self._failed(stop_reason(error), RunError(error.kind, error.message, error.hint)))
        show.error(error)

    def broke(self, message: str) -> None:
        """Print a result that tells of a bug of ours."""
        self._print(self._failed("failed", RunError("bug", message)))

    def _failed(self, reason: str, error: RunError) -> RunResult:
        return RunResult(session_id=self.session, run_id=self.run, agent=self.agent, stop_reason=reason, error=error)

    def _print(self, result: RunResult) -> None:
        write_line(result.to_data())


class StreamOutput(JsonOutput):
    """One JSON event per line as it happens; the last line is the result."""

    watched = True

    def __init__(self, agent: str, *, yes: bool = False, quiet: bool = False) -> None:
        super().__init__(agent, yes=yes, quiet=quiet)
        self._gone = False

    def emit(self, event: Event) -> None:
        """Print the event; when the reader has gone, stop the run."""
        from runner.events import to_data

        super().emit(event)
        if self._gone:
            return
        try:
            write_line(to_data(event))
        except BrokenPipeError:
            self._leave()
        except AgentRunError as error:
            show.error(error)
            self._leave()

    def _leave(self) -> None:
        self._gone = True
        show.mute(show.out())
        self.stop()

    def _print(self, result: RunResult) -> None:
        if not self._gone:
            write_line({"v": 1, "kind": "result", **result.to_data()})


def output(form: str, agent: str, *, yes: bool, quiet: bool) -> Output:
    """Return the output of a format."""
    kind = {"json": JsonOutput, "stream-json": StreamOutput}.get(form, Output)
    return kind(agent, yes=yes, quiet=quiet)


def write_line(data: Any) -> None:
    """Write one line of JSON to standard output at once."""
    show.put(json.dumps(data, ensure_ascii=False, default=str, separators=(",", ":")) + "\n")
