"""`agent-run tools`: what is defined, what is live, and one call without a model, over real servers in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from runner.cli import exits
from tests.cli.kit import environment
from tests.mcp.kit import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.kit import Cli

TOOLS = f"""\
kind: tool
name: srv
type: mcp
command: ["{sys.executable}", -I, -S, "{PLAIN}", good]
env: {{SRV_KEY: "${{secret:SRV_KEY}}"}}
only: [echo, fail, everything, steps, environment]
---
kind: tool
name: lost
type: mcp
command: ["{sys.executable}", -I, -S, "{PLAIN}", crash]
---
kind: tool
name: quiet
type: mcp
required: false
command: ["{sys.executable}", -I, -S, "{PLAIN}", crash]
---
kind: tool
name: off
type: python
call: more:add
enabled: false
---
kind: tool
name: more
type: python
call: more:More
with: {{key: "${{secret:SRV_KEY}}"}}
approve: always-ask
timeout: 1s
"""
AGENTS = """\
kind: agent
name: keeper
model: auto
tools: [{use: srv, only: [echo]}, lost, quiet, {name: adds, type: python, call: "more:add", approve: never}]
agents: [helper]
policy: {deny: ["adds(a=13)"]}
---
kind: agent
name: helper
model: auto
"""
CODE = '''\
import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass
class Place:
    """Where."""

    city: str
    street: str | None = None


def add(a: int, b: int = 1) -> int:
    """Add."""
    return a + b


class More:
    """More."""

    def __init__(self, key: str) -> None:
        self._key = key

    def shout(self, text: str, times: int = 1, mood: Literal["happy", "sad"] = "happy", place: Place | None = None) -> str:
        """Shout.

        Args:
            text: What to shout.
        """
        return text.upper() * times

    def tell(self) -> dict[str, str]:
        """Tell the key."""
        return {"key": self._key}

    def big(self) -> dict[str, str]:
        """Answer more than a model reads."""
        return {"text": "x" * 100_000}

    def picture(self) -> bytes:
        """Draw."""
        return b"\\x89PNG\\r\\n\\x1a\\n"

    def broken(self) -> str:
        """Fail."""
        raise ValueError("no such order")

    def forbidden(self) -> str:
        """Never run."""
        Path("ran").touch()
        return "ran"

    async def nap(self, seconds: float) -> str:
        """Sleep."""
        Path("asleep").touch()
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            Path("cancelled").touch()
            raise
        return "rested"
'''


@pytest.fixture(autouse=True)
def kit(project: Path) -> Iterator[None]:
    """Add servers and Python tools to the project, and the secret that they name to the environment."""
    (project / "tools.d/kit.yaml").write_text(TOOLS)
    (project / "agents.d/keeper.yaml").write_text(AGENTS)
    (project / "more.py").write_text(CODE)
    (project / "agent-run.yaml").write_text("kind: project\npython: [.]\nstore: sessions.db\npolicy: {deny: [more.forbidden]}\n")
    os.environ["SRV_KEY"] = "hush-hush-1"
    yield
    del os.environ["SRV_KEY"]
    sys.modules.pop("more", None)


def until(done: Callable[[], bool], seconds: float = 20) -> None:
    """Look again and again until something is so."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


def rows(text: str) -> dict[str, list[str]]:
    """Return the lines of a table by their first word."""
    return {line.split()[0]: line.split()[1:] for line in text.splitlines()}


def test_definitions_are_listed_without_opening_anything(cli: Cli) -> None:
    """Own tools first, then those that ship; the effect that a file or its type says, `?` where only a server knows."""
    done = cli("tools", "list")
    found = rows(done.out)
    assert done.code == exits.DONE
    assert found["srv"] == ["mcp", "?", "tools.d/kit.yaml:1"]
    assert found["wipe"] == ["python", "write", "tools.d/acts.yaml:1"]
    assert found["off"][1] == "off"
    assert found["manual"][:2] == ["knowledge", "read"]
    assert list(found).index("wipe") < list(found).index("manual")
    assert not (cli.root / "sessions.db").exists()


def test_definitions_as_json_say_what_ships(cli: Cli) -> None:
    """A machine can tell a project's tool from a shipped one."""
    found = {tool["name"]: tool for tool in cli("tools", "list", "--format", "json").json()}
    assert not found["srv"]["shipped"]
    assert found["manual"]["shipped"]
    assert found["manual"]["description"].startswith("Search the manual")


