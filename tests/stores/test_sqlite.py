"""What only the file store promises: several processes, kills, broken media, permissions, migrations."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.errors import StoreError
from runner.registry import open_store
from runner.stores import _sqlite_file as file
from runner.stores import sqlite
from runner.testing.store_contract import S, created, event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from runner.stores import Store

ROOT = Path(__file__).resolve().parents[2]
WRITER = [sys.executable, str(Path(__file__).with_name("_writer.py"))]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An opened store with one empty session."""

    async def opened() -> Store:
        fresh = open_store(str(tmp_path / "sessions.db"))
        await fresh.open()
        return fresh

    made = await created(opened)
    yield made
    await made.close()


async def refused(place: str | Path) -> StoreError:
    """Open a store that must not open; return the error, which names the place and says what to do."""
    broken = open_store(str(place))
    with pytest.raises(StoreError) as caught:
        await broken.open()
    await broken.close()
    assert "\n" not in str(caught.value)
    assert str(place) in str(caught.value)
    assert caught.value.hint
    return caught.value


async def test_a_kill_in_mid_append_loses_nothing_acknowledged(store: Store, tmp_path: Path) -> None:
    """Every number a writer printed before kill -9 is there, pairs are whole, and the store can be written at once."""
    writer = subprocess.Popen([*WRITER, str(tmp_path / "sessions.db"), "1", "100000"], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert writer.stdout
    for _ in range(20):
        assert writer.stdout.readline()
    writer.send_signal(signal.SIGKILL)
    acknowledged = int(("40\n" + writer.stdout.read()).split("\n")[-2])
    assert writer.wait() == -signal.SIGKILL
    writer.stdout.close()
    events = await store.load(S)
    assert [one.seq for one in events] == list(range(1, len(events) + 1))
    assert len(events) >= acknowledged >= 40
    assert len(events) % 2 == 0
    assert (await store.info(S)).seq == len(events)
    assert await store.append(S, len(events), [event(1)]) == len(events) + 1


async def test_two_processes_append_to_one_session(store: Store, tmp_path: Path) -> None:
    """Their pairs interleave whole; nothing is lost, doubled or numbered twice."""
    commands = [[*WRITER, str(tmp_path / "sessions.db"), name, "30"] for name in ("1", "2")]
    writers = [await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, env=ENVIRONMENT) for command in commands]
    assert [await writer.wait() for writer in writers] == [0, 0]
    events = await store.load(S)
    assert [one.seq for one in events] == list(range(1, 121))
    assert len({one.id for one in events}) == 120
    numbers = [int(one.id.split(":")[1]) for one in events]
    assert all(second == first + 1 for first, second in zip(numbers[::2], numbers[1::2], strict=True))


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    """The race to make the schema has no losers: eight openings at the same moment, twelve times."""
    for turn in range(12):
        start = threading.Barrier(8)

        def opening(path: Path, start: threading.Barrier = start) -> None:
            start.wait()
            file.connect(path).close()

        with ThreadPoolExecutor(8) as threads:
            for opened in [threads.submit(opening, tmp_path / str(turn) / "sessions.db") for _ in range(8)]:
                opened.result()


async def test_a_cancelled_append_has_happened_and_can_be_made_again(store: Store, tmp_path: Path) -> None:
    """Cancellation waits for the disk, as anybody else who looks can see; repeating the append with more events adds only those."""
    events = [event(1), event(2)]
    task = asyncio.ensure_future(store.append(S, 0, events))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with closing(sqlite3.connect(tmp_path / "sessions.db")) as other:
        assert other.execute("select count(*) from events").fetchone() == (2,)
    assert await store.append(S, 0, [*events, event(3)]) == 3


async def test_only_the_owner_can_read_file_and_folder(tmp_path: Path) -> None:
    """The conversation is nobody else's: 0600 for the files, 0700 for a folder that had to be made."""
    umask = os.umask(0)
    try:
        store = open_store(str(tmp_path / "data" / "sessions.db"))
        await store.open()
        await store.create(S, agent="a", project="/p")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
        assert modes == dict.fromkeys(("sessions.db", "sessions.db-wal", "sessions.db-shm"), 0o600)
        assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
        await store.close()
    finally:
        os.umask(umask)


async def test_deleted_words_are_not_left_in_the_file(store: Store, tmp_path: Path) -> None:
    """After `delete` neither the database nor its log has the words or the blob."""
    await store.append(S, 0, [event(1, text="a very private sentence")])
    await store.put_blob(S, b"a very private picture")
    await store.delete(S)
    assert all(b"very private" not in path.read_bytes() for path in tmp_path.iterdir())


async def test_every_append_reaches_the_disk_before_it_returns(tmp_path: Path) -> None:
    """The connection is in WAL mode with full synchronisation."""
    db = file.connect(tmp_path / "sessions.db")
    assert db.execute("pragma journal_mode").fetchone() == ("wal",)
    assert db.execute("pragma synchronous").fetchone() == (2,)
    db.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"hello, I am a letter\n" * 100, "not a session store"), (b"SQLite format 3\x00" + b"\xff" * 4000, "not a session store")],
)
async def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """Junk is named as such and left as it is."""
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    assert words in str(await refused(path))
    assert path.read_bytes() == content


async def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """Nobody's tables get ours beside them."""
    path = tmp_path / "places.sqlite"
    db = sqlite3.connect(path)
    db.execute("create table bookmarks (url text)")
    db.close()
    before = path.read_bytes()
    assert "another program" in str(await refused(path))
    assert path.read_bytes() == before


