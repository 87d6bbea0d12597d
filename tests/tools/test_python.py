"""The `python` tool at run time: threads and coroutines, results, errors told to the model, and what is abandoned."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from itertools import count
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from runner import redact
from runner.errors import ConfigError, ToolError
from runner.graph import ToolsetNode
from runner.messages import FilePart, TextPart
from runner.tools import CallContext, ToolOutput, ToolsetContext, python

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

numbers = count()


class Shop:
    """Makes tools of source text; each module has a name of its own, as a process imports a name once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.opened: list[python.PythonToolset] = []

    def toolset(self, source: str, name: str = "f", **node: Any) -> python.PythonToolset:
        module = f"house_of_tools_{next(numbers)}"
        (self.root / f"{module}.py").write_text("from __future__ import annotations\n" + dedent(source))
        call = f"{module}:{name}"
        made = ToolsetNode(
            "tool", "python", "tools.d/tool.yaml:3", root=str(self.root), base=str(self.root), settings={"call": call}, **node
        )
        context = ToolsetContext(str(self.root), str(self.root), (str(self.root),), resolve=_resolve)
        toolset = python.open(made, python.Settings(call=call), context)
        self.opened.append(toolset)
        return toolset

    async def call(self, source: str, member: str = "", /, name: str = "f", **arguments: Any) -> ToolOutput:
        toolset = self.toolset(source, name)
        await toolset.open()
        return await toolset.call(member, arguments, context())


def _resolve(value: Any) -> Any:
    return {key: item.replace("${env:ROOM}", "A7") if isinstance(item, str) else item for key, item in value.items()}


def context(**more: Any) -> CallContext:
    return CallContext("c1", "s1", "r1", "a1", **more)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    made = Shop(tmp_path)
    yield made
    for toolset in made.opened:
        await toolset.close()


@pytest.mark.parametrize(
    ("expression", "text", "data"),
    [
        ("'snow'", "snow", None),
        ("None", "done", None),
        ("7", "7", 7),
        ("True", "true", True),
        ("0.5", "0.5", 0.5),
        ("float('nan')", "nan", None),
        ("{'city': 'Zürich', 1: (2, 3)}", '{"city": "Zürich", "1": [2, 3]}', {"city": "Zürich", "1": [2, 3]}),
        ("[]", "[]", []),
        ("Point(1, datetime.date(2026, 1, 2))", '{"x": 1, "day": "2026-01-02"}', {"x": 1, "day": "2026-01-02"}),
        ("Model(n=3)", '{"n": 3}', {"n": 3}),
        ("Colour.RED", "red", None),
    ],
)
async def test_what_a_function_returns_becomes_text_and_data(shop: Shop, expression: str, text: str, data: Any) -> None:
    """Words stay words; everything else is JSON for the model and data for the next step."""
    source = f"""
        import dataclasses, datetime, enum, pydantic
        @dataclasses.dataclass
        class Point:
            x: int
            day: datetime.date
        class Model(pydantic.BaseModel):
            n: int
        class Colour(enum.Enum):
            RED = "red"
        def f(): return {expression}
        """
    output = await shop.call(source)
    assert [part.text for part in output.parts] == [text]  # pyright: ignore[reportAttributeAccessIssue]
    assert output.data == data