def test_a_broken_file_is_a_warning_and_hides_no_other_tool(cli: Cli) -> None:
    """`validate` is named for the rest."""
    (cli.root / "tools.d/bad.yaml").write_text("name: [\n")
    done = cli("tools", "list")
    assert "srv" in done.out
    assert "warning: 1 error in definitions may hide tools; `agent-run validate` shows them" in done.err


def test_an_agents_live_tools_are_listed_without_a_key_and_failures_cost_the_others_nothing(cli: Cli) -> None:
    """A server that is not required is a warning, one that is required an error and exit 4; no session is stored."""
    done = cli("tools", "list", "--agent", "keeper")
    found = rows(done.out)
    assert found == {
        "srv.echo": ["mcp", "read", "runs", "tools.d/kit.yaml:1"],
        "adds": ["python", "write", "runs", "agents.d/keeper.yaml:4"],
        "helper": ["agent", "read", "runs", "agents.d/keeper.yaml:8"],
    }
    assert done.code == 4
    assert "warning: MCP server `quiet` did not start" in done.err
    assert "error: MCP server `lost` did not start" in done.err
    assert "no configuration file" in done.err
    assert not (cli.root / "sessions.db").exists()


def test_a_tool_is_shown_with_its_fields(cli: Cli) -> None:
    """Definition first; then every member with names, types, choices, defaults and inner fields."""
    done = cli("tools", "show", "more")
    lines = [line.rstrip() for line in done.out.splitlines()]
    assert lines[0] == "more  python  tools.d/kit.yaml:25"
    assert "  approve always-ask" in lines
    assert "  timeout 1s" in lines
    assert "  bound key" in lines
    assert "more.forbidden  write  denied" in lines
    at = lines.index("more.shout  write  asks")
    assert lines[at + 2 : at + 6] == [
        "  text   string, required  – What to shout.",
        "  times  integer, default 1",
        '  mood   "happy" | "sad", default "happy"',
        "  place  object or null",
    ]
    assert "hush" not in done.out


def test_one_member_is_shown_as_json_with_its_schema(cli: Cli) -> None:
    """The schema is the server's own."""
    shown = cli("tools", "show", "srv.echo", "--format", "json").json()
    assert [member["name"] for member in shown["members"]] == ["srv.echo"]
    assert shown["members"][0]["input_schema"]["properties"] == {"text": {"type": "string", "default": None}}
    assert shown["members"][0]["model_name"] == "srv_echo"


def test_a_server_that_fails_is_shown_with_its_reason(cli: Cli) -> None:
    """The definition is still shown; the exit code is the operator's."""
    done = cli("tools", "show", "lost")
    assert done.out.startswith("lost  mcp  tools.d/kit.yaml:8")
    assert done.code == 4
    assert "no configuration file" in done.err


def test_a_call_prints_the_result_alone(cli: Cli) -> None:
    """A tool that asks runs: the person has asked for it. Nothing is kept."""
    done = cli("tools", "call", "wipe", "--arg", "what=all")
    assert (done.code, done.out, done.err) == (0, "wiped 3\n", "")
    assert not (cli.root / "sessions.db").exists()


def test_always_ask_counts_as_answered_too(cli: Cli) -> None:
    """`approve: always-ask` asks a person, and the person is here."""
    assert cli("tools", "call", "more.shout", "--arg", "text=hi").out == "HI\n"


def test_a_denied_tool_does_not_run(cli: Cli) -> None:
    """The project's policy holds; exit 5."""
    done = cli("tools", "call", "more.forbidden", "--format", "json")
    assert done.code == 5
    assert done.json()["stop_reason"] == "denied"
    assert "error: denied by policy (deny: more.forbidden)" in done.err
    assert not (cli.root / "ran").exists()


