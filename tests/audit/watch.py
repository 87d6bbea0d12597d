"""Runs `agent-run ARGUMENTS…` in this process and writes to stderr, one line each, what it did to the world.

`socket …`, `process …`, `import FILE` for code below the folders of `WATCHED`, `variable NAME` for every variable whose value was read.
With `WATCH_DEED` it does that deed as well: a watch that sees nothing proves nothing.
"""

from __future__ import annotations

import os
import sys
from typing import Any

PROCESS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec", "pty.spawn")
SEEN: list[str] = []


class Variables(dict[Any, Any]):
    """The map beneath `os.environ` and `os.environb`: it notes whose values are asked for."""

    def __getitem__(self, key: Any) -> Any:
        SEEN.append(f"variable {os.fsdecode(key)}")
        return super().__getitem__(key)


def main() -> None:
    """Watch from before the first import of ours to the exit."""
    folders = tuple(os.environ["WATCHED"].split(os.pathsep))
    deed = os.environ.get("WATCH_DEED")
    os.environ._data = os.environb._data = Variables(os.environ._data)  # type: ignore[attr-defined]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket."):
            SEEN.append(f"socket {event}")
        elif event in PROCESS:
            SEEN.append(f"process {event}")
        elif event == "exec" and getattr(arguments[0], "co_filename", "").startswith(folders):
            SEEN.append(f"import {arguments[0].co_filename}")

    sys.addaudithook(hook)
    try:
        if deed:
            exec(deed)
        from runner.cli import main as run

        sys.argv = ["agent-run", *sys.argv[1:]]
        run()
    finally:
        sys.stderr.write("\n".join(["", "== watched", *SEEN]))


main()
