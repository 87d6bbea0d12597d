"""The whole error tree, split by who must act.

    AgentRunError
    ├── UsageError            the person at the command line: a flag, a path or an argument is wrong
    ├── ConfigError           the author: the YAML is wrong; carries diagnostics
    ├── ProviderError         the operator: the model vendor refused; never retried
    │   ├── AuthError             key missing or refused (401, 403)
    │   ├── QuotaError            no money or quota left
    │   ├── BadRequestError       the vendor refuses the request itself (400, 404, 422)
    │   ├── ContentFiltered       the vendor's filter stopped the answer
    │   ├── ContextOverflow       the request is larger than the model's window; compacts once, then an error
    │   └── UnavailableError      every attempt failed in a way that may pass later
    ├── TransientError        nobody yet: the same call may succeed when repeated; `retry` decides
    ├── StoreError            the operator: the session store cannot read or write
    │   ├── SessionNotFound       no such session
    │   ├── SessionBusy           another process holds the session's lease
    │   └── SequenceConflict      somebody else appended first
    ├── SecretError           the operator: a secret or an environment variable is not set
    ├── ToolError             the model: told to it as the tool's result
    ├── LimitReached          the limit: a pot is empty or a loop was found
    ├── Waiting               a person who is not there must answer; the run can be resumed
    ├── Denied                the person: said no
    └── Interrupted           the person: stopped the run

Every message is one line in lower case that says what is wrong; `hint` says what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runner.diagnostics import Diagnostic

TransientKind = Literal["rate_limit", "overloaded", "unavailable", "timeout", "connection", "cut", "bad_answer"]
"""Why a call may succeed when repeated. `cut`: the stream broke off; `bad_answer`: empty or broken JSON with status 200."""


class AgentRunError(Exception):
    """Something agent-run can name. `str(error)` is one line for a person."""

    kind: str = "error"
    """A stable word for machines: the `kind` of `error` in results, steps and events."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AgentRunError):
    """The command was called wrongly. Exit code 2."""

    kind = "usage"


class ConfigError(AgentRunError):
    """Definitions are invalid. Exit code 3; `diagnostics` holds every finding, sorted."""

    kind = "config"

    def __init__(self, message: str, *, diagnostics: Sequence[Diagnostic] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.diagnostics = tuple(diagnostics)


class ProviderError(AgentRunError):
    """The model vendor refused and repeating will not help. Exit code 4."""

    kind = "provider"


class AuthError(ProviderError):
    """The key is missing, wrong or may not use this model."""

    kind = "auth"


class QuotaError(ProviderError):
    """The account has no money or quota left."""

    kind = "quota"


class BadRequestError(ProviderError):
    """The vendor refuses the request as such: unknown model, unsupported setting, malformed input."""

    kind = "bad_request"


class ContentFiltered(ProviderError):
    """The vendor's content filter stopped the answer."""

    kind = "content_filter"


class ContextOverflow(ProviderError):
    """The request does not fit the model's window."""

    kind = "context_overflow"


class UnavailableError(ProviderError):
    """Every attempt failed in a way that may pass later; `attempts` were made."""

    kind = "unavailable"

    def __init__(self, message: str, *, attempts: int = 1, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.attempts = attempts


class TransientError(AgentRunError):
    """The same call may succeed when repeated. Only `runner.retry` catches it.

    `retry_after` is the vendor's wish in seconds, or None. `step` is the scripted step that raised it, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: TransientKind,
        retry_after: float | None = None,
        step: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.retry_after = retry_after
        self.step = step


class StoreError(AgentRunError):
    """The session store cannot do its work. Exit code 4."""

    kind = "store"


class SessionNotFound(StoreError):
    """No session has that id."""

    kind = "session_not_found"


class SessionBusy(StoreError):
    """Another process holds the session's lease."""

    kind = "session_busy"


class SequenceConflict(StoreError):
    """An append expected another last sequence number: somebody else wrote first."""

    kind = "sequence_conflict"


class SecretError(AgentRunError):
    """A secret or environment variable that a run needs is not set. Exit code 4."""

    kind = "secret"


class ToolError(AgentRunError):
    """A tool failed. The message is the result the model reads."""

    kind = "tool"


class LimitReached(AgentRunError):
    """A limit of the run is used up, or a loop was found. Exit code 6.

    `stop_reason` is one of `limit.turns limit.tool_calls limit.tokens limit.cost limit.time loop`.
    """

    kind = "limit"

    def __init__(self, message: str, *, stop_reason: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.stop_reason = stop_reason


class Waiting(AgentRunError):
    """A person who is not there must answer before the run can go on. Exit code 7."""

    kind = "waiting"


class Denied(AgentRunError):
    """A person or a policy said no."""

    kind = "denied"


class Interrupted(AgentRunError):
    """A person stopped the run. Exit code 130."""

    kind = "interrupted"


EXIT_CODES: dict[str, int] = {
    "done": 0,
    "failed": 1,
    "config": 3,
    "provider": 4,
    "denied": 5,
    "limit.turns": 6,
    "limit.tool_calls": 6,
    "limit.tokens": 6,
    "limit.cost": 6,
    "limit.time": 6,
    "loop": 6,
    "waiting": 7,
    "interrupted": 130,
}
"""Exit code of `run`, `chat` and `tools call` by stop reason. Usage errors are 2 and have no stop reason."""


def stop_reason(error: AgentRunError) -> str:
    """Return the stop reason that an error which ended a run stands for."""
    match error:
        case LimitReached():
            return error.stop_reason
        case ConfigError():
            return "config"
        case ProviderError() | TransientError() | StoreError() | SecretError():
            return "provider"
        case Waiting():
            return "waiting"
        case Denied():
            return "denied"
        case Interrupted():
            return "interrupted"
        case _:
            return "failed"
