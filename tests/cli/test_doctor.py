"""`agent-run doctor`: one line a check, over real files, servers and sockets; nothing is changed and no value of a key is shown."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from runner import app
from runner.app import health
from runner.cli import exits
from tests.cli.kit import Cli
from tests.mcp.kit import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VALUE = "sk-very-hidden-value-1"
NOBODY = {f"providers__{name}": f"extends: {name}\nbase_url: http://127.0.0.1:1/v1\n" for name in ("ollama", "lmstudio", "vllm")}
"""The catalog's servers where none can be, whatever runs on this machine."""


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def variables(**values: str) -> Iterator[None]:
    """Set variables for the length of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path) -> Iterator[None]:
    """A data folder of the test's own, and no key of any vendor."""
    keys = {name: "" for name in os.environ if name.endswith("_API_KEY")}
    with variables(AGENT_RUN_DATA_DIR=str(tmp_path / "data"), **keys):
        yield


def write(root: Path, **files: str) -> None:
    """Write definitions: `tools__x="…"` is `tools.d/x.yaml`, `project="…"` is the project file."""
    for name, text in files.items():
        folder, _, stem = name.partition("__")
        path = root / f"{folder}.d" / f"{stem}.yaml" if stem else root / "agent-run.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def checks(folder: Path, *more: str) -> dict[str, dict[str, str]]:
    """Run doctor in a folder and return its checks by name."""
    return {check["check"]: check for check in Cli(folder)("doctor", "--json", *more).json()}


def server(mode: str, more: str = "") -> str:
    """Return the definition of an MCP server."""
    return f'type: mcp\ncommand: ["{sys.executable}", -I, -S, "{PLAIN}", {mode}]\n{more}'


def test_an_empty_folder_is_healthy(empty: Path) -> None:
    """Nothing is needed, nothing fails, and nothing is made."""
    done = Cli(empty)("doctor")
    assert done.code == exits.DONE
    lines = done.out.splitlines()
    assert lines[0].startswith("ok    Python")
    assert any(line.startswith("ok    project") and "none here" in line for line in lines)
    assert "0 failed" in lines[-1]
    assert not (empty.parent / "data").exists()


def test_versions_and_parser_are_told(empty: Path) -> None:
    """What a report of a bug needs."""
    found = checks(empty)
    assert "agent-run" in found["packages"]["detail"]
    assert "mcp 2." in found["packages"]["detail"]
    assert found["YAML parser"]["status"] == "ok"


def test_a_failing_check_is_exit_1_and_says_how_to_mend_it(empty: Path) -> None:
    """The line below a check tells what to do."""
    write(empty, agents__a="model: openai/gpt\ninstructions: [\n")
    done = Cli(empty)("doctor")
    assert done.code == exits.FAILED
    at = next(number for number, line in enumerate(done.out.splitlines()) if line.startswith("fail  project"))
    assert done.out.splitlines()[at + 1].strip() == "→ `agent-run validate` shows them"


def test_keys_are_told_by_name_and_place_and_never_by_value(empty: Path) -> None:
    """Set in the environment, set in `.env`, not set though an agent needs it, not set and not needed."""
    write(
        empty,
        project="secrets: {dotenv: .env}\n",
        providers__team="type: openai-chat\nbase_url: https://llm.example.com/v1\napi_key: ${secret:TEAM_KEY}\n",
        tools__srv=server("good", 'env: {A: "${secret:IN_FILE}", B: "${env:UNSET_ONE}", C: "${env:WITH_DEFAULT:-x}"}\n'),
        agents__a="model: team/x\ntools: [srv]\n",
        tools__idle=server("good", 'env: {A: "${secret:IDLE_KEY}"}\n'),
    )
    (empty / ".env").write_text(f"IN_FILE={VALUE}\n")
    (empty / ".env").chmod(0o600)
    with variables(TEAM_KEY=VALUE):
        done = Cli(empty)("doctor", "--json")
    found = {check["check"]: check for check in done.json()}
    assert found["key TEAM_KEY"]["detail"] == "set in the environment (providers.d/team.yaml:3)"
    assert found["key IN_FILE"]["detail"].startswith(f"set in {empty / '.env'}")
    assert found["variable UNSET_ONE"]["status"] == "fail"
    assert found["variable UNSET_ONE"]["mend"] == f"export UNSET_ONE=…, or put UNSET_ONE=… into {empty / '.env'}"
    assert found["variable WITH_DEFAULT"]["status"] == "ok"
    assert found["key IDLE_KEY"]["status"] == "warn"
    assert found["secrets file"]["status"] == "ok"
    assert found["MCP srv"]["status"] == "fail"
    assert "UNSET_ONE" in found["MCP srv"]["detail"]
    assert VALUE not in done.out + done.err


