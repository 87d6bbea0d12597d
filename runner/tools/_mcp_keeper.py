"""Stands between us and one MCP server on stdio, as a process of its own: run by path, never imported by the program.

It passes messages on, drops what is no JSON object from the server's standard output, keeps the end of its standard error, and leaves
nothing behind: when its own standard input ends or its parent is gone, however that died, the server and all that it started are
ended too. When it is done it writes one JSON object `{status, why, tail}` to its standard error. Knows nothing of MCP.

`python -I -S _mcp_keeper.py PARENT_PID COMMAND…`. Standard library only, and little of it: a process that starts in a few milliseconds.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes of one message; a server that writes a longer one is ended."""

_TAIL = 8 * 1024
_FULL = 1024 * 1024
_CHUNK = 64 * 1024
_TICK = 0.5
_GRACE = 0.7
_GRACE_AFTER_TERM = 0.4
_STDERR_A_SECOND = 4 * 1024 * 1024
_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36


class _Hurry(Exception):
    """We were asked to end now."""


class Keeper:
    """One server's process and the three pipes to it."""

    def __init__(self, command: list[str], parent: int) -> None:
        self._parent = parent
        self._child = subprocess.Popen(  # noqa: S603 – the command is the author's, run without a shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 – this process has one thread
        )
        pipes = (self._child.stdin, self._child.stdout, self._child.stderr)
        self._to_child, self._from_child, self._errors = (pipe.fileno() for pipe in pipes if pipe)
        self._open = {0, self._from_child, self._errors, self._to_child, 1}
        for fd in self._open:
            os.set_blocking(fd, False)
        self._in = bytearray()
        self._out = bytearray()
        self._line = bytearray()
        self._tail = bytearray()
        self._status: int | None = None
        self._why = ""
        self._second = (0, 0)

    def run(self) -> int:
        """Pass messages on until one side ends; return what the server's process returned."""
        try:
            while not self._over():
                self._pump(_TICK)
            self._wind_down()
        except _Hurry:
            pass
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._kill()
        self._pump(0)
        self._report()
        return 0 if self._status is None else self._status

    def _over(self) -> bool:
        self._reap()
        if os.getppid() != self._parent:
            self._open.discard(0)
        return bool(self._why) or self._status is not None or not {0, 1, self._from_child} <= self._open

    def _wind_down(self) -> None:
        """Give what is on its way a moment to arrive and the server one to leave by itself."""
        until = time.monotonic() + _GRACE
        while time.monotonic() < until and not self._why:
            self._reap()
            if 0 not in self._open and not self._in:
                self._close(self._to_child)
            if self._status is not None and (self._from_child not in self._open or not self._readable()):
                break
            self._pump(0.02)
        while self._out and 1 in self._open and time.monotonic() < until:
            self._pump(0.02)

    def _readable(self) -> bool:
        return bool(select.select([self._from_child], [], [], 0)[0])

    def _pump(self, seconds: float) -> None:
        poll = select.poll()
        for fd, wanted in self._wanted().items():
            if fd in self._open:
                poll.register(fd, wanted)
        for fd, _ in poll.poll(seconds * 1000):
            self._serve(fd)

    def _wanted(self) -> dict[int, int]:
        wanted: dict[int, int] = {}
        if len(self._in) < _FULL:
            wanted[0] = select.POLLIN
        if len(self._out) < _FULL:
            wanted[self._from_child] = select.POLLIN
        if self._may_read_errors():
            wanted[self._errors] = select.POLLIN
        if self._in:
            wanted[self._to_child] = select.POLLOUT
        if self._out:
            wanted[1] = select.POLLOUT
        return wanted

    def _may_read_errors(self) -> bool:
        """A server that floods its standard error waits; it must not keep a processor busy with us."""
        now = int(time.monotonic())
        if self._second[0] != now:
            self._second = (now, 0)
        return self._second[1] < _STDERR_A_SECOND

    def _serve(self, fd: int) -> None:
        try:
            if fd == self._to_child:
                del self._in[: os.write(fd, self._in[:_CHUNK])]
            elif fd == 1:
                del self._out[: os.write(fd, self._out[:_CHUNK])]
            else:
                self._read(fd, os.read(fd, _CHUNK))
        except BlockingIOError:
            pass
        except OSError:
            self._close(fd)

    def _read(self, fd: int, data: bytes) -> None:
        if not data:
            self._close(fd)
        elif fd == 0:
            self._in += data
        elif fd == self._errors:
            self._second = (self._second[0], self._second[1] + len(data))
            self._remember(data)
        else:
            self._take(data)

    def _take(self, data: bytes) -> None:
        *ended, rest = data.split(b"\n")
        for line in ended:
            self._pass_on(bytes(self._line + line))
            self._line.clear()
        self._line += rest
        if len(self._line) > LONGEST_LINE:
            self._why = f"it wrote a message of more than {LONGEST_LINE // 1024 // 1024} MiB"

    def _pass_on(self, line: bytes) -> None:
        if _is_object(line):
            self._out += line + b"\n"
        elif line.strip():
            self._remember(line + b"\n")

    def _remember(self, data: bytes) -> None:
        self._tail += data
        del self._tail[:-_TAIL]

    def _close(self, fd: int) -> None:
        if fd not in self._open:
            return
        self._open.discard(fd)
        if fd == self._to_child:
            self._in.clear()
        if fd == 1:
            self._out.clear()
        if fd > 2:
            os.close(fd)

    def _reap(self) -> None:
        """Take the status of the server and of what it left behind, which the kernel gives to us."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if pid == self._child.pid:
                self._status = self._child.returncode = os.waitstatus_to_exitcode(status)

    def _kill(self) -> None:
        """End the server's group and whatever else descends from us: politely, then not."""
        if self._signal(signal.SIGTERM):
            until = time.monotonic() + _GRACE_AFTER_TERM
            while self._alive() and time.monotonic() < until:
                time.sleep(0.01)
        until = time.monotonic() + 2 * _GRACE_AFTER_TERM
        while self._alive() and time.monotonic() < until:
            self._signal(signal.SIGKILL)
            time.sleep(0.01)

    def _alive(self) -> bool:
        self._reap()
        return self._status is None or bool(_descendants())

    def _signal(self, number: signal.Signals) -> bool:
        """Signal all of them; return whether there was anyone."""
        self._reap()
        found = False
        if self._status is None:
            found = _send(self._child.pid, number, group=True)
        for pid in _descendants():
            found = _send(pid, number) or found
        return found

    def _report(self) -> None:
        said = {"status": self._status, "why": self._why, "tail": self._tail.decode("utf-8", "replace")}
        os.write(2, json.dumps(said).encode())