async def test_bytes_are_kept_as_a_file(shop: Shop) -> None:
    """The model gets a handle, named by what the bytes are."""
    kept: list[tuple[bytes, str, str]] = []

    async def put_blob(raw: bytes, media_type: str, name: str) -> FilePart:
        kept.append((raw, media_type, name))
        return FilePart(name, media_type, "b1")

    toolset = shop.toolset("def f(): return b'\\x89PNG...'")
    await toolset.open()
    output = await toolset.call("", {}, context(put_blob=put_blob))
    assert kept == [(b"\x89PNG...", "image/png", "tool.png")]
    assert output.parts[-1] == FilePart("tool.png", "image/png", "b1")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise ValueError('no such order')", "ValueError: no such order"),
        ("raise KeyError('x')", "KeyError: 'x'"),
        ("raise Exception", "Exception"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise asyncio.CancelledError('gave up')", "CancelledError: gave up"),
        ("raise Odd('x')", "Odd"),
        ("raise ToolError('say this')", "say this"),
        ("return object()", "the function returned `object`, which cannot be written as JSON"),
        ("return loop", "the function returned data that is nested too deeply or refers to itself"),
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_whatever_a_function_raises_is_told_in_one_line(shop: Shop, kind: str, body: str, message: str) -> None:
    """Type and message, no traceback, from a thread and from a coroutine."""
    source = f"""
        import asyncio
        from runner.errors import ToolError
        class Odd(Exception):
            def __str__(self): raise RuntimeError
        loop = []
        loop.append(loop)
        {kind} f(): {body}
        """
    with pytest.raises(ToolError) as caught:
        await shop.call(source)
    assert caught.value.message == message


async def test_a_stop_iteration_in_a_thread_is_told_too(shop: Shop) -> None:
    """The one exception that a future cannot carry."""
    with pytest.raises(ToolError, match=r"^StopIteration: x$"):
        await shop.call("def f(): raise StopIteration('x')")


async def test_secrets_do_not_reach_the_model_through_an_error(shop: Shop, clean_redaction: None) -> None:
    """An exception's message is redacted by value."""
    del clean_redaction
    redact.register("hunter2-hunter2", "SHOP_KEY")
    with pytest.raises(ToolError) as caught:
        await shop.call("def f(): raise RuntimeError('cannot log in with hunter2-hunter2')")
    assert "hunter2" not in caught.value.message
    assert "SHOP_KEY" in caught.value.message


@pytest.fixture
def clean_redaction() -> Iterator[None]:
    redact.clear()
    yield
    redact.clear()


async def test_sync_functions_run_beside_the_loop_and_coroutines_in_it(shop: Shop) -> None:
    """A sync function has a daemon thread of its own, so that it can hold up neither the loop nor the end of the program."""
    source = """
        import threading
        def f(): return [threading.current_thread() is threading.main_thread(), threading.current_thread().daemon]
        """
    assert (await shop.call(source)).data == [False, True]
    assert (await shop.call(source.replace("def f", "async def f"))).data[0] is True


async def test_context_variables_reach_the_thread(shop: Shop) -> None:
    """What the caller set is seen by the function."""
    variable = contextvars.ContextVar("variable", default="unset")
    variable.set("set")
    source = """
        import contextvars
        def f(): return {v.name: c for v, c in contextvars.copy_context().items()}.get("variable")
        """
    assert (await shop.call(source)).parts[0].text == "set"  # pyright: ignore[reportAttributeAccessIssue]


async def test_calls_run_at_the_same_time(shop: Shop) -> None:
    """Two calls wait for each other: one after the other they would never end."""
    toolset = shop.toolset("""
        import threading
        both = threading.Barrier(2)
        def f(): return both.wait(20) >= 0
        """)
    await toolset.open()
    outputs = await asyncio.gather(*(toolset.call("", {}, context()) for _ in range(2)))
    assert [output.data for output in outputs] == [True, True]


async def test_a_cancelled_thread_is_abandoned_and_said_so(shop: Shop) -> None:
    """The caller goes on at once; the thread goes on alone; its end disturbs nobody."""
    toolset = shop.toolset("""
        import threading
        begun, go, ended = threading.Event(), threading.Event(), threading.Event()
        def f():
            begun.set()
            go.wait(20)
            ended.set()
            raise RuntimeError("too late")
        """)
    await toolset.open()
    module = __import__(toolset._functions[""].__module__)
    said: list[str] = []
    task = asyncio.create_task(toolset.call("", {}, context(progress=lambda message, _done, _total: said.append(message))))
    await asyncio.to_thread(module.begun.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert said == ["`tool` cannot be stopped: it goes on in the background and its result is dropped"]
    assert not module.ended.is_set()
    module.go.set()
    assert await asyncio.to_thread(module.ended.wait, 20)


async def test_a_cancelled_coroutine_is_cancelled(shop: Shop) -> None:
    """Its own clean-up runs, and nothing is said to be left behind."""
    toolset = shop.toolset("""
        import asyncio
        begun, seen = asyncio.Event(), []
        async def f():
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                seen.append("cleaned up")
        """)
    await toolset.open()
    module = __import__(toolset._functions[""].__module__)
    said: list[str] = []
    task = asyncio.create_task(toolset.call("", {}, context(progress=lambda message, _done, _total: said.append(message))))
    await module.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (module.seen, said) == (["cleaned up"], [])


async def test_a_coroutine_whose_own_task_was_cancelled_has_failed(shop: Shop) -> None:
    """Nobody stopped the call: the model is told, and the run goes on."""
    source = """
        import asyncio
        async def f():
            inner = asyncio.ensure_future(asyncio.Event().wait())
            asyncio.get_running_loop().call_soon(inner.cancel)
            await inner
        """
    with pytest.raises(ToolError, match=r"^CancelledError$"):
        await shop.call(source)


async def test_a_class_is_made_with_its_bound_values_and_closed(shop: Shop) -> None:
    """`with` goes to the constructor, references filled in; public methods are members; `close` is called once."""
    source = """
        class Desk:
            closed = []
            def __init__(self, room: str, floor: int = 1):
                self.room = room
            def where(self) -> str:
                "Say where the desk is."
                return f"room {self.room}"
            async def later(self, text: str) -> str:
                return text + self.room
            def close(self):
                self.closed.append(self.room)
        """
    toolset = shop.toolset(source, "Desk", bound={"room": "${env:ROOM}"}, description="A desk.")
    await toolset.open()
    assert [(member.name, member.description) for member in toolset.members()] == [("where", "Say where the desk is."), ("later", "later")]
    assert (await toolset.call("where", {}, context())).parts[0].text == "room A7"  # pyright: ignore[reportAttributeAccessIssue]
    assert (await toolset.call("later", {"text": "in "}, context())).parts[0].text == "in A7"  # pyright: ignore[reportAttributeAccessIssue]
    closed = toolset._instance.closed
    await toolset.close()
    await toolset.close()
    assert closed == ["A7"]
    with pytest.raises(ToolError, match="is not open"):
        await toolset.call("where", {}, context())


async def test_arguments_arrive_as_the_annotated_types(shop: Shop) -> None:
    """Dataclasses are made, also in lists; whole numbers become floats; bound values and the context are filled in."""
    toolset = shop.toolset(
        """
        from dataclasses import dataclass
        from runner.tools import CallContext
        @dataclass
        class Item:
            name: str
            price: float
        def f(items: list[Item], best: Item | None, rate: float, key: str, context: CallContext) -> list:
            return [[item.name for item in items], best.price, type(rate).__name__, key, context.call_id]
        """,
        bound={"key": "${env:ROOM}"},
    )
    await toolset.open()
    assert sorted(toolset.members()[0].input_schema["properties"]) == ["best", "items", "rate"]
    arguments = {"items": [{"name": "a", "price": 1}], "best": {"name": "b", "price": 2}, "rate": 3}
    assert (await toolset.call("", arguments, context())).data == [["a"], 2.0, "float", "A7", "c1"]


@pytest.mark.parametrize(
    ("hint", "value", "arrives"),
    [
        ("int", 3.0, 3),
        ("int", -0.0, 0),
        ("int | None", 3.0, 3),
        ("str | int", 3.0, 3),
        ("int | float", 3.0, 3.0),
        ("list[int]", [1.0, 2], [1, 2]),
        ("dict[str, int]", {"a": 1.0}, {"a": 1}),
        ("float", 3, 3.0),
        ("bool | int", True, True),
        ("str", "3.0", "3.0"),
    ],
)
async def test_a_number_arrives_as_the_annotated_kind(shop: Shop, hint: str, value: Any, arrives: Any) -> None:
    """JSON has one kind of number, so `3.0` is an integer where one is asked for."""
    assert (await shop.call(f"def f(x: {hint}): return repr(x)", x=value)).parts == (TextPart(repr(arrives)),)


async def test_yaml_words_and_inputs_win(shop: Shop) -> None:
    """The author's description and inputs replace those of the source."""
    inputs = {"type": "object", "properties": {"x": {"type": "string", "maxLength": 3}}, "required": ["x"]}
    toolset = shop.toolset("def f(x, y=1):\n    'Source.'\n    return x", description="YAML.", inputs=inputs)
    await toolset.open()
    (member,) = toolset.members()
    assert (member.description, member.input_schema, member.effect, member.approve) == ("YAML.", inputs, "write", "ask")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(x): ...", r"tools.d/tool.yaml:3: tool `tool`: .*\.py:2: parameter `x` has no annotation"),
        ("import nowhere_at_all\ndef f(): ...", r"\.py:2: importing `.*` fails: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("def f(): ...\nraise SystemExit(1)", r"\.py:3: importing `.*` fails: SystemExit: 1"),
        ("class f:\n  def __init__(self): 1 / 0\n  def g(self): ...", r"making `.*:f` fails: ZeroDivisionError: division by zero"),
    ],
)
async def test_what_cannot_be_opened_is_a_configuration_error(shop: Shop, source: str, message: str) -> None:
    """The author is told where, before the first turn."""
    toolset = shop.toolset(source)
    with pytest.raises(ConfigError, match=message) as caught:
        await toolset.open()
    assert "\n" not in caught.value.message
    assert toolset.members() == ()


async def test_problems_of_the_source_are_diagnostics(shop: Shop) -> None:
    """Every finding has its own place in the Python file."""
    with pytest.raises(ConfigError) as caught:
        await shop.toolset("def f(x,\n  y): ...").open()
    found = caught.value.diagnostics
    assert [(finding.rule.id, finding.span.line, finding.message) for finding in found] == [
        ("python-call", 2, "parameter `x` has no annotation"),
        ("python-call", 3, "parameter `y` has no annotation"),
    ]


async def test_a_missing_module_is_told_at_the_tools_definition(tmp_path: Path) -> None:
    """There is no Python file to point at, so the finding points at the YAML."""
    node = ToolsetNode("tool", "python", "tools.d/tool.yaml:3", root=str(tmp_path), base=str(tmp_path))
    with pytest.raises(ConfigError) as caught:
        await python.open(node, python.Settings(call="nowhere:f"), ToolsetContext("", "", (str(tmp_path),))).open()
    (finding,) = caught.value.diagnostics
    assert (finding.span.label(), finding.message) == ("tools.d/tool.yaml:3", "there is no module `nowhere`")


async def test_a_project_file_cannot_stand_in_for_an_installed_module(tmp_path: Path) -> None:
    """`json.py` in a project is refused instead of breaking whoever imports json."""
    (tmp_path / "json.py").write_text("def f(): return 1\n")
    node = ToolsetNode("tool", "python", "", root=str(tmp_path), base=str(tmp_path))
    toolset = python.open(node, python.Settings(call="json:f"), ToolsetContext("", "", (str(tmp_path),)))
    with pytest.raises(ConfigError, match=r"json\.py:1: another module is called `json`"):
        await toolset.open()


def test_a_thread_that_never_ends_does_not_hold_up_the_program(tmp_path: Path) -> None:
    """The loop ends and is closed while the thread still runs; nothing is printed about it."""
    release = threading.Event()
    (tmp_path / "endless_tool.py").write_text("hold = []\ndef f():\n    hold[0].wait(20)\n")

    async def main() -> None:
        node = ToolsetNode("tool", "python", "", root=str(tmp_path), base=str(tmp_path))
        toolset = python.open(node, python.Settings(call="endless_tool:f"), ToolsetContext("", "", (str(tmp_path),)))
        await toolset.open()
        __import__("endless_tool").hold.append(release)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(toolset.call("", {}, context()), 0)

    asyncio.run(main())
    release.set()
