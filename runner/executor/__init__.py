"""Runs any graph: turns, tools, limits, approvals, the journal. Knows no YAML, no compiler and no concrete plug-in."""