def _is_object(line: bytes) -> bool:
    if not line.lstrip().startswith(b"{"):
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _send(pid: int, number: signal.Signals, *, group: bool = False) -> bool:
    try:
        (os.killpg if group else os.kill)(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _descendants() -> list[int]:
    """Return the processes below us (Linux; elsewhere the server's group is all we know)."""
    parents: dict[int, list[int]] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 – no pathlib: it doubles the time to start
    except OSError:
        return []
    for name in names:
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                state, parent = file.read().rpartition(b")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state != b"Z":
            parents.setdefault(int(parent), []).append(int(name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _prctl(option: int, value: int) -> None:
    """Ask Linux for a favour; elsewhere nothing happens."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _die_with_parent() -> None:
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)


def _hurry(*_: object) -> None:
    raise _Hurry


def main() -> int:
    """Run a command until it, or whoever started us, ends."""
    signal.signal(signal.SIGTERM, _hurry)
    _prctl(_SET_CHILD_SUBREAPER, 1)
    try:
        return Keeper(sys.argv[2:], int(sys.argv[1])).run() & 0xFF
    except OSError as error:
        os.write(2, json.dumps({"status": None, "why": f"it cannot be run: {error.strerror}", "tail": ""}).encode())
        return 127


if __name__ == "__main__":
    sys.exit(main())
