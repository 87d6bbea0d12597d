"""The `knowledge` tool: passages under their places, an index that follows the files, and clear words when there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ConfigError, ToolError
from runner.graph import ToolsetNode
from runner.messages import Citation
from runner.tools import CallContext, ToolsetContext, knowledge

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = CallContext("c1", "s1", "r1", "a1")
RETURNS = "# Returns\n\n## How long?\n\nA book may come back within 30 days.\n"


def toolset(root: Path, *sources: str, search: Any = None, **node: Any) -> knowledge.Knowledge:
    made = ToolsetNode("handbook", "knowledge", "tools.d/handbook.yaml:2", root=str(root), base=str(root), **node)
    settings = knowledge.Settings.model_validate({"sources": list(sources)} | ({"search": search} if search else {}))
    return knowledge.open(made, settings, ToolsetContext(str(root), str(root / "data")))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "returns.md").write_text(RETURNS)
    (tmp_path / "book" / "fees.txt").write_text("A late book costs two dollars a week.\n")
    return tmp_path


async def test_passages_stand_under_their_places(root: Path) -> None:
    """Text for the model, data for the next step, citations for whoever checks."""
    tool = toolset(root, "book")
    await tool.open()
    output = await tool.call("", {"query": "How long may I keep a book?"}, CONTEXT)
    await tool.close()
    (part,) = output.parts
    assert part.text == (  # pyright: ignore[reportAttributeAccessIssue]
        "[1] book/returns.md:3-5 (Returns › How long?)\n## How long?\n\nA book may come back within 30 days.\n\n"
        "[2] book/fees.txt:1\nA late book costs two dollars a week."
    )
    assert output.citations == (Citation("book/returns.md", "Returns › How long?", 3, 5), Citation("book/fees.txt", "", 1, 1))
    assert output.data["passages"][1] == {
        "text": "A late book costs two dollars a week.",
        "file": "book/fees.txt",
        "heading": "",
        "lines": [1, 1],
    }
    assert output.data["sources"] == "- [1] book/returns.md:3-5 (Returns › How long?)\n- [2] book/fees.txt:1"
    assert output.data["text"].startswith("## How long?\n\nA book may come back")


async def test_a_new_document_is_found_after_the_next_open(root: Path) -> None:
    """The index follows the files, in one file of the data folder."""
    first = toolset(root, "book")
    await first.open()
    assert "Nothing found" in (await first.call("", {"query": "zeppelin"}, CONTEXT)).parts[0].text  # pyright: ignore[reportAttributeAccessIssue]
    await first.close()
    (root / "book" / "new.md").write_text("# Flying\n\nZeppelins leave at noon.\n")
    second = toolset(root, "book")
    await second.open()
    assert (await second.call("", {"query": "zeppelin"}, CONTEXT)).citations == (Citation("book/new.md", "Flying", 1, 3),)
    await second.close()
    assert len(list((root / "data" / "knowledge").glob("*.db"))) == 1


async def test_nothing_found_is_an_answer_and_no_error(root: Path) -> None:
    """The model may try other words."""
    tool = toolset(root, "book")
    await tool.open()
    output = await tool.call("", {"query": "quantum\nchromodynamics"}, CONTEXT)
    await tool.close()
    assert output.parts[0].text == "Nothing found for `quantum chromodynamics`. Try other words."  # pyright: ignore[reportAttributeAccessIssue]
    assert (output.data, output.citations) == ({"passages": [], "text": "", "sources": ""}, ())


async def test_what_cannot_be_read_is_left_out_and_said(root: Path) -> None:
    """A warning names the file and the reason; the rest is searched; a search that finds nothing mentions it."""
    (root / "book" / "scan.dat").write_bytes(b"\0\1\2")
    tool = toolset(root, "book")
    await tool.open()
    assert tool.warnings == ("knowledge `handbook` leaves files out: book/scan.dat is binary",)
    assert (await tool.call("", {"query": "book"}, CONTEXT)).citations
    nothing = await tool.call("", {"query": "zeppelin"}, CONTEXT)
    assert "could not be searched: book/scan.dat is binary" in nothing.parts[0].text  # pyright: ignore[reportAttributeAccessIssue]
    await tool.close()


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (["bok"], "tools.d/handbook.yaml:2: knowledge `handbook`: source `bok` matches no file"),
        (["../.."], "tools.d/handbook.yaml:2: knowledge `handbook`: source `../..` is outside the project"),
        (["junk.bin"], "tools.d/handbook.yaml:2: knowledge `handbook`: none of the sources can be read"),
    ],
)
async def test_sources_that_give_nothing_are_the_authors_error(root: Path, sources: list[str], message: str) -> None:
    """The line of the YAML, what is wrong, and a hint."""
    (root / "junk.bin").write_bytes(b"\0")
    tool = toolset(root, *sources)
    with pytest.raises(ConfigError) as caught:
        await tool.open()
    await tool.close()
    assert caught.value.message == message
    assert caught.value.hint


async def test_top_comes_from_the_call_then_the_yaml(root: Path) -> None:
    """The model may ask for more or fewer; the author sets the default."""
    tool = toolset(root, "book", search={"top": 1})
    await tool.open()
    assert tool.members()[0].input_schema["properties"]["top"]["default"] == 1
    assert len((await tool.call("", {"query": "book"}, CONTEXT)).citations) == 1
    assert len((await tool.call("", {"query": "book", "top": 2}, CONTEXT)).citations) == 2
    await tool.close()


async def test_bound_values_are_hidden_and_used(root: Path) -> None:
    """`with: {top: 1}` is not the model's to change; an unknown name is refused."""
    tool = toolset(root, "book", bound={"top": 1})
    await tool.open()
    assert list(tool.members()[0].input_schema["properties"]) == ["query"]
    assert len((await tool.call("", {"query": "book", "top": 2}, CONTEXT)).citations) == 1
    await tool.close()
    with pytest.raises(ConfigError, match="`with` gives `tpo`, which a knowledge tool does not take"):
        await toolset(root, "book", bound={"tpo": 1}).open()


async def test_a_closed_knowledge_base_says_so(root: Path) -> None:
    """A call after the end is told to the model."""
    tool = toolset(root, "book")
    await tool.open()
    await tool.close()
    with pytest.raises(ToolError, match="is closed"):
        await tool.call("", {"query": "book"}, CONTEXT)
