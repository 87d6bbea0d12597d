"""Traces and metrics from the event stream. Empty until they come."""
