"""The test server as a program, the way other tests and transcripts start it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_the_program_prints_its_address_and_serves_a_script(tmp_path: Path) -> None:
    """Any process can ask it; the replies come in the order of the file."""
    script = tmp_path / "replies.json"
    script.write_text(
        json.dumps([{"say": "Hello.", "calls": [["c1", "clock", "{}"]]}, {"status": 429, "body": "{}", "headers": {"Retry-After": "1"}}])
    )
    command = [sys.executable, "-m", "tests.wire.openai_server", "--script", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            url = server.stdout.readline().strip()
            request = urllib.request.Request(f"{url}/chat/completions", data=b"{}", headers={"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read().decode()
        finally:
            server.terminate()
    assert text.endswith("data: [DONE]\n\n")
    assert '"name": "clock"' in text