def test_a_dotenv_file_that_others_read_or_nobody_can_is_told(empty: Path) -> None:
    """Open permissions are a warning, a broken line a failure with its number and not its text."""
    write(empty, project="secrets: {dotenv: .env}\n")
    assert checks(empty)["secrets file"]["status"] == "warn"
    (empty / ".env").write_text("A=b\n")
    (empty / ".env").chmod(0o644)
    assert checks(empty)["secrets file"]["mend"] == f"chmod 600 {empty / '.env'}"
    (empty / ".env").write_text(f"A=b\n{VALUE}\n")
    broken = checks(empty)["secrets file"]
    assert broken["status"] == "fail"
    assert f"{empty / '.env'}:2" in broken["detail"]
    assert VALUE not in json.dumps(broken)


def test_an_agent_that_takes_any_model_needs_one(empty: Path) -> None:
    """Without a key and without a local server `model: auto` finds nothing; one key is enough."""
    write(empty, agents__a="instructions: Hello.\n", **NOBODY)
    assert checks(empty)["model keys"]["status"] == "fail"
    with variables(GROQ_API_KEY=VALUE):
        found = checks(empty)["model keys"]
    assert found["status"] == "ok"
    assert found["detail"].startswith("GROQ_API_KEY set in the environment; not set: ")


def test_a_shipped_vendor_that_an_agent_names_is_needed(empty: Path) -> None:
    """Its key is a line of its own."""
    write(empty, agents__a="model: openai/gpt-5-mini\ninstructions: Hello.\n")
    assert checks(empty)["key OPENAI_API_KEY"]["status"] == "fail"


def test_mcp_servers_are_started_and_told_apart(empty: Path) -> None:
    """Ready with its tools; failed with its last words: a failure when an agent needs it, else a warning. Inline servers count."""
    inline = f"{{name: inside, {', '.join(server('good').strip().splitlines())}}}"
    write(
        empty,
        agents__a=f"model: guide/manual-reader\ntools: [good, dead, maybe, {inline}]\n",
        tools__good=server("good"),
        tools__dead=server("crash"),
        tools__maybe=server("crash", "required: false\n"),
        tools__idle=server("crash"),
        tools__liar=server("liar"),
    )
    found = checks(empty)
    states = {name: check["status"] for name, check in found.items() if name.startswith("MCP")}
    assert states == {"MCP good": "ok", "MCP inside": "ok", "MCP dead": "fail", "MCP maybe": "warn", "MCP idle": "warn", "MCP liar": "warn"}
    assert "9 tools (tools.d/good.yaml:1)" in found["MCP good"]["detail"]
    assert "no configuration file" in found["MCP dead"]["detail"]
    assert "is left out" in found["MCP liar"]["detail"]


def test_shipped_servers_are_started_only_for_an_agent_of_the_project(empty: Path) -> None:
    """A project without servers starts none."""
    write(empty, agents__a="model: guide/manual-reader\ninstructions: Hello.\n")
    assert not [name for name in checks(empty) if name.startswith("MCP")]
    write(empty, tools__time=f"extends: time\n{server('good')}", agents__a="model: guide/manual-reader\ntools: [time]\n")
    assert checks(empty)["MCP time"]["status"] == "ok"


async def test_a_server_that_hangs_is_given_up(empty: Path) -> None:
    """The others are not held up, and nothing is left running."""
    write(empty, tools__hangs=server("silent"), tools__good=server("good"), agents__a="model: guide/manual-reader\ntools: [hangs]\n")
    found = {check.check: check for check in await health.examine(app.Options(workspace=empty), patience=4)}
    assert found["MCP hangs"].status == "fail"
    assert found["MCP hangs"].detail == "no answer within 4 s"
    assert found["MCP good"].status == "ok"
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "mcp-server" and not task.done()]


