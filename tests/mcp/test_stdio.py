"""Servers that are started: what becomes of their tools, results, ends and misdeeds. The server is tests/mcp/servers/plain.py."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ConfigError, SecretError, ToolError, UnavailableError
from runner.messages import FilePart
from tests.mcp.kit import CONTEXT, PLAIN, Blobs, make, names, opened, plain, words

if TYPE_CHECKING:
    from pathlib import Path


async def test_hints_become_effect_and_approval_and_schemas_stay_as_they_are(tmp_path: Path) -> None:
    """Read asks nobody; idempotent and unknown ask; a null in a schema survives."""
    async with opened(tmp_path, command=plain()) as toolset:
        found = {member.name: member for member in toolset.members()}
    assert (found["echo"].effect, found["echo"].approve) == ("read", "never")
    assert (found["set"].effect, found["set"].approve) == ("idempotent", "ask")
    assert (found["fail"].effect, found["fail"].approve) == ("write", "ask")
    assert found["echo"].description == "Tool echo."
    assert found["echo"].input_schema == {
        "type": "object",
        "properties": {"text": {"type": "string", "default": None}},
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"only": []}, []),
        ({"only": ["e*"]}, ["echo", "exit", "everything", "environment"]),
        ({"only": ["e*"], "except": ["ex*", "env*"]}, ["echo", "everything"]),
    ],
)
async def test_only_and_except_choose_members(tmp_path: Path, settings: dict[str, Any], expected: list[str]) -> None:
    """An empty `only` is none, patterns match names, `except` takes away."""
    async with opened(tmp_path, command=plain(), **settings) as toolset:
        assert names(toolset) == expected
        with pytest.raises(ToolError, match="no tool `count`"):
            await toolset.call("count", {}, CONTEXT)


async def test_bound_values_are_hidden_and_sent(tmp_path: Path) -> None:
    """`with` of the author fills a property that the model does not see."""
    async with opened(tmp_path, command=plain(), bound={"text": "from the author"}) as toolset:
        echo = next(member for member in toolset.members() if member.name == "echo")
        assert echo.input_schema["properties"] == {}
        assert words(await toolset.call("echo", {}, CONTEXT)) == "echo: from the author"


async def test_every_kind_of_content_arrives(tmp_path: Path) -> None:
    """Words stay words, files are kept and named, structured content is data with its nulls, what is broken says so."""
    blobs = Blobs()
    async with opened(tmp_path, command=plain()) as toolset:
        output = await toolset.call("everything", {}, replace(CONTEXT, put_blob=blobs.put))
    assert output.data == {"n": 1, "nothing": None}
    assert [(media_type, name) for _, media_type, name in blobs.kept] == [
        ("image/png", "everything-2.png"),
        ("application/octet-stream", "data.bin"),
    ]
    assert blobs.kept[0][0].startswith(b"\x89PNG")
    assert [type(part) is FilePart for part in output.parts] == [False, True, False, False, True, False]
    assert words(output).splitlines() == [
        "words",
        "[everything-3: audio/wav that is not valid base64]",
        "file:///a/notes.txt:",
        "inside",
        "more: https://example.com/more",
    ]


async def test_progress_is_shown_as_it_comes(tmp_path: Path) -> None:
    """Message, done and total, in order."""
    seen: list[tuple[str, float | None, float | None]] = []
    async with opened(tmp_path, command=plain()) as toolset:
        await toolset.call("steps", {}, replace(CONTEXT, progress=lambda *step: seen.append(step)))
    assert seen == [("step 1", 1, 2), ("step 2", 2, 2)]


async def test_a_server_gets_the_named_variables_and_no_others(tmp_path: Path) -> None:
    """What is in our environment stays there unless `env` names it; references are filled in."""
    assert "PYTEST_CURRENT_TEST" in os.environ
    settings = {"command": plain(), "env": {"NAMED": "${env:X}"}}
    async with opened(tmp_path, resolve=lambda value: {"NAMED": "filled"} if value == settings["env"] else value, **settings) as toolset:
        found = words(await toolset.call("environment", {}, CONTEXT)).split()
    assert "NAMED" in found
    assert "PYTEST_CURRENT_TEST" not in found
    assert set(found) <= {"NAMED", "HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LC_CTYPE", "PWD"}


async def test_pages_of_tools_are_all_read(tmp_path: Path) -> None:
    """A list that comes in three pages is one list."""
    async with opened(tmp_path, command=plain("pages")) as toolset:
        assert names(toolset) == ["one", "two", "three"]


async def test_a_server_without_tools_is_no_failure(tmp_path: Path) -> None:
    """-32601 for `tools/list` means none."""
    async with opened(tmp_path, command=plain("none")) as toolset:
        assert names(toolset) == []
        assert toolset.warnings == ()


async def test_a_list_full_of_lies_costs_only_the_liars(tmp_path: Path) -> None:
    """What can be called stays; every tool that is left out is named with the reason."""
    async with opened(tmp_path, command=plain("liar")) as toolset:
        assert names(toolset) == ["echo", "untyped", "odd"]
        assert words(await toolset.call("echo", {"text": "hi"}, CONTEXT)) == "echo: hi"
        odd = toolset.members()[2]
        assert (odd.description, odd.effect) == ("Odd", "write")
        assert toolset.members()[1].input_schema["type"] == "object"
    told = "\n".join(toolset.warnings)
    assert len(toolset.warnings) == 8
    for name in ("tool 2", "tool 3", "schema_is_text", "schema_is_list", "schema_is_invalid", "'bad name!'", "longer than 64", "two tools"):
        assert name in told


async def test_noise_between_messages_is_dropped(tmp_path: Path) -> None:
    """Words, broken JSON and bytes that are no UTF-8 on standard output do not end a connection."""
    async with opened(tmp_path, command=plain("noise")) as toolset:
        assert words(await toolset.call("echo", {"text": "hi"}, CONTEXT)) == "echo: hi"


async def test_an_error_of_a_tool_is_told_in_its_words(tmp_path: Path) -> None:
    """`isError` is a ToolError with the text."""
    async with opened(tmp_path, command=plain()) as toolset:
        with pytest.raises(ToolError) as caught:
            await toolset.call("fail", {}, CONTEXT)
    assert caught.value.message == "that went wrong"


async def test_a_server_that_ends_in_a_call_says_why_and_is_started_again(tmp_path: Path) -> None:
    """The call fails with the server's last words; the next call finds a new server; one that ends again has to wait."""
    async with opened(tmp_path, command=plain()) as toolset:
        assert words(await toolset.call("count", {}, CONTEXT)) == "1"
        with pytest.raises(ToolError, match=r"ended in the middle of the call.*status 9.*the disk is full"):
            await toolset.call("exit", {}, CONTEXT)
        assert words(await toolset.call("count", {}, CONTEXT)) == "1"
        with pytest.raises(ToolError, match="ended in the middle"):
            await toolset.call("exit", {}, CONTEXT)
        with pytest.raises(ToolError, match="started again in"):
            await toolset.call("count", {}, CONTEXT)


