"""What each kind of document may hold: frozen, strict pydantic classes and nothing else. Meaning is the compiler's affair.

The one door of pydantic beside the settings class atop each plug-in. `schemas/` is generated from these classes.
"""
