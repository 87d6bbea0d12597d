"""Benches: one file each, found by listing the folder. `python -m bench [NAME …]` runs them and prints medians and ratios."""
