"""Doors for other programs. Empty until they come."""
