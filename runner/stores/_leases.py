"""Who may write to a session: the rules of leases and fencing, for every store alike. Knows no medium."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.errors import SessionBusy
from runner.holders import is_gone
from runner.stores import Lease

if TYPE_CHECKING:
    from collections.abc import Mapping


def taken(current: Lease | None, session: str, holder: str, expires: float, now: float) -> Lease:
    """Return the lease a holder gets: its own prolonged, or a new one with a higher token. Raises SessionBusy while another's lives.

    A lease whose holder was killed on this machine need not run out first.
    """
    if current is None:
        return Lease(session, holder, 1, expires)
    if current.holder == holder:
        return Lease(session, holder, current.token, expires)
    if current.expires > now and not is_gone(current.holder):
        raise _busy(current, now)
    return Lease(session, holder, current.token + 1, expires)


def fence(current: Lease | None, token: int | None, now: float) -> None:
    """Let a writer pass: one whose lease nobody took over, or one without a lease when nobody holds any. Raises SessionBusy."""
    if current is None or current.token == token:
        return
    if token is not None:
        raise SessionBusy(
            f"the lease of session `{current.session}` was taken over by {current.holder or 'another program'}",
            hint="this run stopped writing; load the session again to go on",
        )
    if current.expires > now and not is_gone(current.holder):
        raise _busy(current, now)


def token_of(session: str, lease: Lease | None, held: Mapping[str, Lease]) -> int | None:
    """Return the fencing token of a writer: of the lease it shows, else of the one its store object handed out last."""
    shown = lease or held.get(session)
    return None if shown is None else shown.token


def _busy(current: Lease, now: float) -> SessionBusy:
    left = max(1, round(current.expires - now))
    return SessionBusy(
        f"session `{current.session}` is in use by {current.holder}",
        hint=f"stop that program, or wait: its lease ends in {left} s unless it is prolonged",
    )
