"""`validate` of one small file beside a process that only imports what it cannot do without: yaml, jsonschema and typer."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.measure import Row, interleave, process

ROUNDS = 15


def run() -> list[Row]:
    """Return one row; the bar is twice the bare imports."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hello.yaml"
        file.write_text("model: openai/gpt-5-mini\ninstructions: You are a terse, friendly assistant.\n")
        medians = interleave(
            {"ours": process(["-m", "runner", "validate", str(file)]), "beside": process(["-c", "import yaml, jsonschema, typer"])},
            ROUNDS,
        )
    return [Row("validate, one small file", medians["ours"], medians["beside"], "import yaml, jsonschema, typer", bar=2.0)]