def test_the_store_is_opened_and_counted(cli: Cli) -> None:
    """Size, sessions, whether it is whole; a file that is not there is not made."""
    (cli.root / "agent-run.yaml").write_text("kind: project\npython: [.]\nstore: sessions.db\n")
    before = checks(cli.root)["store"]
    assert before["detail"] == f"{cli.root / 'sessions.db'}: made with the first session"
    assert not (cli.root / "sessions.db").exists()
    cli("run", "parrot", "hello")
    after = checks(cli.root)["store"]
    assert after["status"] == "ok"
    assert ": 1 session, " in after["detail"]


def test_a_store_that_is_none_fails(empty: Path) -> None:
    """Another program's file, a folder, a kind of store that does not exist: what is wrong and what else to take."""
    (empty / "notes.db").write_text("these are notes, not a database at all")
    assert "is not a session store" in checks(empty, "--store", str(empty / "notes.db"))["store"]["detail"]
    for wrong in (str(empty), "redis://user:secret-word@host/x"):
        found = checks(empty, "--store", wrong)["store"]
        assert found["status"] == "fail"
        assert "--store" in found["mend"] or "stores:" in found["mend"]
        assert "secret-word" not in json.dumps(found)


def test_a_damaged_store_fails(cli: Cli) -> None:
    """Pages that SQLite cannot make sense of are found before a session is lost in them."""
    store = cli.root / "sessions.db"
    for _ in range(5):
        cli("run", "parrot", "hello " * 500)
    with contextlib.closing(sqlite3.connect(store)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        page = db.execute("pragma page_size").fetchone()[0]
        root = db.execute("select rootpage from sqlite_master where name = 'events'").fetchone()[0]
    data = bytearray(store.read_bytes())
    data[(root - 1) * page + 100 : root * page] = b"\xff" * (page - 100)
    store.write_bytes(data)
    found = checks(cli.root)["store"]
    assert found["status"] == "fail"
    assert "damaged" in found["detail"]
    assert ".recover" in found["mend"]


def test_a_data_folder_that_others_see_is_a_warning(empty: Path) -> None:
    """With the command that mends it."""
    data = empty.parent / "data"
    data.mkdir(mode=0o755)
    assert checks(empty)["data folder"] == {
        "check": "data folder",
        "status": "warn",
        "detail": f"others can look into {data}",
        "mend": f"chmod 700 {data}",
    }


class _Models(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"object": "list", "data": [{"id": "otter-7b", "object": "model"}]}).encode()
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def test_a_model_server_on_this_machine_is_found(empty: Path) -> None:
    """By the address of its provider; then `model: auto` needs no key. What only listens is told apart."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Models) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        port = http.server_port
        provider = "type: openai-chat\nbase_url: http://127.0.0.1:{}/{}\nauto: otter-7b\n"
        write(empty, providers__pond=provider.format(port, "v1"), agents__a="instructions: Hello.\n", **NOBODY)
        found = checks(empty)
        write(empty, providers__pond=provider.format(port, "v2"))
        other = checks(empty)
        http.shutdown()
    assert f"pond at 127.0.0.1:{port}: otter-7b" in found["local models"]["detail"]
    assert found["model keys"]["status"] == "ok"
    assert "something listens there that lists no models" in other["local models"]["detail"]
    assert other["model keys"]["status"] == "fail"


def test_a_pipe_is_no_terminal_and_fine(empty: Path) -> None:
    """Plain lines are what a pipe gets."""
    assert checks(empty)["terminal"]["detail"].startswith("not a terminal: plain lines")


def test_definitions_are_counted(empty: Path) -> None:
    """Counts are those of the project; nothing of what ships is in them."""
    for number in range(3):
        write(empty, **{f"agents__a{number}": "model: guide/manual-reader\ninstructions: Hello.\n"})
    assert checks(empty)["project"]["detail"] == f"{empty}: 3 agents"
