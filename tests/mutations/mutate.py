"""Changes one thing at one place of a valid definition, as a slip of the hand would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

FREE = frozenset(
    [
        "inputs",
        "with",
        "meta",
        "env",
        "headers",
        "query",
        "models",
        "output",
        "properties",
        "json",
        "form",
        "fakes",
        "expect",
        "cases",
        "data",
        "x-note",
        "when",
    ]
)
"""Maps whose keys people choose, or whose values may be anything."""
REQUIRED = frozenset({"type", "call", "sources", "url", "command"})
ENUMS = frozenset({"kind", "type", "approve", "effect", "method"})
VENDORS = frozenset({"openai", "anthropic"})
REFERENCES = frozenset({"tools", "agents", "handoffs", "model", "agent", "use"})


@dataclass(frozen=True)
class Mutation:
    """A changed file: what was done, on which lines a finding may stand, the text, and the word that was misspelt, if one was."""

    file: str
    kind: str
    lines: tuple[int, ...]
    text: str
    original: str | None = None


@dataclass(frozen=True)
class Entry:
    """A key and its value in a map, with the map's own first line."""

    key: yaml.ScalarNode
    value: yaml.Node
    depth: int
    head: int
    block: bool


def mutations(file: str, text: str, dice: random.Random) -> list[Mutation]:
    """Return every mutation that is known for a file, each with dice of its own."""
    entries = [entry for document in yaml.compose_all(text) for entry in _entries(document, 0)]
    found = [mutation for entry in entries for mutation in _of_entry(file, text, entry, dice)]
    return [mutation for mutation in found if mutation.text != text]


def misspelt_type(text: str) -> str:
    """Return a definition whose first `type:` is misspelt."""
    return text.replace("\ntype:", "\ntyqe:", 1)


def _entries(node: yaml.Node | None, depth: int) -> Iterator[Entry]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield Entry(key, value, depth, node.start_mark.line + 1, not node.flow_style)
            if key.value not in FREE:
                yield from _entries(value, depth + 1)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _entries(item, depth + 1)


def _of_entry(file: str, text: str, entry: Entry, dice: random.Random) -> Iterator[Mutation]:
    key, value = entry.key, entry.value
    line = key.start_mark.line + 1
    if len(key.value) > 3 and key.value != "type" and not key.value.startswith("x-"):
        yield Mutation(file, "key typo", (line,), _put(text, key, typo(key.value, dice)), key.value)
    if isinstance(value, yaml.ScalarNode):
        same_line = value.start_mark.line == value.end_mark.line
        if key.value not in (*FREE, "type", "result") and same_line:
            yield Mutation(file, "wrong type", (line,), _put(text, value, "{wrong: [1]}"))
        if key.value in ENUMS and len(value.value) > 2:
            yield Mutation(file, "changed enum", (line,), _put(text, value, typo(value.value, dice)), value.value)
        if entry.block and same_line:
            yield from _of_line(file, text, entry, line)
    if key.value in REFERENCES:
        yield from (_renamed(file, text, name, dice) for name in _names(value))


def _of_line(file: str, text: str, entry: Entry, line: int) -> Iterator[Mutation]:
    lines = text.splitlines(keepends=True)
    whole = lines[line - 1]
    if whole.lstrip().startswith("- "):
        return
    before, after = "".join(lines[: line - 1]), "".join(lines[line:])
    yield Mutation(file, "duplicated key", (line, line + 1), before + whole + whole + after)
    if entry.depth == 0 and line > entry.head:
        yield Mutation(file, "shifted indentation", (line - 1, line, line + 1), f"{before} {whole}{after}")
        if entry.key.value in REQUIRED:
            yield Mutation(file, "removed key", tuple(range(entry.head, entry.head + 3)), before + after)


def _names(value: yaml.Node) -> Iterator[yaml.ScalarNode]:
    for item in value.value if isinstance(value, yaml.SequenceNode) else [value]:
        if isinstance(item, yaml.ScalarNode) and item.value != "auto":
            yield item


def _renamed(file: str, text: str, node: yaml.ScalarNode, dice: random.Random) -> Mutation:
    provider, slash, name = node.value.rpartition("/")
    line = (node.start_mark.line + 1,)
    if provider in VENDORS:  # nobody can know the names of all its models
        return Mutation(file, "renamed reference", line, _put(text, node, typo(provider, dice) + slash + name), provider)
    return Mutation(file, "renamed reference", line, _put(text, node, provider + slash + typo(name, dice)), name)


def _put(text: str, node: yaml.Node, new: str) -> str:
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def typo(word: str, dice: random.Random) -> str:
    """Return a word with one letter too many, too few, or another; never its first."""
    at = dice.randrange(1, len(word))
    letter = dice.choice([sign for sign in "qxzjk" if sign != word[at]])
    return word[:at] + dice.choice([letter + word[at:], word[at + 1 :], letter + word[at + 1 :]])
