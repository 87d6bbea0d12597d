"""Pictures of what an agent reaches, in several formats. A picture is made from definitions, so an agent that cannot run yet has one too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runner.compiler.drawing.picture import Picture

FORMATS = ("mermaid", "dot", "json", "svg")
"""What a picture can be written as."""


def render(picture: Picture, form: str) -> str:
    """Return a picture as text in one of `FORMATS`, with a line end. Raises KeyError for another format."""
    from runner.compiler.drawing import svg, texts

    writers = {"mermaid": texts.mermaid, "dot": texts.dot, "json": texts.as_json, "svg": svg.svg}
    return writers[form](picture)
