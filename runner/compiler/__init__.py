"""Turns definitions into a checked, frozen graph. `compile.py` is the way in."""