async def test_all_calls_in_flight_learn_that_the_server_ended(tmp_path: Path) -> None:
    """None of them waits for ever."""
    async with opened(tmp_path, command=plain()) as toolset:
        waiting = [asyncio.create_task(toolset.call("wait", {}, CONTEXT)) for _ in range(3)]
        with pytest.raises(ToolError):
            await toolset.call("exit", {}, CONTEXT)
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(error) for error in ended] == [ToolError] * 3


async def test_a_server_that_crashes_at_the_start_is_reported_with_its_words(tmp_path: Path) -> None:
    """An operator error: the name of the tool, the status and what the server said."""
    with pytest.raises(UnavailableError) as caught:
        async with opened(tmp_path, command=plain("crash")):
            pass
    assert caught.value.message == "MCP server `srv` did not start: it ended with status 1; it said last: no configuration file"


async def test_a_program_that_is_not_there_is_reported_with_a_hint(tmp_path: Path) -> None:
    """No process is made for it."""
    with pytest.raises(UnavailableError) as caught:
        async with opened(tmp_path, command=["no-such-program"]):
            pass
    assert "no program `no-such-program`" in caught.value.message
    assert caught.value.hint


async def test_a_server_that_hangs_is_given_up(tmp_path: Path) -> None:
    """After its patience `open` fails; nothing is left to wait for."""
    with pytest.raises(UnavailableError, match=r"no answer within 0\.5 s"):
        async with opened(tmp_path, command=plain("silent"), patience=0.5):
            pass