def test_an_agents_policy_and_bounds_hold_with_agent(cli: Cli) -> None:
    """`--agent` calls the tool as that agent has it."""
    assert cli("tools", "call", "adds", "--agent", "keeper", "--arg", "a=12").out == "13\n"
    assert cli("tools", "call", "adds", "--agent", "keeper", "--arg", "a=13").code == 5
    narrowed = cli("tools", "call", "srv.fail", "--agent", "keeper")
    assert narrowed.code == exits.USAGE
    assert "there is no tool `srv.fail`" in narrowed.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--args", "{"], "--args is not JSON: expecting property name enclosed in double quotes at line 1 column 2"),
        (["--args", "[1]"], "--args must be one JSON object"),
        (["--args", '{"times": NaN, "text": ""}'], "NaN is not a JSON number"),
        (["--args", "[" * 100_000], "--args is not JSON"),
        (["--args", "@missing.json"], "--args: cannot read `missing.json`"),
        ([], "the arguments do not fit `more.shout`: missing `text`"),
        (["--arg", "text=a", "--arg", "times=many"], "`times` must be a whole number"),
        (["--arg", "text=a", "--arg", "mode=x"], "`mode` is not known"),
        (["--arg", "text=a", "--arg", "text=b"], "--arg `text` is given twice"),
        (["--arg", "text"], "--arg `text`: write NAME=VALUE"),
    ],
)
def test_arguments_that_do_not_fit_are_a_usage_error(cli: Cli, arguments: list[str], message: str) -> None:
    """Exit 2, one line, nothing on standard output."""
    done = cli("tools", "call", "more.shout", *arguments)
    assert done.code == exits.USAGE
    assert message in done.err
    assert done.out == ""


def test_values_become_what_the_schema_says(cli: Cli) -> None:
    """Text stays text where text is allowed, else it is JSON; `--arg` goes over `--args`; files and standard input can be read."""
    (cli.root / "words.txt").write_text("42")
    (cli.root / "all.json").write_text('{"text": "no", "times": 1}')
    assert cli("tools", "call", "more.shout", "--args", "@all.json", "--arg", "text=5", "--arg", "times=2").out == "55\n"
    assert cli("tools", "call", "more.shout", "--arg", "text=@words.txt").out == "42\n"
    assert cli("tools", "call", "more.shout", "--arg", "text=a", "--arg", 'place={"city": "Oslo"}').out == "A\n"


def test_a_tool_error_is_its_message_and_exit_1(cli: Cli) -> None:
    """Type and message for a Python function, the server's words for a server; no traceback."""
    done = cli("tools", "call", "more.broken")
    assert (done.code, done.out) == (1, "")
    assert "error: ValueError: no such order" in done.err
    failed = cli("tools", "call", "srv.fail", "--format", "json")
    assert failed.code == 1
    assert failed.json()["is_error"]
    assert failed.json()["result"] == "that went wrong"


def test_the_json_of_a_call_holds_data_and_citations(cli: Cli) -> None:
    """Everything a tool gave, uncut."""
    done = cli("tools", "call", "more.big", "--format", "json").json()
    assert len(done["data"]["text"]) == 100_000
    assert json.loads(done["result"]) == done["data"]
    assert not done["is_error"]
    assert done["duration_ms"] >= 0
    (cli.root / "notes.md").write_text("# Otters\n\nOtters hold hands.\n")
    (cli.root / "tools.d/notes.yaml").write_text("type: knowledge\nsources: [../notes.md]\n")
    cited = cli("tools", "call", "notes", "--arg", "query=otters", "--format", "json").json()
    assert cited["citations"][0]["file"] == "notes.md"


def test_the_whole_output_is_printed(cli: Cli) -> None:
    """What a model would read cut is whole here."""
    assert len(cli("tools", "call", "more.big").out) > 100_000


def test_a_secret_reaches_the_tool_and_is_not_printed(cli: Cli) -> None:
    """`${secret:…}` of `with` and `env` is filled in; the result is redacted by value."""
    done = cli("tools", "call", "more.tell", "--format", "json")
    assert done.json()["data"] == {"key": "[secret:SRV_KEY]"}
    assert "SRV_KEY" in cli("tools", "call", "srv.environment").out
    assert "hush" not in done.out + done.err


def test_an_unset_secret_is_named(cli: Cli) -> None:
    """Exit 4, in JSON too."""
    os.environ["SRV_KEY"] = ""
    done = cli("tools", "call", "srv.echo", "--format", "json")
    assert done.code == 4
    assert done.json()["stop_reason"] == "provider"
    assert "error: secret `SRV_KEY` is not set" in done.err


