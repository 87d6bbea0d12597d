"""One answer of `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do about it. `fail`: something that agent-run or the project needs is not there."""

    check: str
    status: Status
    detail: str
    mend: str = ""
