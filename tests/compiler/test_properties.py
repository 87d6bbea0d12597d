"""Whatever is in a file: reading and checking end with findings inside the file, the same ones each time, and never with an exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runner.compiler.builder import Source
from runner.compiler.check import check_shape
from runner.compiler.definition import Library
from runner.compiler.discovery import Found
from runner.compiler.documents import documents_of
from runner.compiler.report import json, text
from runner.compiler.rules import Context, checks
from runner.compiler.source import read_bytes
from runner.compiler.texts import Texts
from runner.diagnostics import Diagnostic, in_order

GOOD = """\
# yaml-language-server: $schema=../schemas/agent.schema.json
kind: agent
name: support
model: [team/fast, auto]
settings: {temperature: 0.2, stop: ["END", 'é 😀']}
instructions: |
  You help ${inputs.customer}.
  Today is ${session.date}; $${literal}
inputs:
  customer: {type: string, description: &text "An\\u00e9 id"}
  photo: file?
  other: {type: array, items: string, description: *text}
prompt: "Customer ${inputs.customer} asks: ${inputs.message ?? 'nothing'} ${inputs.other}"
tools:
  - {use: look, only: [a, "b*"], with: {key: "${env:KEY:-x}"}}
  - name: inline
    type: knowledge
    sources: [docs]
limits: {turns: 3, time: 10m, cost: 0.5}
policy:
  deny: ["look(path=../*)"]
---
kind: tool
name: look
type: mcp
command: [look]
with: {token: "${secret:TOKEN}"}
---
kind: provider
name: team
type: openai-chat
base_url: ${env:URL:?set it}
api_key: ${secret:KEY}
models: {fast: {id: x, price: {input: 1, output: 2}}}
"""
PIECES = (
    *(
        "",
        " ",
        "\n",
        "\n  ",
        "\t",
        ":",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        " #",
        "'",
        '"',
        "|",
        ">",
        "&a ",
        "*a",
        "!!str ",
        "!x ",
        "<<: ",
        "? ",
    ),
    *(
        "---\n",
        "...\n",
        "${",
        "}",
        "$${",
        "${inputs.",
        "${env:",
        "%",
        "@",
        "`",
        "\\",
        "null",
        "~",
        ".inf",
        "0x",
        "\0",
        "\x07",
        "\u2028",
        "\ufeff",
        "😀",
    ),
    *("name: ", "kind: ", "type: ", "extends: support\n", "instructions: ", "tools+: ", "x-y: ", "meta: ", "9" * 400, "[" * 60),
)
PLACE = st.integers(0, len(GOOD))
EDITS = st.lists(st.tuples(PLACE, st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=4)


def mutated(edits: list[tuple[int, int, str]]) -> str:
    """Return the good file with some places overwritten."""
    found = GOOD
    for at, length, piece in edits:
        found = found[:at] + piece + found[at + length :]
    return found


def checked(raw: bytes) -> tuple[Source, tuple[Diagnostic, ...]]:
    """Return a file and all that is found in it, without touching the disk."""
    path, root = Path("/nowhere/a.yaml"), Path("/nowhere")
    source = read_bytes(raw, Source("a.yaml", path))
    documents, findings = documents_of(source, Found(path, root))
    kinds = {kind: {document.name: document for document in documents if document.kind == kind} for kind in ("agent", "tool", "provider")}
    library = Library(root, kinds["agent"], kinds["tool"], kinds["provider"])
    context = Context(tuple(document for document in documents if document.whole), tuple(documents), Texts(root))
    for document in documents:
        findings += check_shape(document)
    for rule in checks():
        findings += rule.check(library, context)
    return source, in_order(findings)


def test_the_file_that_is_mutated_is_good() -> None:
    """Else the properties below would be about something else."""
    assert checked(GOOD.encode())[1] == ()


def holds(raw: bytes) -> None:
    source, findings = checked(raw)
    lines = source.text.splitlines(keepends=True)
    for finding in findings:
        span = finding.span
        assert 1 <= span.line <= len(lines) + 1 or not source.text
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        assert span.column >= 1
        assert finding.message == finding.message.strip()
        assert not finding.message.endswith(".")
    shown = text.render(findings, files=1, sources={"a.yaml": source.text})
    assert all(sign == "\n" or sign.isprintable() or ord(sign) > 0x7F for sign in shown)
    json.render(findings, files=1)
    assert checked(raw)[1] == findings


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_a_damaged_definition_gets_findings(edits: list[tuple[int, int, str]]) -> None:
    """Typing errors of every sort: places inside the file, one voice, the same each time."""
    holds(mutated(edits).encode("utf-8", "surrogatepass"))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_of_any_sort_get_findings(raw: bytes) -> None:
    """Not only text is thrown at us."""
    holds(raw)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_yaml_signs_of_any_sort_get_findings(text_: str) -> None:
    """Signs that mean something to YAML, in any order."""
    holds(text_.encode())