def test_files_are_written_where_asked(cli: Cli) -> None:
    """Without --out they are only named; with it, standard output stays empty."""
    done = cli("tools", "call", "more.picture")
    assert "a file: more.png (image/png, 8 bytes); --out FILE keeps it" in done.err
    kept = cli("tools", "call", "more.picture", "--out", "p.png")
    assert (kept.code, kept.out, kept.err) == (0, "", "wrote p.png\n")
    assert (cli.root / "p.png").read_bytes().startswith(b"\x89PNG")
    assert cli("tools", "call", "wipe", "--arg", "what=all", "--out", "w.txt").out == ""
    assert (cli.root / "w.txt").read_text() == "wiped 3"


def test_several_files_are_numbered_and_listed(cli: Cli) -> None:
    """The second file of a result is FILE-2."""
    done = cli("tools", "call", "srv.everything", "--out", "f.bin", "--format", "json").json()
    assert [file["path"] for file in done["files"]] == ["f.bin", "f-2.bin"]
    assert (cli.root / "f-2.bin").is_file()


def test_a_timeout_is_the_tools_own(cli: Cli) -> None:
    """`timeout: 1s` ends the call as a tool error."""
    done = cli("tools", "call", "more.nap", "--arg", "seconds=60")
    assert done.code == 1
    assert "took longer than 1 s and was given up" in done.err


def test_progress_goes_to_standard_error(cli: Cli) -> None:
    """What a server says while it works."""
    done = cli("tools", "call", "srv.steps")
    assert (done.out, done.err) == ("stepped\n", "note: step 1\nnote: step 2\n")
    assert cli("tools", "call", "srv.steps", "-q").err == ""


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("wipee", "there is no tool `wipee`", "did you mean `wipe`?"),
        ("off", "the tool `off` is switched off", "tools.d/kit.yaml:"),
        ("srv", "`srv` has 5 tools", "name one: srv.echo"),
        ("srv.ehco", "there is no tool `srv.ehco`", "did you mean `srv.echo`?"),
        ("wipe.all", "there is no tool `wipe.all`", "did you mean `wipe`?"),
        ("", "there is no tool ``", "tools: "),
    ],
)
def test_a_name_that_is_none_is_a_usage_error(cli: Cli, name: str, message: str, hint: str) -> None:
    """What was meant, or what there is."""
    done = cli("tools", "call", name)
    assert done.code == exits.USAGE
    assert message in done.err
    assert hint in done.err


def test_a_broken_definition_is_a_finding_and_exit_3(cli: Cli) -> None:
    """As in a run: place, caret, rule."""
    (cli.root / "tools.d/bad.yaml").write_text("type: python\ncall: more:add\ntimeout: soon\n")
    done = cli("tools", "call", "bad", "--format", "json")
    assert done.code == 3
    assert done.json()["stop_reason"] == "config"
    assert "tools.d/bad.yaml:3:10: error" in done.err


def test_an_optional_server_that_fails_is_an_error_when_it_is_called(cli: Cli) -> None:
    """A warning would hide that nothing was called."""
    done = cli("tools", "call", "quiet.echo")
    assert done.code == 4
    assert "error: MCP server `quiet` did not start" in done.err


def test_ctrl_c_cancels_the_tool_and_leaves_130(project: Path) -> None:
    """The tool's own `finally` runs; nothing is printed."""
    (project / "tools.d/rest.yaml").write_text("type: python\ncall: more:More\nwith: {key: abcdefg}\n")
    command = [sys.executable, "-m", "runner", "tools", "call", "rest.nap", "--arg", "seconds=600"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=project, env=environment(), text=True, **pipes) as process:
        until(lambda: (project / "asleep").exists() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (exits.INTERRUPTED, "", "")
    assert (project / "cancelled").exists()


def test_listing_definitions_loads_no_sdk(project: Path) -> None:
    """No server library, nothing that paints."""
    code = (
        "import json, sys; from runner.cli.verbs import execute; assert execute(['tools', 'list']) == 0; "
        "json.dump([name.split('.')[0] for name in sys.modules], sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, env=environment(), capture_output=True, text=True, check=True)
    assert not {"mcp", "openai", "anthropic", "rich", "prompt_toolkit", "structlog"} & set(json.loads(done.stderr))
