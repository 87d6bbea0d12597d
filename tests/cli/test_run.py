"""`run`: one answer on standard output, everything else on standard error, a fitting exit code."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runner.cli import border
from runner.cli.output import output
from tests.cli.kit import Done, environment

if TYPE_CHECKING:
    from tests.cli.kit import Cli


def test_the_answer_is_all_there_is_on_standard_output(cli: Cli) -> None:
    """Text format: the answer and a line end; silence elsewhere."""
    assert cli("run", "parrot", "hello") == Done(0, "You said: hello\n", "")


def test_piped_text_stands_before_the_prompt(cli: Cli) -> None:
    """Standard input first, then an empty line, then the prompt; either alone is enough."""
    assert cli("run", "parrot", "what is it?", stdin="a file\n").out == "You said: a file\n\nwhat is it?\n"
    assert cli("run", "parrot", stdin="only piped").out == "You said: only piped\n"


def test_control_characters_of_a_model_do_not_reach_the_terminal(cli: Cli) -> None:
    """The answer is printed without its escape sequences; the JSON form has them, escaped."""
    assert cli("run", "parrot", "escape").out == "red\n"
    shown = cli("run", "parrot", "escape", "--output-format", "json")
    assert shown.json()["result"] == "\x1b]0;title\x07red\x1b[35m"
    assert "\x1b" not in shown.out


def test_json_has_every_key_of_the_result(cli: Cli) -> None:
    """One object on one line."""
    shown = cli("run", "parrot", "hello", "--output-format", "json")
    assert list(shown.json()) == [
        *("result", "output", "stop_reason", "error", "session_id", "run_id", "usage", "cost", "duration_ms"),
        *("turns", "tool_calls", "denied", "agent", "model"),
    ]
    assert (shown.json()["result"], shown.json()["stop_reason"], shown.code, shown.err) == ("You said: hello", "done", 0, "")


def test_stream_json_is_events_and_then_the_result(cli: Cli) -> None:
    """Every line is a versioned event; deltas make up the answer; the last line is the result."""
    lines = [json.loads(line) for line in cli("run", "parrot", "long", "--output-format", "stream-json").out.splitlines()]
    assert {line["v"] for line in lines} == {1}
    assert [line["kind"] for line in lines if line["kind"] in ("run.started", "run.stopped", "result")] == [
        "run.started",
        "run.stopped",
        "result",
    ]
    words = "".join(line["data"]["text"] for line in lines if line["kind"] == "text.delta")
    assert words == lines[-1]["result"] == "one two three four five six seven eight nine ten"


def test_what_nobody_allows_is_denied_and_exit_5(cli: Cli) -> None:
    """The model is told and answers; the person is told how to allow it."""
    shown = cli("run", "parrot", "wipe it")
    assert shown.code == 5
    assert shown.out.startswith("wipe: denied")
    assert "denied: wipe" in shown.err
    assert "--yes" in shown.err


def test_yes_allows_what_asks(cli: Cli) -> None:
    """`--yes` is the person's answer."""
    assert cli("run", "parrot", "wipe it", "--yes") == Done(0, "wipe: wiped 7\n", "")


@pytest.mark.parametrize("form", ["text", "json", "stream-json"])
def test_a_provider_that_refuses_is_exit_4_and_one_line(cli: Cli, form: str) -> None:
    """Every format tells it on standard error; machine formats also have it in the result."""
    shown = cli("run", "parrot", "go down", "--output-format", form)
    assert shown.code == 4
    assert shown.err.startswith("error: ")
    last = shown.out.splitlines()[-1:]
    assert [json.loads(line)["error"]["kind"] for line in last] == (["auth"] if form != "text" else [])


def test_invalid_definitions_are_a_result_with_findings_and_exit_3(cli: Cli) -> None:
    """The JSON result says `config`; the findings, with their places, go to standard error."""
    (cli.root / "agents.d" / "bad.yaml").write_text("model: script/parrot\ninstrutions: hi\n")
    shown = cli("run", "bad", "hello", "--output-format", "json")
    assert shown.code == 3
    assert (shown.json()["stop_reason"], shown.json()["error"]["kind"], shown.json()["agent"]) == ("config", "config", "bad")
    assert "agents.d/bad.yaml:2:1: error:" in shown.err
    assert "did you mean `instructions`" in shown.err


