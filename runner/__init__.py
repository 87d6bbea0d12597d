"""agent-run: agents written as YAML, checked like code, run anywhere."""

from __future__ import annotations

__version__ = "0.1.0"
