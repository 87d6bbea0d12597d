"""How passages are searched: the keys that knowledge and memory share."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.words import ModelName

MOST = 50
"""The most passages that one search returns."""


class Search(Spec):
    """How passages are searched."""

    embeddings: ModelName | None = Field(
        default=None,
        description="The model that finds passages by meaning, beside the search by words.",
        examples=["openai/text-embedding-3-small"],
    )
    rerank: ModelName | None = Field(
        default=None, description="The model that puts the best passages first.", examples=["openai/gpt-5-mini"]
    )
    top: int = Field(default=5, ge=1, le=MOST, description="How many passages a search returns unless the model says.", examples=[5])
