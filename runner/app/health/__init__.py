"""What `doctor` asks: is everything here that agent-run and this project need? Each answer says how to mend what is wrong.

Looks, and starts the project's MCP servers to see whether they come up; changes nothing and shows no value of a key.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from runner.app.health.check import Check
from runner.app.health.program import packages, program

if TYPE_CHECKING:
    from runner.app import Options

__all__ = ["PATIENCE", "Check", "examine"]

PATIENCE = 35.0
"""Seconds an MCP server has to come up; its plug-in gives up a little earlier and says more."""


async def examine(options: Options, *, patience: float = PATIENCE) -> tuple[Check, ...]:
    """Return all checks in the order of a report: the program, the project, its keys, servers and stores."""
    first = (*program(), *packages())
    if any(check.status == "fail" for check in first):
        return first
    from runner.app.health import keys, servers, storage
    from runner.compiler.survey import survey

    found = survey(options.workspace, options.project, options.profile)
    started, local, store = await asyncio.gather(
        servers.started(found, options, patience), servers.local(found), storage.store(found, options)
    )
    return (
        *first,
        keys.project(found),
        *keys.variables(found),
        keys.vendors(found, local=bool(local.found)),
        *started,
        local.check,
        store,
        storage.data_folder(),
    )
