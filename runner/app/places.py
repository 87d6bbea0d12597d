"""Where agent-run keeps its own data, and what a `store:` value means."""

from __future__ import annotations

import os
from pathlib import Path


def data_dir() -> Path:
    """Return the user's data folder: `AGENT_RUN_DATA_DIR`, else the platform's. It need not exist yet."""
    if given := os.environ.get("AGENT_RUN_DATA_DIR"):
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("agent-run", appauthor=False)


def store_location(store: str, root: Path) -> str:
    """Return what the store plug-in opens: `sqlite` is a file in the data folder, a relative path starts at the project root."""
    if store == "sqlite":
        return str(data_dir() / "sessions.db")
    if store == "memory" or "://" in store:
        return store
    return str(root / Path(store).expanduser())
