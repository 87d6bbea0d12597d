"""How the contract suite makes an `mcp` tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.contracts.test_tools import Case
from tests.mcp.kit import plain

if TYPE_CHECKING:
    from pathlib import Path


def case(folder: Path) -> Case:
    """The plain server of tests/mcp, which needs nothing but Python."""
    return Case(
        settings={"command": plain()},
        good=("echo", {"text": "hello"}, "echo: hello"),
        bad=("fail", {}, "that went wrong"),
        endless=("wait", {}),
    )
