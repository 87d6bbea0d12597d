"""The sandbox contract's room. Empty until the code interpreter comes; nothing here pretends to isolate."""
