"""Exit codes as words. What each means is a table in the docs; stop reasons map to them in `runner.errors.EXIT_CODES`."""

from __future__ import annotations

from runner.errors import EXIT_CODES, AgentRunError, UsageError, stop_reason

DONE = 0
FAILED = 1
FINDINGS = 1
USAGE = 2
VALIDATE_BUG = 3
INTERRUPTED = 130
BROKEN_PIPE = 141
"""What a Unix tool leaves when its reader went away (128 + SIGPIPE)."""


def of(error: AgentRunError) -> int:
    """Return the exit code that an error stands for."""
    return USAGE if isinstance(error, UsageError) else EXIT_CODES[stop_reason(error)]
