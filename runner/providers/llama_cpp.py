"""Models in GGUF files, run inside this process; a model's id is the path of its file. Its keys are checked; it cannot run yet."""

from __future__ import annotations

from pydantic import Field

from runner.spec.base import ProviderSettings
from runner.spec.words import Text


class Settings(ProviderSettings):
    """Where the files are and how much of the machine they may use."""

    folder: Text | None = Field(
        default=None, description="Where paths of model files begin; the folder of this file unless said.", examples=["/models"]
    )
    threads: int | None = Field(default=None, ge=1, description="Threads that compute; all cores unless said.", examples=[4])
    gpu_layers: int | None = Field(default=None, ge=0, description="Layers of the model that a graphics card computes.", examples=[32])
