"""Secrets by name: looked up, registered with `redact`, never shown."""
