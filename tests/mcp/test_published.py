"""Published servers, each in an environment of its own: what people will really connect to. Installed by tests/servers/prepare.sh."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from runner.errors import ToolError
from runner.messages import FilePart
from tests.mcp.kit import CONTEXT, Blobs, names, opened, published, words

if TYPE_CHECKING:
    from pathlib import Path


def node(name: str, *arguments: str) -> list[str]:
    return ["node", published(name, "node_modules", "@modelcontextprotocol", name, "dist", "index.js"), *arguments]


def python(name: str, *arguments: str) -> list[str]:
    return [published(name, "bin", name), *arguments]


async def test_time(tmp_path: Path) -> None:
    """`mcp-server-time` converts; both of its tools only read."""
    async with opened(tmp_path, command=python("mcp-server-time", "--local-timezone", "Europe/Oslo")) as toolset:
        assert names(toolset) == ["get_current_time", "convert_time"]
        assert {member.effect for member in toolset.members()} == {"read"}
        arguments = {"source_timezone": "Europe/Oslo", "time": "12:30", "target_timezone": "Asia/Tokyo"}
        converted = json.loads(words(await toolset.call("convert_time", arguments, CONTEXT)))
        assert converted["target"]["timezone"] == "Asia/Tokyo"
        with pytest.raises(ToolError, match="Mars/Base"):
            await toolset.call("get_current_time", {"timezone": "Mars/Base"}, CONTEXT)


async def test_git(tmp_path: Path) -> None:
    """`mcp-server-git` shows a commit; its hints tell what changes a repository."""
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    (tmp_path / "a.txt").write_text("hello\n")
    async with opened(tmp_path, command=python("mcp-server-git", "--repository", str(tmp_path))) as toolset:
        effects = {member.name: member.effect for member in toolset.members()}
        assert (effects["git_status"], effects["git_add"], effects["git_commit"]) == ("read", "idempotent", "write")
        repository = {"repo_path": str(tmp_path)}
        assert "a.txt" in words(await toolset.call("git_status", repository, CONTEXT))
        await toolset.call("git_add", {**repository, "files": ["a.txt"]}, CONTEXT)
        assert "hello" in words(await toolset.call("git_diff_staged", repository, CONTEXT))


async def test_filesystem(tmp_path: Path) -> None:
    """`server-filesystem` works in the workspace and stays inside it."""
    async with opened(tmp_path, command=node("server-filesystem", "."), **{"except": ["write_*"]}) as toolset:
        assert "write_file" not in names(toolset)
        (tmp_path / "a.txt").write_text("hello")
        assert "hello" in words(await toolset.call("read_text_file", {"path": str(tmp_path / "a.txt")}, CONTEXT))
        with pytest.raises(ToolError, match="denied"):
            await toolset.call("read_text_file", {"path": "/etc/passwd"}, CONTEXT)


async def test_everything(tmp_path: Path) -> None:
    """`server-everything` exercises text, images, resources, structured results and progress."""
    blobs = Blobs()
    steps: list[Any] = []
    context = replace(CONTEXT, put_blob=blobs.put, progress=lambda *step: steps.append(step))
    async with opened(tmp_path, command=node("server-everything")) as toolset:
        assert words(await toolset.call("echo", {"message": "hi"}, context)) == "Echo: hi"
        picture = await toolset.call("get-tiny-image", {}, context)
        assert any(isinstance(part, FilePart) for part in picture.parts)
        assert blobs.kept[0][1] == "image/png"
        weather = await toolset.call("get-structured-content", {"location": "Chicago"}, context)
        assert set(weather.data) == {"temperature", "conditions", "humidity"}
        await toolset.call("trigger-long-running-operation", {"duration": 0.2, "steps": 2}, context)
        assert [done for _, done, _ in steps] == [1, 2]
        environment = json.loads(words(await toolset.call("get-env", {}, context)))
        assert set(environment) <= {"HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "PWD", "LC_CTYPE"}
