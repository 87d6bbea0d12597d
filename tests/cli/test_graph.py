"""`graph`: what an agent reaches as a picture, in each format."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from runner.compiler.drawing import FORMATS
from runner.compiler.drawing.layout import layout
from runner.compiler.drawing.picture import Node, Picture

if TYPE_CHECKING:
    from tests.cli.kit import Cli

FLOW = """\
kind: agent
name: writing
inputs: {publish: boolean}
flow:
  - agent: parrot
  - id: both
    parallel:
      - {id: one, agent: parrot}
      - {id: two, tool: wipe, with: {what: x}}
  - id: choose
    ask: "Again? <b>\\"&\\""
    choices: ["yes", "no"]
    next:
      - {when: "${steps.choose.output == 'yes'}", to: parrot, max: 2}
  - {id: last, when: "${inputs.publish}", tool: nap, with: {seconds: 1}}
"""


def test_agents_tools_and_providers_are_nodes_with_their_place(cli: Cli) -> None:
    """The agent comes first; edges say what they are."""
    drawn = cli("graph", "parrot", "--format", "json")
    assert (drawn.code, drawn.err) == (0, "")
    data = drawn.json()
    assert [node["id"] for node in data["nodes"]] == ["agent:parrot", "provider:script", "tool:wipe", "tool:nap"]
    assert data["nodes"][2]["source"] == "tools.d/acts.yaml:1"
    assert {"start": "agent:parrot", "end": "provider:script", "kind": "model", "label": "script/parrot"} in data["edges"]
    assert {"start": "agent:parrot", "end": "tool:nap", "kind": "tool", "label": ""} in data["edges"]


def test_a_flow_that_cannot_run_yet_is_drawn_with_its_ways(cli: Cli) -> None:
    """Steps in order, ways back with their condition, the steps of `parallel`, and what each step runs."""
    (cli.root / "agents.d/writing.yaml").write_text(FLOW)
    drawn = cli("graph", "writing", "--format", "json")
    assert drawn.code == 0, drawn.err
    edges = {(edge["start"], edge["end"], edge["label"]) for edge in drawn.json()["edges"]}
    step = "step:writing/"
    assert edges >= {
        ("agent:writing", f"{step}0", ""),
        (f"{step}0", f"{step}1", ""),
        (f"{step}1", f"{step}1/parallel/0", "together"),
        (f"{step}1/parallel/1", "tool:wipe", ""),
        (f"{step}2", f"{step}0", "when ${steps.choose.output == 'yes'} at most 2 times"),
        (f"{step}2", f"{step}3", ""),
        (f"{step}3", "end:writing", ""),
    }
    assert (f"{step}0", f"{step}2", "") not in edges


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_draws_every_node_and_the_same_each_time(cli: Cli, form: str) -> None:
    """Text of the author's is escaped; a drawing is well-formed XML."""
    (cli.root / "agents.d/writing.yaml").write_text(FLOW.replace("id: last", "id: la-st"))
    first, second = cli("graph", "writing", "--format", form), cli("graph", "writing", "--format", form)
    assert first == second
    assert first.code == 0, first.err
    for name in ("writing", "parrot", "wipe", "nap", "la-st"):
        assert name in first.out
    assert "<b>" not in first.out or form in ("json", "dot")
    if form == "svg":
        names = [element.text for element in ET.fromstring(first.out).iter("{http://www.w3.org/2000/svg}text")]
        assert {"writing", "choose", "nap"} <= set(names)
    if form == "mermaid":
        assert first.out.startswith("flowchart LR\n")
        assert all(line.count('"') % 2 == 0 for line in first.out.splitlines())
    if form == "dot":
        assert first.out.count("{") - first.out.count("${") == first.out.count("}") - first.out.count("${")


def test_findings_are_told_as_validate_tells_them(cli: Cli) -> None:
    """No picture, exit 1; an agent that nobody defines says so."""
    (cli.root / "agents.d/broken.yaml").write_text("instructions: x\ntools: [wpe]\n")
    drawn = cli("graph", "broken")
    assert (drawn.code, drawn.out) == (1, "")
    assert "agents.d/broken.yaml:2" in drawn.err
    assert cli("graph", "nobody").code == 3
    assert cli("graph", "parrot", "--format", "png").code == 2


def test_boxes_never_touch_and_ways_lead_to_the_right() -> None:
    """Circles and a hundred nodes included."""
    picture = Picture("a")
    for at in range(100):
        picture.add(Node(str(at), "agent", "x" * (at % 17 + 1)))
    for at in range(99):
        picture.join(str(at // 3), str(at + 1), "call")
    picture.join("99", "0", "handoff")
    boxes = layout(picture)
    assert len(boxes) == 100
    assert all(boxes[str(at // 3)].x < boxes[str(at + 1)].x for at in range(99))
    every = list(boxes.values())
    for at, one in enumerate(every):
        for two in every[at + 1 :]:
            apart = one.x + one.width <= two.x or two.x + two.width <= one.x or one.y + one.height <= two.y or two.y + two.height <= one.y
            assert apart
