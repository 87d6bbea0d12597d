"""The terminal: what a person sees and types. The only rooms that know rich and prompt_toolkit, and only when a person is there."""