async def test_a_damaged_file_is_reported_when_it_is_met(store: Store, tmp_path: Path) -> None:
    """Pages overwritten with noise: one clear line, not a traceback, and no invented events."""
    await store.append(S, 0, [event(number, text="y" * 900) for number in range(200)])
    await store.close()
    path = tmp_path / "sessions.db"
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))
    with pytest.raises(StoreError, match="is damaged") as caught:
        await _load(path)
    assert caught.value.hint


async def _load(path: Path) -> None:
    store = open_store(str(path))
    try:
        await store.open()
        await store.load(S)
    finally:
        await store.close()


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """An old program must not write into a file it does not understand."""
    path = tmp_path / "sessions.db"
    db = file.connect(path)
    db.execute("insert into migrations values (99, 0)")
    db.close()
    error = await refused(path)
    assert "newer agent-run" in str(error)
    assert error.hint
    assert "update" in error.hint


async def test_a_file_that_another_program_locks_is_busy(tmp_path: Path) -> None:
    """SQLite's own error, told with the file's name."""
    path = tmp_path / "sessions.db"
    holder, other = file.connect(path), file.connect(path)
    holder.execute("begin immediate")
    other.execute("pragma busy_timeout = 0")
    with pytest.raises(sqlite3.OperationalError) as caught:
        other.execute("begin immediate")
    assert str(file.explained(caught.value, path)) == f"`{path}` is locked by another program"
    holder.close()
    other.close()


async def test_a_full_disk_is_told_and_the_append_undone(tmp_path: Path) -> None:
    """SQLite's own "full": a clear line; nothing half-written; smaller things go on."""
    path = tmp_path / "sessions.db"
    db = file.connect(path)
    db.execute(f"pragma max_page_count = {db.execute('pragma page_count').fetchone()[0]}")
    with pytest.raises(sqlite3.OperationalError) as caught, file.transaction(db):
        db.execute("insert into blobs values ('k', zeroblob(1000000))")
    error = file.explained(caught.value, path)
    assert str(error) == f"cannot write `{path}`: the disk is full"
    assert error.hint
    assert db.execute("select count(*) from blobs").fetchone() == (0,)
    assert not db.in_transaction
    db.close()


async def test_a_writer_that_hits_its_quota_says_so_and_loses_nothing(store: Store, tmp_path: Path) -> None:
    """A real limit on file size in a real process: exit by StoreError with one line; what it printed is there."""
    limited = await asyncio.create_subprocess_exec(
        *WRITER,
        *(str(tmp_path / "sessions.db"), "1", "100000"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
        ),
    )
    told, complaint = await limited.communicate()
    assert limited.returncode == 4, complaint
    assert complaint.decode().count("\n") == 1
    assert str(tmp_path / "sessions.db") in complaint.decode()
    acknowledged = int(told.split()[-1])
    assert len(await store.load(S)) >= acknowledged > 0


async def test_places_that_cannot_hold_a_file_are_refused(tmp_path: Path) -> None:
    """A folder, a path through a file, a name with a NUL, a file system that takes no files."""
    (tmp_path / "letter").write_text("x")
    assert "is a directory" in str(await refused(tmp_path))
    await refused(tmp_path / "letter" / "sessions.db")
    await refused("/proc/agent-run/sessions.db")
    await refused("a\x00b")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody without permission")
def test_a_folder_without_permission_is_refused() -> None:
    """Another user's folder, and another user's store that may be read: a line each, in a process of that user."""
    script = """if True:
        import asyncio, os, sys
        from runner.registry import open_store
        from runner.errors import StoreError
        import runner.stores.sqlite
        os.setegid(65534), os.seteuid(65534)
        async def main():
            for place in sys.argv[1:]:
                try: await open_store(place).open()
                except StoreError as error: print(error)
        asyncio.run(main())
    """
    import tempfile

    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        file.connect(folder / "theirs.db").close()
        (folder / "theirs.db").chmod(0o644)
        places = [str(folder / "new.db"), str(folder / "theirs.db")]
        # What measures coverage would write its data as that user.
        env = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("COV")}
        done = subprocess.run([sys.executable, "-c", script, *places], capture_output=True, text=True, env=env, check=False)
    assert done.stderr == ""
    assert done.stdout == "".join(f"cannot open the session store `{place}`: permission denied\n" for place in places)


async def test_a_store_that_is_not_open_says_so(tmp_path: Path) -> None:
    """Before `open` and after `close` every verb is a StoreError."""
    store = open_store(str(tmp_path / "sessions.db"))
    with pytest.raises(StoreError, match="is not open"):
        await store.info(S)
    await store.open()
    await store.open()
    await store.close()
    with pytest.raises(StoreError, match="is not open"):
        await store.list()


async def test_ids_that_are_no_text_are_refused(store: Store) -> None:
    """A session id from undecodable bytes of a command line is an error with a hint."""
    with pytest.raises(StoreError, match="not valid text"):
        await store.info("\udcff")


def test_the_default_file_is_where_the_variable_says(tmp_path: Path) -> None:
    """`sqlite` is the user's file; AGENT_RUN_DATA_DIR moves it, and empty counts as unset."""
    assert file.default_path({"AGENT_RUN_DATA_DIR": str(tmp_path)}) == tmp_path / "sessions.db"
    usual = file.default_path({"AGENT_RUN_DATA_DIR": ""})
    assert usual == file.default_path({})
    assert usual.is_absolute()
    assert "agent-run" in usual.parts


def test_an_unknown_scheme_is_refused() -> None:
    """`postgres://…` is not a file name."""
    with pytest.raises(StoreError, match=r"no store for `postgres://`"):
        sqlite.open("postgres://db/agents")