def test_a_bug_of_ours_still_gives_machines_a_result(capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON formats say `failed` and `bug`; the exit code is 1."""

    def broken(arguments: object) -> int:
        border.last_words = border.LastWords(1, output("json", "parrot", yes=False, quiet=False).broke)
        raise ValueError("x")

    assert border.guard(broken, []) == 1
    shown = capsys.readouterr()
    result = json.loads(shown.out)
    assert (result["stop_reason"], result["error"]["kind"], result["agent"]) == ("failed", "bug", "parrot")
    Path(shown.err.split("with the file ")[1].strip()).unlink()


def test_an_unknown_agent_is_exit_3_and_a_missing_file_exit_2(cli: Cli) -> None:
    """A name nobody defined is a matter of definitions; a path that is not there is a wrong call, which prints no result."""
    shown = cli("run", "parot", "hello")
    assert shown.code == 3
    assert "`parrot`" in shown.err
    shown = cli("run", "./no/such.yaml", "hello", "--output-format", "json")
    assert (shown.code, shown.out) == (2, "")


def test_inputs_are_checked_before_anything_runs(cli: Cli) -> None:
    """A wrong type and an unknown name are usage errors."""
    assert cli("run", "parrot", "hello", "--input", "times=3").code == 0
    shown = cli("run", "parrot", "hello", "--input", "times=many")
    assert (shown.code, shown.out, shown.err.splitlines()[0]) == (2, "", "error: --input times: `many` is not an integer")


def test_saying_nothing_is_a_usage_error(cli: Cli) -> None:
    """Without prompt, pipe or inputs there is nothing to run."""
    shown = cli("run", "parrot")
    assert (shown.code, shown.out) == (2, "")
    assert "there is nothing to say" in shown.err


def test_a_session_goes_on_and_a_finished_run_is_not_repeated(cli: Cli) -> None:
    """`--session` names it, `--resume` without a prompt prints the stored result, an unknown id is exit 4."""
    cli("run", "parrot", "first", "--session", "abc")
    cli("run", "parrot", "second", "--session", "abc")
    assert cli("run", "parrot", "--resume", "abc").out == "You said: second\n"
    assert cli("run", "parrot", "third", "--resume", "abc").out == "You said: third\n"
    shown = cli("run", "parrot", "--resume", "nope")
    assert (shown.code, shown.out) == (4, "")
    assert "nope" in shown.err


def _process(project: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "runner", *arguments],
        cwd=project,
        env=environment(),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_ctrl_c_keeps_the_session_and_is_130(project: Path) -> None:
    """A run that sleeps in a tool is stopped by a signal: no traceback, no result, and the session can go on."""
    process = _process(project, "run", "parrot", "nap", "--output-format", "stream-json", "--session", "abc")
    assert process.stdout
    while '"tool.called"' not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert '"kind":"result"' not in out
    assert '"stop_reason":"interrupted"' in out.splitlines()[-1]
    assert err == "interrupted; to go on: agent-run run parrot --resume abc PROMPT\n"


def test_a_reader_that_goes_away_stops_the_run_quietly(project: Path) -> None:
    """`| head -1` ends the run; nothing goes on spending, nobody sees a traceback."""
    process = _process(project, "run", "parrot", "long", "--output-format", "stream-json")
    assert process.stdout
    assert process.stderr
    assert '"session.opened"' in process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=20) == 130
    err = process.stderr.read()
    process.stderr.close()
    assert "Traceback" not in err
    assert err.startswith("interrupted")


def test_a_full_disk_behind_standard_output_is_one_line(project: Path) -> None:
    """The answer cannot be written: said once, exit 1."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "runner", "run", "parrot", "hello"],
            cwd=project,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "error: cannot write the output: no space left on device\n")


def test_what_a_tool_prints_does_not_reach_standard_output(project: Path) -> None:
    """Standard output carries the answer alone: a tool's print, its writes to descriptor 1 and its children go to standard error."""
    (project / "loud.py").write_text(
        'import os, subprocess\n\n\ndef loud(text: str) -> str:\n    """Be loud."""\n    print(\'printed\')\n'
        "    os.write(1, b'written\\n')\n    subprocess.run(['echo', 'echoed'])\n    return text.upper()\n"
    )
    (project / "loud.yaml").write_text(
        "kind: agent\nname: loud\nmodel: s/m\ntools: [{name: shout, type: python, call: 'loud:loud', approve: never}]\n---\n"
        "kind: provider\nname: s\ntype: scripted\nmodels:\n  m: {rules: [{when: {tool: shout}, say: '${results.shout}'}, "
        "{calls: [{tool: shout, with: {text: '${message}'}}]}]}\n"
    )
    out, err = _process(project, "run", "loud.yaml", "hello").communicate(timeout=60)
    assert out == "HELLO\n"
    assert {"printed", "written", "echoed"} <= set(err.split())
