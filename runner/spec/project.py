"""The project document: `agent-run.yaml` at the root."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from runner.spec.base import Spec
from runner.spec.document import Document
from runner.spec.policy import PolicySpec
from runner.spec.words import ModelList, ModelName, Name, Text


class NetworkSpec(Spec):
    """Which private addresses tools may reach."""

    allow: list[Text] | None = Field(
        default=None, description="Hosts or host:port; all other private addresses are refused.", examples=[["127.0.0.1:8080"]]
    )


class SecretsSpec(Spec):
    """Where secrets come from beside the environment."""

    dotenv: Text | None = Field(default=None, description="A file of NAME=value lines.", examples=[".env"])


class LogSpec(Spec):
    """What is logged and how."""

    level: Literal["debug", "info", "warning", "error"] | None = Field(
        default=None, description="The least that is logged.", examples=["info"]
    )
    format: Literal["console", "json"] | None = Field(default=None, description="For people, or one JSON object a line.", examples=["json"])
    file: Text | None = Field(default=None, description="A file instead of standard error.", examples=["agent-run.log"])


class ServerSpec(Spec):
    """Where `agent-run serve` listens."""

    host: Text | None = Field(default=None, description="The address.", examples=["127.0.0.1"])
    port: int | None = Field(default=None, ge=0, le=65535, description="The port; 0 = any free one.", examples=[8765])


class ProjectKeys(Spec):
    """What a project says, and a profile says otherwise."""

    model: ModelName | ModelList | None = Field(default=None, description="The model of agents that name none.", examples=["team/smart"])
    python: list[Text] | None = Field(default=None, description="Module roots that python tools may name.", examples=[["shop"]])
    store: Text | None = Field(
        default=None, description="Where sessions are kept: `sqlite`, a path, `memory`, or `mongodb://…`.", examples=["sqlite"]
    )
    policy: PolicySpec | None = Field(default=None, description="Holds for every agent, beside its own.", examples=[{"deny": ["shell"]}])
    network: NetworkSpec | None = Field(
        default=None, description="Which private addresses tools may reach.", examples=[{"allow": ["127.0.0.1:8080"]}]
    )
    secrets: SecretsSpec | None = Field(
        default=None, description="Where secrets come from beside the environment.", examples=[{"dotenv": ".env"}]
    )
    log: LogSpec | None = Field(default=None, description="What is logged and how.", examples=[{"level": "info"}])
    server: ServerSpec | None = Field(default=None, description="Where `agent-run serve` listens.", examples=[{"port": 8765}])


class Profile(ProjectKeys):
    """A patch on the project document; one at a time."""


class ProjectSpec(ProjectKeys, Document):
    """Where a project's sessions, rules and limits are kept. Alone in its file."""

    kind: Literal["project"] | None = Field(default=None, description="The kind of document.", examples=["project"])
    profiles: dict[Name, Profile] | None = Field(
        default=None, description="Patches on this document, chosen with --profile.", examples=[{"ci": {"policy": {"deny": ["*"]}}}]
    )
