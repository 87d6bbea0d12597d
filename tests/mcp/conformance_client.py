"""What the conformance suite starts as the client: hands the URL to the test, where our toolset is warm, and ends as the test says.

`python -I -S conformance_client.py SOCKET URL`. Twenty-six of these start at once: importing the SDK in each would take minutes.
"""

from __future__ import annotations

import socket
import sys

with socket.socket(socket.AF_UNIX) as line:
    line.connect(sys.argv[1])
    line.sendall(sys.argv[-1].encode() + b"\n")
    answer = line.makefile().readline().strip()
sys.exit(answer if answer != "ok" else 0)
