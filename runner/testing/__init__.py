"""What outsiders test with: contract suites and helpers."""
