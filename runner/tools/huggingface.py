"""The tool type `huggingface`: a task that a model at Hugging Face does. Its keys are checked; no model is asked yet."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.spec.base import ToolSettings
from runner.spec.words import Name, Text

EFFECT = "read"

Task = Literal[
    "automatic-speech-recognition",
    "feature-extraction",
    "image-to-text",
    "object-detection",
    "question-answering",
    "summarization",
    "text-classification",
    "text-generation",
    "text-to-image",
    "translation",
    "zero-shot-classification",
]
"""Tasks by the names that Hugging Face gives them."""


class Settings(ToolSettings):
    """The keys of a `huggingface` tool."""

    task: Task = Field(description="What is done; it says which inputs the tool has.", examples=["summarization"])
    model: Text | None = Field(
        default=None,
        description="The model's id; the one that is recommended for the task unless said.",
        examples=["facebook/bart-large-cnn"],
    )
    provider: Name | None = Field(
        default=None, description="The provider of type `huggingface` whose address and key are used.", examples=["huggingface"]
    )
