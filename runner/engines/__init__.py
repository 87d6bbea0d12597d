"""Where a run lives: in this process, or in a durable engine."""
