"""An MCP server on stdio in bare Python, well behaved or not: `python plain.py [MODE]`. Starts fast, needs no SDK.

Modes: good, silent (never answers), crash (ends before it answers), flood (fills its standard error without end), liar (a list of tools
that is wrong in every way), pages (one tool a page), none (knows no tools), noise (junk between its messages), stubborn (ignores the end
of its input and SIGTERM, and starts a child that does too, in a session of its own), long (a message without end).
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time

MODE = sys.argv[1] if len(sys.argv) > 1 else "good"
TEXT = {"type": "object", "properties": {"text": {"type": "string", "default": None}}, "additionalProperties": False}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


def tool(name: str, schema: object = TEXT, **more: object) -> dict[str, object]:
    return {"name": name, "description": f"Tool {name}.", "inputSchema": schema, **more}


GOOD = [
    tool("echo", annotations={"readOnlyHint": True}),
    tool("set", annotations={"idempotentHint": True}),
    tool("fail"),
    tool("wait", annotations={"readOnlyHint": True}),
    tool("exit"),
    tool("everything"),
    tool("steps"),
    tool("environment"),
    tool("count"),
]
LIES = [
    tool("echo"),
    "not a tool",
    {"description": "no name", "inputSchema": TEXT},
    tool("schema_is_text", "nonsense"),
    tool("schema_is_list", {"type": "array"}),
    tool("schema_is_invalid", {"type": "object", "properties": {"a": {"type": "no such type"}}}),
    tool("bad name!"),
    tool("x" * 80),
    tool("echo"),
    tool("untyped", {"properties": {"text": {"type": "string"}}}),
    {"name": "odd", "description": 7, "inputSchema": TEXT, "annotations": "read", "outputSchema": [], "icons": 3, "title": "Odd"},
]
PAGES = ["one", "two", "three"]
CALLS = {"count": 0}


def send(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words: str, **more: object) -> dict[str, object]:
    return {"content": [{"type": "text", "text": words}], **more}


def everything() -> dict[str, object]:
    content = [
        {"type": "text", "text": "words"},
        {"type": "image", "data": PNG, "mimeType": "image/png"},
        {"type": "audio", "data": "not base64!", "mimeType": "audio/wav"},
        {"type": "resource", "resource": {"uri": "file:///a/notes.txt", "mimeType": "text/plain", "text": "inside"}},
        {"type": "resource", "resource": {"uri": "file:///a/data.bin", "blob": PNG}},
        {"type": "resource_link", "name": "more", "uri": "https://example.com/more"},
    ]
    return {"content": content, "structuredContent": {"n": 1, "nothing": None}}


def call(params: dict[str, object], number: object) -> dict[str, object] | None:
    name, arguments = params["name"], params.get("arguments", {})
    if name == "wait":
        return None
    if name == "exit":
        sys.stderr.write("the disk is full\n")
        sys.stderr.flush()
        os._exit(9)
    if name == "fail":
        return text("that went wrong", isError=True)
    if name == "everything":
        return everything()
    if name == "environment":
        return text(" ".join(sorted(os.environ)))
    if name == "count":
        CALLS["count"] += 1
        return text(str(CALLS["count"]))
    if name == "steps":
        token = params["_meta"]["progressToken"]  # type: ignore[index]
        for step in (1, 2):
            send(
                {
                    "method": "notifications/progress",
                    "params": {"progressToken": token, "progress": step, "total": 2, "message": f"step {step}"},
                }
            )
        return text("stepped")
    return text(f"{name}: {arguments.get('text')}")  # type: ignore[attr-defined]


def listing(params: dict[str, object]) -> dict[str, object]:
    if MODE == "pages":
        page = int(params.get("cursor", 0))  # type: ignore[call-overload]
        following = {"nextCursor": str(page + 1)} if page + 1 < len(PAGES) else {}
        return {"tools": [tool(PAGES[page])], **following}
    return {"tools": LIES if MODE == "liar" else GOOD}


def answer(request: dict[str, object]) -> None:
    method, number, params = request["method"], request.get("id"), request.get("params", {})
    if number is None:
        return
    if method == "initialize":
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "plain", "version": "1"}}
        send({"id": number, "result": result})
    elif method == "tools/list" and MODE != "none":
        send({"id": number, "result": listing(params)})  # type: ignore[arg-type]
    elif method == "tools/call":
        result = call(params, number)  # type: ignore[arg-type]
        if result is not None:
            send({"id": number, "result": result})
    else:
        send({"id": number, "error": {"code": -32601, "message": "Method not found"}})


def flood() -> None:
    while True:
        os.write(2, b"x" * 65536)


def noise() -> None:
    os.write(1, b'hello\n{"broken": \n[1, 2]\n\xff\xfe{"a": 1}\n{"jsonrpc": "2.0", "id": "\xff"}\n\n')


def main() -> None:
    if MODE == "crash":
        sys.exit("no configuration file")
    if MODE == "flood":
        threading.Thread(target=flood, daemon=True).start()
    if MODE == "long":
        while True:
            os.write(1, b"{" + b" " * 65535)
    if MODE == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        with open(sys.argv[2], "w") as file:  # noqa: PTH123 – no pathlib: it doubles the time to start
            file.write(f"{os.getpid()} {child.pid}")
    for line in sys.stdin:
        if MODE == "noise":
            noise()
        if MODE != "silent":
            answer(json.loads(line))
    if MODE in ("stubborn", "silent"):
        time.sleep(600)


main()
