"""One check of meaning per file; found by the folder listing."""
