"""One output format of findings per file."""
