"""Where sessions and indexes live: whether it can be opened and written, is whole, and is closed to others. Makes nothing that is not there."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import registry
from runner.app.health.check import Check
from runner.app.places import data_dir, store_location
from runner.errors import AgentRunError, StoreError

if TYPE_CHECKING:
    from runner.app import Options
    from runner.compiler.survey import Survey
    from runner.stores import Store

_CREDENTIALS = re.compile(r"//[^@/\s]*@")
_MOST = 10_000
_LARGE = 512 * 1024 * 1024
_OTHER = "choose another with `store:` in agent-run.yaml, or --store"


async def store(found: Survey, options: Options) -> Check:
    """Return how the session store is: where, how large, how many sessions, whether it is whole."""
    location = store_location(str(options.store or found.project.get("store") or "sqlite"), found.root)
    if location == "memory":
        return Check("store", "ok", "memory: sessions are forgotten when a command ends")
    path = None if "://" in location else Path(location)
    return _to_be_made(path) or await _opened(_CREDENTIALS.sub("//…@", location), location, path)


async def _opened(shown: str, location: str, path: Path | None) -> Check:
    opened: Store | None = None
    try:
        opened = registry.open_store(location)
        await opened.open()
        sessions = len(await opened.list(limit=_MOST))
        size = _bytes(path)
        trouble = await _trouble(opened) if size is None or size <= _LARGE else ""
    except (AgentRunError, OSError) as error:
        message = _CREDENTIALS.sub("//…@", str(error))
        return Check("store", "fail", message, getattr(error, "hint", None) or _OTHER)
    finally:
        if opened is not None:
            with suppress(StoreError):
                await opened.close()
    if trouble:
        return Check("store", "fail", f"{shown} is damaged: {trouble}", f"`sqlite3 {shown} .recover` may save it; or {_OTHER}")
    count = f"{sessions} session{'' if sessions == 1 else 's'}" if sessions < _MOST else f"{_MOST} sessions or more"
    return Check("store", "ok", f"{shown}: {count}" + (f", {_size(size)}" if size is not None else "") + ", writable")


async def _trouble(opened: Store) -> str:
    """Ask a store that can tell whether it is whole."""
    check: Any = getattr(opened, "check", None)
    return await check() if check else ""


def _bytes(path: Path | None) -> int | None:
    return path.stat().st_size if path else None


def _to_be_made(path: Path | None) -> Check | None:
    """Return whether a file that is not there can be made; None for one that is."""
    if path is None or path.exists():
        return None
    folder = _existing(path.parent)
    if folder.is_dir() and os.access(folder, os.W_OK):
        return Check("store", "ok", f"{path}: made with the first session")
    return Check("store", "fail", f"{path} cannot be made: {folder} cannot be written", f"mend its permissions, or {_OTHER}")


def data_folder() -> Check:
    """Return how the folder of indexes and default sessions is: writable, and only by its owner."""
    folder = data_dir()
    if not folder.exists():
        parent = _existing(folder)
        if parent.is_dir() and os.access(parent, os.W_OK):
            return Check("data folder", "ok", f"{folder}: made when it is first needed")
        return Check("data folder", "fail", f"{folder} cannot be made: {parent} cannot be written", "set AGENT_RUN_DATA_DIR")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Check("data folder", "fail", f"{folder} cannot be written", "mend its permissions, or set AGENT_RUN_DATA_DIR")
    if folder.stat().st_mode & 0o077:
        return Check("data folder", "warn", f"others can look into {folder}", f"chmod 700 {folder}")
    return Check("data folder", "ok", str(folder))


def _existing(path: Path) -> Path:
    return next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))


def _size(number: int) -> str:
    return f"{number / 2**20:.1f} MiB" if number >= 2**20 else f"{number / 1024:.0f} KiB"
