"""Which files belong to a project, and what kind and name each document has."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.compiler.compile import check_all, compile_agent, find_root, read
from runner.errors import UsageError
from tests.compiler.project import findings_of, reading_of, write

AGENT = "instructions: Be brief.\n"
TOOL = "type: knowledge\nsources: [.]\n"


def test_the_root_is_the_nearest_folder_that_looks_like_one(tmp_path: Path) -> None:
    """The project file or one of the folders marks it; else it is where one stands."""
    write(tmp_path, {"agents.d/a.yaml": AGENT, "sub/deep/x.txt": "", "other/agent-run.yaml": "model: auto\n", "other/in/x.txt": ""})
    assert find_root(tmp_path / "sub" / "deep") == tmp_path
    assert find_root(tmp_path / "other" / "in") == tmp_path / "other"
    assert find_root(Path(tmp_path.anchor)) == Path(tmp_path.anchor)


def test_folders_give_kind_and_files_give_name(tmp_path: Path) -> None:
    """Folders are read to their depth; hidden files, `_*` and other endings are not read."""
    write(
        tmp_path,
        {
            "agents.d/team/one.yaml": AGENT,
            "agents.d/two.yml": AGENT,
            "agents.d/_draft.yaml": "nonsense: 1\n",
            "agents.d/.hidden.yaml": "nonsense: 1\n",
            "agents.d/_old/three.yaml": "nonsense: 1\n",
            "agents.d/readme.md": "# no\n",
            "tools.d/look.yaml": TOOL,
            "providers.d/team.yaml": "type: openai-chat\nbase_url: https://llm.example/v1\n",
        },
    )
    reading = reading_of(tmp_path)
    own = {kind: [name for name, found in shelf.items() if not found.shipped] for kind, shelf in vars_of(reading).items()}
    assert own == {"agents": ["one", "two"], "tools": ["look"], "providers": ["team"]}
    unused = [("providers.d/team.yaml:1", "unused-definition"), ("tools.d/look.yaml:1", "unused-definition")]
    assert (findings_of(tmp_path), reading.files) == (unused, 4)


def vars_of(reading: object) -> dict[str, dict[str, object]]:
    library = reading.library
    return {"agents": library.agents, "tools": library.tools, "providers": library.providers}


def test_kind_is_said_then_the_file_name_then_the_folder(tmp_path: Path) -> None:
    """A tool may stand in `agents.d` when it says so."""
    write(tmp_path, {"agents.d/look.yaml": f"kind: tool\n{TOOL}", "agents.d/a.test.yaml": "cases: []\n", "agents.d/a.yaml": AGENT})
    reading = reading_of(tmp_path)
    assert list(reading.library.tools)[:1] == ["look"]
    assert [document.kind for document in reading.worlds[0].documents] == ["agent", "tool", "test"]


def test_a_folder_is_searched_for_what_looks_like_ours(tmp_path: Path) -> None:
    """Beside the `*.d` folders only files with our modeline, kind or first keys are read: others' YAML is left alone."""
    write(
        tmp_path,
        {
            "compose.yaml": "services: {}\n",
            "k8s.yaml": "kind: Deployment\n",
            "hello.yaml": AGENT,
            "lined.yaml": "# yaml-language-server: $schema=x/agent.schema.json\ndescription: Empty.\n",
            "tool.yaml": f"kind: tool\n{TOOL}",
            "deep/hello2.yaml": AGENT,
            "hello.test.yaml": "cases: []\n",
        },
    )
    reading = reading_of(tmp_path)
    names = sorted(document.name for document in reading.worlds[0].documents)
    assert names == ["hello", "hello", "lined", "tool"]


def test_a_folder_of_a_project_is_checked_within_its_project(tmp_path: Path) -> None:
    """Names are looked up in the whole project; only what was asked for is spoken about."""
    write(tmp_path, {"agents.d/a.yaml": f"{AGENT}tools: [look]\n", "tools.d/look.yaml": f"{TOOL}timout: 1s\n"})
    assert findings_of(tmp_path, "agents.d") == []
    assert findings_of(tmp_path, "agents.d/a.yaml") == []
    assert findings_of(tmp_path, "tools.d") == [("tools.d/look.yaml:3", "unknown-key")]


def test_files_of_different_projects_are_checked_apart(tmp_path: Path) -> None:
    """Each path has its own root."""
    write(tmp_path, {"one/agents.d/a.yaml": AGENT, "two/agents.d/a.yaml": f"{AGENT}agents: [b]\n", "one/agents.d/b.yaml": AGENT})
    assert findings_of(tmp_path, "one", "two/agents.d/a.yaml") == [("two/agents.d/a.yaml:2", "unresolved-agent")]


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    """No definition is its own duplicate."""
    write(tmp_path, {"agents.d/a.yaml": AGENT})
    assert findings_of(tmp_path, "agents.d/a.yaml", "agents.d", ".", "agents.d/../agents.d/a.yaml") == []


def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    """The person mistyped it."""
    with pytest.raises(UsageError, match=r"no file or folder"):
        reading_of(tmp_path, "nothing")


def test_own_definitions_replace_shipped_ones_by_name(tmp_path: Path) -> None:
    """A project's `assistant` is the assistant: no duplicate, but a word about what it hides unless it extends it."""
    write(tmp_path, {"agents.d/assistant.yaml": AGENT})
    reading = reading_of(tmp_path)
    assert not reading.library.agents["assistant"].shipped
    assert reading.library.agents["guide"].shipped
    assert findings_of(tmp_path) == [("agents.d/assistant.yaml:1", "shadowed-shipped")]
    write(tmp_path, {"agents.d/assistant.yaml": f"extends: assistant\n{AGENT}"})
    assert findings_of(tmp_path) == []


def test_findings_are_the_same_whatever_the_order_of_paths(tmp_path: Path) -> None:
    """Sorted by file and place, without repetitions."""
    write(tmp_path, {"agents.d/b.yaml": "x: 1\ny: 2\n", "agents.d/a.yaml": "z: 1\n"})
    assert findings_of(tmp_path, "agents.d/b.yaml", "agents.d/a.yaml") == findings_of(tmp_path) == findings_of(tmp_path, ".", "agents.d")


def test_inside_a_project_the_whole_project_is_checked(tmp_path: Path) -> None:
    """`validate` without a path works from every folder of it."""
    write(tmp_path, {"agents.d/a.yaml": "x: 1\n", "deep/in/x.txt": ""})
    reading = read([Path()], cwd=tmp_path / "deep" / "in")
    assert [finding.span.file for finding in check_all(reading)] == [str(tmp_path / "agents.d" / "a.yaml")]


@pytest.mark.parametrize("path", ["x" * 5000, "a\0b", "~nobody_of_that_name/x"])
def test_a_path_that_cannot_be_one_is_a_usage_error(tmp_path: Path, path: str) -> None:
    """Somebody mixed up the arguments."""
    with pytest.raises(UsageError):
        reading_of(tmp_path, path)
    with pytest.raises(UsageError):
        compile_agent(f"./{path}", cwd=tmp_path)
