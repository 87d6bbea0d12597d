"""The shipped agents that use MCP servers, offline: the real servers, a scripted model."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from runner import app
from runner.channel import Headless
from tests.mcp.kit import published

if TYPE_CHECKING:
    from pathlib import Path

    from runner.executor.result import RunResult


def project(folder: Path, script: list[dict[str, Any]], **commands: list[str]) -> app.Options:
    """A project that replaces the model by a script and the servers' commands by the installed ones; the agents stay as they ship."""
    provider = {"kind": "provider", "name": "s", "type": "scripted", "models": {"m": {"script": script}}}
    documents = [provider, *({"kind": "tool", "name": name, "extends": name, "command": command} for name, command in commands.items())]
    for number, document in enumerate(documents):
        place = folder / f"{document['kind']}s.d"
        place.mkdir(exist_ok=True)
        (place / f"{number}.yaml").write_text(json.dumps(document))
    return app.Options(project=folder, workspace=folder, store="memory", model="s/m")


async def ask(name: str, question: str, options: app.Options) -> RunResult:
    compiled = app.compile_agent(name, options)
    async with app.open_agent(compiled, channel=Headless()) as live:
        return await live.run(question)


async def test_the_clock_converts_with_the_time_server(tmp_path: Path) -> None:
    """The conversion comes from the server; nobody needs to approve a read."""
    noon = {"source_timezone": "Europe/Oslo", "time": "12:00", "target_timezone": "Asia/Tokyo"}
    script = [{"calls": [{"tool": "time_convert_time", "with": noon}]}, {"say": "${results.time_convert_time}"}]
    options = project(tmp_path, script, time=[published("mcp-server-time", "bin", "mcp-server-time"), "--local-timezone", "UTC"])
    result = await ask("clock", "When it is noon in Oslo, what time is it in Tokyo?", options)
    assert (result.stop_reason, result.denied) == ("done", ())
    assert json.loads(result.result)["target"]["timezone"] == "Asia/Tokyo"


async def test_the_repository_helper_reads_history_and_files_and_can_change_nothing(tmp_path: Path) -> None:
    """Log and file come from the two servers; a commit or a write is no tool of this agent."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "a.txt").write_text("hello from the file\n")
    who = ["-c", "user.name=n", "-c", "user.email=e@example.invalid"]
    for command in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-q", "-m", "the first commit"]):
        subprocess.run(["git", *command], cwd=work, check=True)
    script = [
        {
            "calls": [
                {"tool": "git_git_log", "with": {"repo_path": str(work)}},
                {"tool": "filesystem_read_text_file", "with": {"path": str(work / "a.txt")}},
                {"tool": "git_git_commit", "with": {"repo_path": str(work), "message": "x"}},
                {"tool": "filesystem_write_file", "with": {"path": str(work / "b.txt"), "content": "x"}},
            ]
        },
        {"say": "${results.git_git_log}\n---\n${results.filesystem_read_text_file}\n---\n${results.filesystem_write_file}"},
    ]
    server = published("server-filesystem", "node_modules", "@modelcontextprotocol", "server-filesystem", "dist", "index.js")
    git = [published("mcp-server-git", "bin", "mcp-server-git")]
    options = project(tmp_path, script, git=git, filesystem=["node", server, str(work)])
    result = await ask("repo", "What is here?", options)
    assert result.stop_reason == "done"
    assert "the first commit" in result.result
    assert "hello from the file" in result.result
    assert "there is no tool `filesystem_write_file`" in result.result
    assert not (work / "b.txt").exists()
