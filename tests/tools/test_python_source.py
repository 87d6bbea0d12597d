"""What a `call` offers, read from source alone: members, schemas, and every problem with its place."""

from __future__ import annotations

import json
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from runner.tools._python_members import Description, describe, problems

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Write files below a root and describe a call in them; the files stop whoever imports them."""

    def described(call: str, /, *, bound: Any = (), inputs: Any = None, **files: str) -> Description:
        for name, text in files.items():
            path = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
            path = path.with_stem(path.stem.replace("INIT", "__init__"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text) + "\nraise SystemExit('imported')\n")
        return describe(call, [str(tmp_path)], bound=bound, inputs=inputs)

    return described


def schema_of(found: Description) -> dict[str, Any]:
    assert [problem.text() for problem in found.problems] == []
    return found.members[0].input_schema


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("str", {"type": "string"}),
        ("int", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("bool", {"type": "boolean"}),
        ("list", {"type": "array"}),
        ("list[int]", {"type": "array", "items": {"type": "integer"}}),
        ("Sequence[list[str]]", {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}),
        ("dict", {"type": "object"}),
        ("dict[str, Any]", {"type": "object"}),
        ("dict[str, int]", {"type": "object", "additionalProperties": {"type": "integer"}}),
        ("Literal['a', 'b']", {"type": "string", "enum": ["a", "b"]}),
        ("typing.Literal[1, 2]", {"type": "integer", "enum": [1, 2]}),
        ("Literal['a', 1]", {"enum": ["a", 1]}),
        ("str | None", {"type": ["string", "null"]}),
        ("Optional[int]", {"type": ["integer", "null"]}),
        ("Union[int, str, None]", {"type": ["integer", "string", "null"]}),
        ("list[int] | None", {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}),
        ("'str'", {"type": "string"}),
        ("Annotated[str, 'A city']", {"type": "string", "description": "A city"}),
        ("Any", {}),
    ],
)
def test_annotations_become_json_schema(shop: Any, annotation: str, schema: dict[str, Any]) -> None:
    """Each annotation that is understood, written with or without its module."""
    found = schema_of(shop("m:f", m=f"def f(x: {annotation}): ..."))
    assert found == {"type": "object", "properties": {"x": schema}, "required": ["x"], "additionalProperties": False}


def test_nothing_is_imported_to_be_described(shop: Any) -> None:
    """The file would stop the program if it ran."""
    assert shop("far.away:f", far__away="def f(): ...").members[0].name == ""
    assert "far" not in sys.modules


def test_defaults_and_docstring_reach_the_schema(shop: Any) -> None:
    """A parameter with a default may be left out; words of the docstring describe tool and parameters."""
    found = shop(
        "m:f",
        m='''
        LIMIT = 3
        async def f(city: str, days: int = 2, unit: Literal["C", "F"] = "C", limit: int = LIMIT, *, loud: bool = False):
            """Tell the weather.

            For a few days.

            Args:
                city: The city,
                    with its country.
                days (int): How many days.

            Returns:
                Words.
            """
        ''',
    )
    assert found.members[0].description == "Tell the weather.\n\nFor a few days."
    schema = schema_of(found)
    assert schema["required"] == ["city"]
    assert schema["properties"] == {
        "city": {"type": "string", "description": "The city, with its country."},
        "days": {"type": "integer", "description": "How many days.", "default": 2},
        "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
        "limit": {"type": "integer"},
        "loud": {"type": "boolean", "default": False},
    }


def test_sphinx_docstrings_are_read(shop: Any) -> None:
    """`:param x:` describes x."""
    schema = schema_of(shop("m:f", m='def f(x: str):\n    """Do it.\n\n    :param str x: The thing.\n    :returns: no.\n    """'))
    assert schema["properties"]["x"]["description"] == "The thing."


def test_dataclasses_typed_dicts_and_aliases_are_followed_into_other_files(shop: Any) -> None:
    """A type may stand in another module of the project; it becomes a closed object."""
    files = {
        "pack__INIT": "from .api import f as entry",
        "pack__api": "from pack.models import Order, Place\nimport datetime\ndef f(order: Order, place: Place): ...",
        "pack__models": """
            from dataclasses import dataclass
            from typing import NotRequired, TypedDict
            Size = Literal["s", "l"]
            @dataclass(frozen=True)
            class Order:
                '''An order.'''
                number: int
                size: Size = "s"
                kind: ClassVar[int] = 1
            class Place(TypedDict):
                street: str
                zip: NotRequired[str]
            """,
    }
    schema = schema_of(shop("pack:entry", **files))
    assert schema["properties"] == {
        "order": {
            "type": "object",
            "properties": {"number": {"type": "integer"}, "size": {"type": "string", "enum": ["s", "l"]}},
            "required": ["number"],
            "additionalProperties": False,
            "description": "An order.",
        },
        "place": {
            "type": "object",
            "properties": {"street": {"type": "string"}, "zip": {"type": "string"}},
            "required": ["street"],
            "additionalProperties": False,
        },
    }


def test_public_methods_are_members_in_order(shop: Any) -> None:
    """Private ones, properties and closers are not; those of a base class in the project are."""
    source = """
        class Base:
            def first(self, x: int): "First."
        class Desk(Base):
            def __init__(self, room: str, floor: int = 1): ...
            def open_ticket(self, text: str): "Open a ticket."
            @staticmethod
            def ping(): ...
            @property
            def size(self): ...
            def _hidden(self, whatever): ...
            def close(self): ...
        """
    found = shop("m:Desk", bound=["room"], m=source)
    assert [(member.name, member.description) for member in found.members] == [
        ("first", "First."),
        ("open_ticket", "Open a ticket."),
        ("ping", "ping"),
    ]
    assert found.is_class


def test_bound_and_context_parameters_are_hidden_from_the_model(shop: Any) -> None:
    """`with` and the call's context fill them."""
    found = shop("m:f", bound=["key"], m="def f(text: str, key: str, context: 'CallContext | None' = None): ...")
    assert list(schema_of(found)["properties"]) == ["text"]
    assert found.members[0].context == "context"


