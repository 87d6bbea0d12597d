"""The command line: parse flags, call `app`, show. One file per verb."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave the process with its exit code."""
    from runner.cli.border import leave
    from runner.cli.verbs import execute

    leave(execute)
