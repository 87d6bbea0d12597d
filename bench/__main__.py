"""`python -m bench [NAME …]`: run benches and print a table. Exit code 1 when a ratio passes its bar."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.measure import Row

HELPERS = ("__init__", "__main__", "measure", "definitions")
NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS))


def main(wanted: list[str]) -> int:
    """Run the wanted benches, all when none is named."""
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        sys.stderr.write(f"error: there is no bench `{unknown[0]}`\nhint: benches: {', '.join(NAMES)}\n")
        return 2
    rows: list[Row] = []
    for name in wanted or NAMES:
        sys.stderr.write(f"{name} ...\n")
        rows += importlib.import_module(f"bench.{name}").run()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; medians of processor time, runs in turns")
    print(_table(rows))
    return int(any(row.bar is not None and row.ratio > row.bar for row in rows))


def _table(rows: list[Row]) -> str:
    lines = [("bench", "ours", "beside", "ratio", "bar", "beside what")]
    lines += [
        (
            row.name,
            f"{row.ours * 1000:.1f} ms",
            f"{row.beside * 1000:.1f} ms",
            f"{row.ratio:.2f}",
            f"{row.bar:g}" if row.bar else "",
            row.what,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(5)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[5]]) for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