@pytest.mark.parametrize(
    ("call", "source", "line", "message"),
    [
        ("m:f", "def f(x): ...", 1, "parameter `x` has no annotation"),
        ("m:f", "import datetime\ndef f(\n  x: datetime.date,\n): ...", 3, "`datetime.date` cannot be written as JSON Schema"),
        ("m:f", "def f(x: 'list['): ...", 1, "`'list['` cannot be written as JSON Schema"),
        ("m:f", "def f(x: dict[int, str]): ...", 1, "`dict[int, str]` cannot be written as JSON Schema"),
        ("m:f", "A = 'A'\ndef f(x: A): ...", 1, "`'A'` refers to itself or goes too deep"),
        ("m:f", "def f(*words: str): ...", 1, "`f` takes `*words`, which a model cannot fill"),
        ("m:f", "def f(**words: str): ...", 1, "`f` takes `**words`, which a model cannot fill"),
        ("m:f", "def f(x: str, /): ...", 1, "`f` has positional-only parameters"),
        ("m:f", "f = 3", 1, "`f` is neither a function nor a class"),
        ("m:g", "def f(): ...", 1, "module `m` has no `g`"),
        ("m:f", "\ndef f(:", 2, "this is not valid Python: invalid syntax"),
        ("m:C", "class C:\n    def _f(self): ...", 1, "class `C` has no public method"),
        ("m:C", "class C:\n  def __init__(self, room: str): ...\n  def f(self): ...", 2, "the constructor of `C` needs `room`"),
    ],
)
def test_a_problem_is_told_with_its_place(tmp_path: Path, call: str, source: str, line: int, message: str) -> None:
    """What is wrong, in which file, on which line."""
    (tmp_path / "m.py").write_text(source + "\n")
    assert problems(call, [str(tmp_path)]) == ((message, str(tmp_path / "m.py"), line),)


def test_all_problems_are_told_at_once(shop: Any) -> None:
    """One pass, every finding."""
    found = shop("m:f", bound=["cty"], m="def f(x, y: set[int], city: str): ...")
    assert [problem.message for problem in found.problems] == [
        "`with` gives `cty`, which `f` does not take",
        "parameter `x` has no annotation",
        "`set[int]` cannot be written as JSON Schema",
    ]
    assert found.problems[0].hint == "did you mean `city`?"
    assert found.members == ()


def test_a_module_that_is_not_there_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """There is no file to blame, so the hint names the places."""
    (problem,) = describe("shop.tools:f", [str(tmp_path)]).problems
    assert (problem.text(), problem.file) == ("there is no module `shop.tools`", "")
    assert str(tmp_path) in (problem.hint or "")


def test_a_misspelt_name_gets_a_suggestion(shop: Any) -> None:
    """The module's own names are offered."""
    (problem,) = shop("m:lookup_ordr", m="def lookup_order(): ...").problems
    assert problem.hint == "did you mean `lookup_order`?"


def test_inputs_of_the_yaml_stand_in_for_annotations(shop: Any) -> None:
    """Parameters need no annotation then, but names must fit."""
    source = "def f(x, y=1): ..."
    assert shop("m:f", inputs=["x"], m=source).problems == ()
    found = shop("m:f", inputs=["z"], m=source).problems
    assert [problem.message for problem in found] == [
        "`inputs` has `z`, which `f` does not take",
        "`inputs` lacks `x`, which `f` needs",
    ]
    assert shop("m:g", inputs=["anything"], m="def g(**rest): ...").problems == ()


@pytest.mark.parametrize("root", ["shop", "shop.py", "."])
def test_a_root_is_a_folder_of_modules_or_the_top_level_module_itself(tmp_path: Path, root: str) -> None:
    """`python: [shop]` finds `shop.tools` in the folder `shop`, and `shop.py`."""
    (tmp_path / "shop.py").write_text("def f(x: int): ...\n")
    assert describe("shop:f", [str(tmp_path / root)]).problems == ()
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "tools.py").write_text("def f(x: int): ...\n")
    assert describe("shop.tools:f", [str(tmp_path / root)]).problems == ()


def test_an_installed_module_can_be_named_when_the_project_lists_it(tmp_path: Path) -> None:
    """`python: [json]` allows what is installed; without it nothing outside the project is read."""
    assert describe("json:dumps", [str(tmp_path)]).module is None
    messages = {problem.message for problem in describe("json:dumps", [str(tmp_path / "json")]).problems}
    assert "parameter `obj` has no annotation" in messages


@pytest.mark.parametrize("junk", [b"\0\0", b"\xff\xfe", b"(" * 5000, b"x" + b"+x" * 20000, b"# coding: nonsense\n"])
def test_hostile_source_is_a_problem_and_no_crash(tmp_path: Path, junk: bytes) -> None:
    """Whatever the file holds, the answer is a line a person can read."""
    (tmp_path / "m.py").write_bytes(junk)
    (problem,) = describe("m:f", [str(tmp_path)]).problems
    assert json.dumps(problem.text())
    assert problem.file
