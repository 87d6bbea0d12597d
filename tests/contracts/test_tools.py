"""What every tool type promises. A new file in `runner/tools/` is tested when `tests/contracts/tools/<type>.py` makes a case of it."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator
from pydantic import ValidationError

from runner import registry
from runner.errors import ToolError
from runner.graph import ToolsetNode
from runner.messages import TextPart
from runner.tools import CallContext, Toolset, ToolsetContext

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = registry.type_names("tools")
TYPES = tuple(name for name in NAMES if registry.runnable("tools", name))
"""Those that have `open`. The others are checked and refused when a run reaches them; of them only the settings are asked here."""

SDKS = ("openai", "anthropic", "mcp", "motor", "httpx2", "semantic_text_splitter", "structlog", "rich")
CONTEXT = CallContext("c1", "s1", "r1", "a1")


@dataclass(frozen=True)
class Case:
    """One tool of a type: settings as YAML has them, calls that fit its schema and what their text holds.

    `good` answers, `bad` is a ToolError, `endless` waits until it is cancelled (None when the type has nothing that waits).
    """

    settings: Mapping[str, Any]
    good: tuple[str, Mapping[str, Any], str]
    bad: tuple[str, Mapping[str, Any], str]
    endless: tuple[str, Mapping[str, Any]] | None = None
    node: Mapping[str, Any] = field(default_factory=dict[str, Any])


def load_case(type_name: str, folder: Path) -> Case:
    path = Path(__file__).parent / "tools" / f"{type_name}.py"
    assert path.is_file(), f"{path} is missing: it says how to make a `{type_name}` tool for this suite"
    return importlib.import_module(f"tests.contracts.tools.{type_name}").case(folder)


def make(type_name: str, case: Case, folder: Path) -> Toolset:
    plugin = registry.tool_type(type_name)
    node = ToolsetNode("tool", type_name, "tool.yaml:1", settings=case.settings, root=str(folder), base=str(folder), **case.node)
    context = ToolsetContext(str(folder), str(folder / "data"), (str(folder),), ("127.0.0.1",))
    return plugin.open(node, plugin.Settings.model_validate(dict(case.settings)), context)


@pytest.fixture(params=TYPES)
def type_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def case(type_name: str, tmp_path: Path) -> Case:
    return load_case(type_name, tmp_path)


@pytest.fixture
async def tool(type_name: str, case: Case, tmp_path: Path) -> Any:
    toolset = make(type_name, case, tmp_path)
    await toolset.open()
    yield toolset
    await toolset.close()


async def test_members_have_a_valid_schema_and_a_description(tool: Toolset) -> None:
    """A model can be shown every member: distinct names, words, an object schema with described or typed properties."""
    members = tool.members()
    assert members
    assert len({member.name for member in members}) == len(members)
    for member in members:
        Draft7Validator.check_schema(dict(member.input_schema))
        assert member.input_schema["type"] == "object"
        assert member.description.strip()
        assert member.effect in ("read", "idempotent", "write")
        assert member.approve in ("never", "ask", "always-ask")


async def test_a_good_call_answers_with_words(tool: Toolset, case: Case) -> None:
    """The arguments fit the member's schema, and the text holds what was asked for."""
    member, arguments, text = case.good
    schema = next(item.input_schema for item in tool.members() if item.name == member)
    assert Draft7Validator(dict(schema)).is_valid(dict(arguments))
    output = await tool.call(member, arguments, CONTEXT)
    assert text in "\n".join(part.text for part in output.parts if isinstance(part, TextPart))


async def test_a_failing_call_is_told_to_the_model(tool: Toolset, case: Case) -> None:
    """One line, no traceback."""
    member, arguments, text = case.bad
    with pytest.raises(ToolError) as caught:
        await tool.call(member, arguments, CONTEXT)
    assert text in caught.value.message
    assert "Traceback" not in caught.value.message


async def test_a_call_works_after_one_that_failed(tool: Toolset, case: Case) -> None:
    """A failure leaves no trace."""
    with pytest.raises(ToolError):
        await tool.call(*case.bad[:2], CONTEXT)
    assert (await tool.call(*case.good[:2], CONTEXT)).parts


async def test_cancelling_ends_a_call_and_the_tool_goes_on(tool: Toolset, case: Case) -> None:
    """The task ends with CancelledError; the next call answers."""
    task = asyncio.create_task(tool.call(*(case.endless or case.good[:2]), CONTEXT))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await tool.call(*case.good[:2], CONTEXT)).parts


async def test_close_may_be_called_twice_and_before_open(type_name: str, case: Case, tmp_path: Path) -> None:
    """Whoever gives things back need not know how far opening came."""
    toolset = make(type_name, case, tmp_path)
    await toolset.close()
    await toolset.close()
    opened = make(type_name, case, tmp_path)
    await opened.open()
    await opened.close()
    await opened.close()


def test_there_are_tools() -> None:
    """An empty listing would make this suite say nothing."""
    assert {"python", "knowledge", "mcp"} <= set(TYPES)


@pytest.mark.parametrize("name", NAMES)
def test_settings_refuse_unknown_keys(name: str) -> None:
    """A misspelt key is never ignored, and its value is not shown."""
    with pytest.raises(ValidationError) as caught:
        registry.tool_type(name).Settings.model_validate({"no_such_key": "value-of-it"})
    assert "no_such_key" in str(caught.value)
    assert "value-of-it" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_described_with_an_example(name: str) -> None:
    """They become the schema that editors show."""
    fields = registry.tool_type(name).Settings.model_fields
    assert [key for key, info in fields.items() if not info.description or not info.examples] == []


@pytest.mark.parametrize("name", NAMES)
def test_keys_that_cannot_run_yet_are_keys(name: str) -> None:
    """`NOT_YET` names nothing that the settings do not have."""
    for path in registry.not_yet("tools", name):
        settings: Any = registry.tool_type(name).Settings
        for key in path.split("."):
            known = {info.alias or field: info.annotation for field, info in settings.model_fields.items()}
            assert key in known
            settings = known[key]


@pytest.mark.parametrize("name", NAMES)
def test_importing_the_file_imports_no_sdk(name: str) -> None:
    """What is heavy is loaded when the tool is opened or called."""
    code = f"import sys, runner.tools.{name.replace('-', '_')}; print(*(set(sys.modules) & {set(SDKS)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    assert done.stdout.strip() == ""
