"""An MCP server on a real socket with the SDK's own classes: `python web.py streamable-http|sse`. Prints its port; wants the header X-Key."""

from __future__ import annotations

import socket
import sys
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context  # noqa: TC002 – the SDK reads annotations at run time
from mcp.server.mcpserver.exceptions import ToolError

made = MCPServer("web")


@made.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


@made.tool()
async def steps(ctx: Context) -> str:
    """Report progress."""
    await ctx.report_progress(1, 2, "half")
    return "stepped"


@made.tool()
def fail() -> str:
    """Fail."""
    raise ToolError("no such order")


inner = made.sse_app() if sys.argv[1] == "sse" else made.streamable_http_app()


async def guarded(scope: Any, receive: Any, send: Any) -> None:
    """Let only requests through that carry the key."""
    if scope["type"] == "http" and dict(scope["headers"]).get(b"x-key") != b"letmein":
        await send({"type": "http.response.start", "status": 401, "headers": []})
        await send({"type": "http.response.body", "body": b"who are you?"})
    else:
        await inner(scope, receive, send)


with socket.create_server(("127.0.0.1", 0)) as listening:
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(guarded, log_level="critical")).run(sockets=[listening])
