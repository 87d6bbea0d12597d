"""Who holds a lease, in words that also tell whether that process still lives. Knows processes, no store."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from pathlib import Path

_HOLDER = re.compile(r"process (?P<pid>\d+) on (?P<host>\S+) \[(?P<place>[0-9a-f]+)-(?P<start>\d+)\](?: #\w+)?")


def this_process() -> str:
    """Return the holder's name of this process: `process PID on HOST [place-start]`."""
    pid = os.getpid()
    return f"process {pid} on {socket.gethostname()} [{_place()}-{_start(pid)}]"


def is_gone(holder: str) -> bool:
    """True when the holder is a process of this very machine (and process namespace) that has ended; False when nobody can tell."""
    found = _HOLDER.fullmatch(holder)
    if found is None or found["host"] != socket.gethostname() or found["place"] != _place():
        return False
    pid = int(found["pid"])
    return not _exists(pid) or _start(pid) != int(found["start"])


def _place() -> str:
    """Return a mark of this boot of this machine and of the namespace its process numbers belong to."""
    try:
        text = Path("/proc/sys/kernel/random/boot_id").read_text("ascii") + str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        text = socket.gethostname()
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _start(pid: int) -> int:
    """Return when a process started (clock ticks since boot), 0 where the system does not say: numbers of ended processes are used again."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return 0


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
