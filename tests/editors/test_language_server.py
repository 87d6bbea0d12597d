"""An editor with yaml-language-server: every shipped definition is clean there, a typing error is not, and keys are completed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SERVERS = Path(os.environ.get("AGENT_RUN_TEST_SERVERS", ROOT / ".venv" / "servers"))
SHIPPED = [path for folder in ("agents.d", "tools.d", "examples", "runner/providers") for path in sorted((ROOT / folder).rglob("*.yaml"))]
DEFINITIONS = [path for path in SHIPPED if path.name != "capabilities.yaml"]


class Editor:
    """The editor's side of the language server protocol over standard input and output."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._in, self._out = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
        self._asked = 0

    def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request and return its result."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        return self._until(lambda message: message.get("id") == self._asked and "method" not in message)["result"]

    def open(self, path: Path, text: str) -> list[str]:
        """Open a document and return the messages that the editor shows for it."""
        uri = path.as_uri()
        self.tell("textDocument/didOpen", textDocument={"uri": uri, "languageId": "yaml", "version": 1, "text": text})
        told = self._until(lambda message: message.get("method", "").endswith("publishDiagnostics") and message["params"]["uri"] == uri)
        return [finding["message"] for finding in told["params"]["diagnostics"]]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._in.flush()

    def _until(self, wanted: Any) -> dict[str, Any]:
        while not wanted(message := self._read()):
            if "id" in message and "method" in message:
                items = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
                self._send({"id": message["id"], "result": None if items is None else [self.settings.get(one["section"]) for one in items]})
        return message

    settings: dict[str, Any] = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}  # noqa: RUF012 – never changed

    def _read(self) -> dict[str, Any]:
        length = 0
        while line := self._out.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the server has gone"
        return json.loads(self._out.read(length))


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    """An editor that has the repository open; skipped without the server, failed under CI."""
    program = SERVERS / "yaml-language-server/node_modules/.bin/yaml-language-server"
    if not program.exists():
        reason = f"{program} is not there: run tests/servers/prepare.sh"
        pytest.fail(reason, pytrace=False) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        made = Editor(process)
        capabilities = {"textDocument": {"completion": {"completionItem": {"snippetSupport": True}}}, "workspace": {"configuration": True}}
        made.ask("initialize", processId=None, rootUri=ROOT.as_uri(), capabilities=capabilities, workspaceFolders=None)
        made.tell("initialized")
        made.tell("workspace/didChangeConfiguration", settings=Editor.settings)
        yield made
        process.kill()


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_shipped_definition_is_clean_in_an_editor(editor: Editor, path: Path) -> None:
    """Its modeline leads to a schema that accepts it, and that notices a key that is not there."""
    text = path.read_text("utf-8")
    assert editor.open(path, text) == []
    head, _, rest = text.partition("\n")
    found = editor.open(path.with_name(f"mistaken-{path.name}"), f"{head}\nno_such_key: 1\n{rest}")
    assert any("no_such_key" in message for message in found), found


def test_keys_are_completed_with_what_they_mean(editor: Editor) -> None:
    """In an agent: its keys and, inside `limits`, those of limits."""
    path = ROOT / "agents.d/unsaved.yaml"
    text = "# yaml-language-server: $schema=../schemas/agent.schema.json\nkind: agent\nlimits:\n  t\n\n"
    editor.open(path, text)

    def completed(line: int, column: int) -> dict[str, Any]:
        place = {"line": line, "character": column}
        shown = editor.ask("textDocument/completion", textDocument={"uri": path.as_uri()}, position=place)
        return {item["label"]: item.get("documentation") for item in shown["items"]}

    top, inner = completed(4, 0), completed(3, 3)
    assert {"model", "instructions", "tools", "handoffs"} <= set(top)
    assert {"turns", "tool_calls", "time"} <= set(inner)
    assert "model" not in inner
    assert "Model calls" in str(inner["turns"])