async def test_a_message_without_end_ends_the_server(tmp_path: Path) -> None:
    """It cannot fill our memory."""
    with pytest.raises(UnavailableError, match="message of more than 32 MiB"):
        async with opened(tmp_path, command=plain("long")):
            pass


async def test_a_server_that_is_not_required_leaves_a_warning(tmp_path: Path) -> None:
    """The run goes on without its tools; the warning says what happened."""
    async with opened(tmp_path, command=plain("crash"), required=False) as toolset:
        assert toolset.members() == ()
        assert len(toolset.warnings) == 1
        assert "no configuration file; going on without its tools" in toolset.warnings[0]


async def test_a_secret_that_is_not_set_fails_only_what_is_required(tmp_path: Path) -> None:
    """With `required: false` it is a warning that names the secret."""

    def resolve(value: Any) -> Any:
        if isinstance(value, dict) and value:
            raise SecretError("secret `TOKEN` is not set", hint="set it")
        return value

    settings: dict[str, Any] = {"command": plain(), "env": {"TOKEN": "${secret:TOKEN}"}, "resolve": resolve}
    with pytest.raises(SecretError):
        async with opened(tmp_path, **settings):
            pass
    async with opened(tmp_path, required=False, **settings) as toolset:
        assert "secret `TOKEN` is not set" in toolset.warnings[0]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "either `command` or `url`"),
        ({"command": ["a"], "url": "http://b"}, "either `command` or `url`"),
        ({"command": ["a"], "headers": {"X": "y"}}, "`headers` does not go with `command`"),
        ({"command": ["a"], "transport": "sse"}, "`transport` does not go with `command`"),
        ({"url": "http://b", "env": {"X": "y"}}, "`env` does not go with `url`"),
    ],
)
async def test_settings_that_name_no_server_are_the_authors_error(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    """With the place where they are written, required or not."""
    with pytest.raises(ConfigError, match=message) as caught:
        await make(tmp_path, required=False, **settings).open()
    assert caught.value.message.startswith("tools.d/srv.yaml:1: ")


async def test_twenty_servers_open_together_and_bad_ones_cost_the_others_nothing(tmp_path: Path) -> None:
    """All good servers are ready before the one that hangs has run out of patience; one that floods answers too."""
    order: list[str] = []
    good = [make(tmp_path, name=f"good{number}", command=plain()) for number in range(16)]
    flood = make(tmp_path, name="flood", command=plain("flood"))
    crash = make(tmp_path, name="crash", command=plain("crash"), required=False)
    liar = make(tmp_path, name="liar", command=plain("liar"))
    hang = make(tmp_path, name="hang", command=plain("silent"), required=False, patience=12.0)
    everyone = [hang, crash, liar, flood, *good]

    async def open_and_note(toolset: Any) -> None:
        await toolset.open()
        order.append(toolset._node.name)

    hanging = asyncio.create_task(open_and_note(hang))
    try:
        await asyncio.gather(*(open_and_note(toolset) for toolset in everyone if toolset is not hang))
        assert sorted(order) == sorted(["crash", "liar", "flood", *(f"good{number}" for number in range(16))])
        assert not hanging.done()
        answers = await asyncio.gather(*(toolset.call("echo", {"text": "hi"}, CONTEXT) for toolset in [flood, *good]))
        assert {words(answer) for answer in answers} == {"echo: hi"}
    finally:
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
        await asyncio.gather(*(toolset.close() for toolset in everyone))


async def test_the_servers_standard_error_never_reaches_ours(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A person's terminal shows nothing that a server writes."""
    async with opened(tmp_path, command=plain("flood")) as toolset:
        await toolset.call("echo", {"text": "hi"}, CONTEXT)
    assert capfd.readouterr() == ("", "")


async def test_a_server_runs_in_the_workspace(tmp_path: Path) -> None:
    """A relative path in its arguments is one of the workspace."""
    (tmp_path / "copy.py").write_text(PLAIN.read_text())
    async with opened(tmp_path, command=[sys.executable, "copy.py"]) as toolset:
        assert "echo" in names(toolset)
