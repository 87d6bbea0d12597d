"""The tool type `knowledge`: searches the project's own files and answers with passages and where they stand.

The index lives in the data folder, one file per knowledge base, and is brought in line with the files when the tool is opened.
Knows nothing of how passages are found: that is the retriever it asks the registry for.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from runner.errors import ConfigError, StoreError, ToolError
from runner.messages import TextPart
from runner.registry import open_retriever
from runner.spec.base import ToolSettings
from runner.tools import Member, ToolOutput
from runner.tools._search import MOST, Search
from runner.tools._sources import find_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.graph import ToolsetNode
    from runner.retrieval import Hit, Retriever
    from runner.tools import CallContext, ToolsetContext

EFFECT = "read"
NOT_YET = ("search.embeddings", "search.rerank")

_SHOWN = 5


class Settings(ToolSettings):
    """The keys of a `knowledge` tool."""

    sources: list[str] = Field(
        min_length=1,
        description="Files, folders and globs to search, relative to this file and inside the project.",
        examples=[["../docs", "../README.md", "../notes/**/*.txt"]],
    )
    search: Search = Field(default=Search(), description="How it is searched.", examples=[{"top": 8}])


def open(node: ToolsetNode, settings: Settings, context: ToolsetContext) -> Knowledge:  # noqa: A001 – the contract's word
    """Return the knowledge base of a node; its index is brought up to date by `Toolset.open`."""
    return Knowledge(node, settings, context)


class Knowledge:
    """A knowledge base as a tool with one member."""

    def __init__(self, node: ToolsetNode, settings: Settings, context: ToolsetContext) -> None:
        self._node = node
        self._settings = settings
        self._bound: Mapping[str, Any] = {}
        self._context = context
        self._index = Path(context.data_dir, "knowledge", f"{node.name}-{_fingerprint(node, settings)}.db")
        self._retriever: Retriever | None = None
        self._unread: tuple[tuple[str, str], ...] = ()

    async def open(self) -> None:
        """Find the sources and bring the index in line with them. Raises ConfigError when nothing can be searched, StoreError for the index."""
        unknown = sorted(set(self._node.bound) - {"query", "top"})
        if unknown:
            raise self._config_error(f"`with` gives `{unknown[0]}`, which a knowledge tool does not take", "it takes `query` and `top`")
        self._bound = self._context.resolve(dict(self._node.bound))
        try:
            found = find_files(self._settings.sources, Path(self._node.base), Path(self._node.root))
        except ConfigError as error:
            raise self._config_error(error.message, error.hint) from error
        self._retriever = open_retriever("keyword", self._index)
        report = await self._retriever.sync(found.files)
        self._unread = found.refused + report.failed
        if report.added + report.changed + report.unchanged == 0:
            raise self._config_error("none of the sources can be read", _listed(self._unread))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The files that could not be searched, in one line."""
        return (f"knowledge `{self._node.name}` leaves files out: {_listed(self._unread)}",) if self._unread else ()

    def members(self) -> tuple[Member, ...]:
        """Return the one member, a search."""
        description = (
            self._node.description or f"Search {', '.join(self._settings.sources)} and return the best passages with their places."
        )
        schema = self._node.inputs or _input_schema(self._settings.search.top, self._node.bound)
        return (Member("", description, schema, effect="read", approve="never"),)

    async def call(self, member: str, arguments: Mapping[str, Any], context: CallContext) -> ToolOutput:
        """Search. The text is numbered passages under their places; `data` holds `passages`, their `text` alone and `sources`, their places."""
        del member, context
        if self._retriever is None:
            raise ToolError("the knowledge base is closed")
        arguments = {**arguments, **self._bound}
        query = arguments.get("query")
        if not isinstance(query, str):
            raise ToolError("`query` must be text")
        top = arguments.get("top") or self._settings.search.top
        try:
            hits = await self._retriever.search(query, max(1, min(int(top), MOST)))
        except StoreError as error:
            raise ToolError(error.message) from error
        return _found(hits) if hits else self._nothing(query)

    async def close(self) -> None:
        """Close the index. May be called twice."""
        if self._retriever is not None:
            await self._retriever.close()
            self._retriever = None

    def _nothing(self, query: str) -> ToolOutput:
        text = f"Nothing found for `{' '.join(query.split())[:200]}`. Try other words."
        if self._unread:
            text += f" These files could not be searched: {_listed(self._unread)}."
        return ToolOutput((TextPart(text),), data={"passages": [], "text": "", "sources": ""})

    def _config_error(self, message: str, hint: str | None) -> ConfigError:
        where = f"{self._node.source}: " if self._node.source else ""
        return ConfigError(f"{where}knowledge `{self._node.name}`: {message}", hint=hint)


def _fingerprint(node: ToolsetNode, settings: Settings) -> str:
    key = "\0".join([node.root, node.base, *settings.sources])
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def _input_schema(top: int, bound: Mapping[str, Any]) -> dict[str, Any]:
    properties = {
        "query": {"type": "string", "description": "What to look for: a question or its telling words."},
        "top": {"type": "integer", "description": "How many passages to return.", "minimum": 1, "maximum": MOST, "default": top},
    }
    return {
        "type": "object",
        "properties": {name: schema for name, schema in properties.items() if name not in bound},
        "required": [name for name in ("query",) if name not in bound],
        "additionalProperties": False,
    }


def _found(hits: Sequence[Hit]) -> ToolOutput:
    labels = [f"[{number}] {hit.citation.label()}" for number, hit in enumerate(hits, start=1)]
    text = "\n\n".join(f"{label}\n{hit.text}" for label, hit in zip(labels, hits, strict=True))
    data = {
        "passages": [_passage(hit) for hit in hits],
        "text": "\n\n".join(hit.text for hit in hits),
        "sources": "\n".join(f"- {label}" for label in labels),
    }
    return ToolOutput((TextPart(text),), data=data, citations=tuple(hit.citation for hit in hits))


def _passage(hit: Hit) -> dict[str, Any]:
    place = hit.citation
    return {"text": hit.text, "file": place.file, "heading": place.heading, "lines": [place.first_line, place.last_line]}


def _listed(files: Sequence[tuple[str, str]]) -> str:
    shown = "; ".join(f"{name} {reason}" for name, reason in files[:_SHOWN])
    return shown if len(files) <= _SHOWN else f"{shown}; and {len(files) - _SHOWN} more"
