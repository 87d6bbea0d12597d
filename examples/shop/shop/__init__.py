"""The code of the shop that agents may call."""
