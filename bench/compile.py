"""Validation of 100 to 1,000 definitions of 60 lines beside a bare loop of PyYAML's C loader and jsonschema over the same files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.definitions import make
from bench.measure import Row, interleave, process

COUNTS = (100, 300, 1000)
ROUNDS = 3

BARE = """
import json, pathlib, sys, yaml, jsonschema
schema = json.loads(pathlib.Path("schemas/agent.schema.json").read_text())
validator = jsonschema.validators.validator_for(schema)(schema)
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.yaml")):
    list(validator.iter_errors(yaml.load(path.read_text(), Loader=yaml.CSafeLoader)))
"""


def run() -> list[Row]:
    """Return a row for each size, and one for the growth from the smallest to the largest beside linear growth."""
    rows = [_size(count) for count in COUNTS]
    small, large = rows[0], rows[-1]
    linear = small.ours * COUNTS[-1] / COUNTS[0]
    return [
        *rows,
        Row(f"growth, {COUNTS[0]} → {COUNTS[-1]:,} definitions", large.ours, linear, "linear growth from the first row", bar=1.2),
    ]


def _size(count: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), count)
        medians = interleave({"ours": process(["-m", "runner", "validate", folder]), "beside": process(["-c", BARE, folder])}, ROUNDS)
    return Row(f"validate, {count:,} definitions", medians["ours"], medians["beside"], "C loader and jsonschema, bare")
