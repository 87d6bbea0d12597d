"""The schemas that editors and the compiler read: complete, plain, strict, and exact about what is wrong."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft7Validator

from runner import shapes
from runner.compiler import schema

KINDS = schema.KINDS
SCHEMAS = {kind: schema.generate(kind) for kind in KINDS}


def parts(value: Any, path: str = ""):
    """Yield every map of a schema with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            if key not in ("examples", "default", "const", "enum"):
                yield from parts(item, f"{path}/{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from parts(item, f"{path}/{at}")


def properties(kind: str):
    """Yield every property of a kind that people may write, with its path; `if` conditions are not properties."""
    for path, part in parts(SCHEMAS[kind]):
        if not path.endswith(("/if", "/properties")):
            for name, value in part.get("properties", {}).items():
                yield f"{path}/{name}", name, value


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_says_what_it_is_and_shows_an_example(kind):
    """Editors show a description and an example for each key."""
    found = list(properties(kind))
    assert found
    assert [path for path, _, value in found if not value.get("description") or not value.get("examples")] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_fits_its_own_property(kind):
    """An example that does not fit would be copied."""
    wrong = []
    for path, name, value in properties(kind):
        whole = {**value, "definitions": SCHEMAS[kind].get("definitions", {})}
        if "$ref" in value:
            whole = {"allOf": [{"$ref": value["$ref"]}], "definitions": whole["definitions"]}
        for example in value["examples"]:
            given = example
            if name.endswith("+") and not isinstance(given, list):
                continue
            wrong += [f"{path}: {error.message}" for error in Draft7Validator(whole).iter_errors(given)]
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_a_plain_subset(kind):
    """No unions without a condition, no null, no titles inside, and maps refuse what they do not know."""
    Draft7Validator.check_schema(SCHEMAS[kind])
    for path, part in parts(SCHEMAS[kind]):
        if path.endswith(("/properties", "/patternProperties", "/definitions")):
            continue
        assert not {"anyOf", "oneOf", "$defs", "discriminator", "nullable"} & set(part), path
        assert "null" not in part.get("type", ()), path
        assert not path or "title" not in part, path
        if part.get("properties") and not path.endswith("/if") and "allOf" not in part:
            assert part["additionalProperties"] is False, path


def test_schemas_are_the_same_each_time():
    """Generating twice gives the same bytes, so that the committed files can be compared."""
    assert [schema.text(kind) for kind in KINDS] == [schema.text(kind) for kind in KINDS]


def test_checking_needs_no_pydantic():
    """The compiler reads the committed files only."""
    code = (
        "import sys; from runner.compiler import link, schema; from runner import shapes; "
        "list(shapes.problems(schema.load('agent'), {'modle': 1})); sys.exit('pydantic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


GOOD = {
    "agent": [
        {},
        {"model": "openai/gpt-5-mini", "instructions": "Be brief."},
        {
            "schema": "agent-run/v1",
            "kind": "agent",
            "name": "support",
            "extends": "base",
            "model": ["team/smart", "${env:MODEL:-team/fast}", "auto"],
            "settings": {"temperature": 0.2, "reasoning": "high", "max_output_tokens": 4000},
            "inputs": {"customer": {"type": "string", "description": "Customer id"}, "photo": "file?", "n": {"enum": [1, None]}},
            "tools": ["a", {"use": "github", "only": [], "with": {"x": None}}, {"name": "t", "type": "python", "call": "a:b"}],
            "tools+": ["b"],
            "agents": ["x", {"use": "y", "with": {}}],
            "output": {"a": {"type": "array", "items": {"type": "object?", "properties": {"b": "integer"}}}},
            "limits": {"turns": 20, "cost": 0.5, "time": "10m", "depth": 0},
            "policy": {"allow": ["a"], "ask": ["github.*"], "deny": ["t(path=../*)"]},
            "meta": {"any": [1]},
            "x-note": None,
        },
        {
            "flow": [
                {"id": "research", "agent": "r", "each": "${inputs.topics}", "concurrency": 4, "prompt": "p"},
                {"agent": "c", "output": {"verdict": {"enum": ["ok", "redo"]}}, "next": [{"when": "${true}", "to": "r", "max": 3}]},
                {"id": "publish", "ask": "Publish?", "choices": ["yes", "no"], "next": [{"to": "end"}]},
                {"parallel": [{"agent": "a"}, {"tool": "t.m", "with": {"b": 1}}, {"fail": "no"}]},
                {"tool": "mailer", "with": {"body": "${steps.r.output}"}, "on_error": "continue", "each": [1, 2]},
                {"fail": "never"},
            ],
            "result": {"any": "${steps.r.output}"},
        },
    ],
    "tool": [
        {"type": "python", "call": "shop.tools:lookup", "timeout": "10s", "retry": {"attempts": 2, "within": "1.5m"}, "effect": "read"},
        {"type": "knowledge", "sources": ["docs"]},
        {"extends": "manual", "type": "knowledge", "sources+": ["more"]},
        {"extends": "manual"},
        {
            "type": "http",
            "method": "POST",
            "url": "https://x/${inputs.a}",
            "query": {"a": 1, "b": True, "c": [1.5, "x"]},
            "json": {"a": [None, 1]},
            "pick": "a.0.b",
        },
        {"type": "http", "url": "https://x", "form": {"a": "b"}, "json": "text"},
        {"type": "openapi", "document": "../apis/x.yaml", "headers": {"A": "b"}, "only": [], "except": ["delete_*"]},
        {"type": "shell"},
        {"type": "shell", "run": ["ls"], "stdin": "", "env": {"A": "b"}, "cwd": "x", "sandbox": "auto"},
        {"type": "files"},
        {"type": "files", "root": "notes"},
        {"type": "web"},
        {"type": "web", "search": "openai"},
        {"type": "code"},
        {
            "type": "code",
            "sandbox": "none",
            "files": ["a"],
            "packages": ["b"],
            "network": True,
            "limits": {"memory": "1GiB", "processes": 1},
        },
        {"type": "memory", "scope": "user", "search": {"embeddings": "openai/x", "top": 3}},
        {"type": "knowledge", "sources": ["docs"], "search": {"embeddings": "a/b", "rerank": "auto", "top": 1}},
        {"type": "huggingface", "task": "text-to-image", "model": "a/b", "provider": "huggingface"},
        {"type": "todo"},
        {"type": "ask_user"},
        {"type": "mcp", "url": "https://x", "oauth": {"scopes": ["a"]}},
        {"type": "mcp", "command": ["x"], "sandbox": "bwrap"},
    ],
    "provider": [
        {"type": "openai", "api_key": "${secret:A}", "models": {"fast": {"id": "m"}}},
        {"type": "gemini", "api_key": "${secret:A}", "idle_timeout": "10s"},
        {"type": "huggingface", "api_key": "${secret:A}"},
        {"type": "recorded", "cassette": "a.jsonl"},
        {
            "type": "llama-cpp",
            "folder": "/models",
            "threads": 4,
            "gpu_layers": 0,
            "models": {"small": {"id": "small.gguf", "context": 8192}},
        },
        {"type": "openai-chat", "base_url": "${env:U:?set U}", "models": {"fast": {"id": "m", "price": {"input": 1, "output": 2.5}}}},
        {"type": "scripted", "models": {"a": {"rules": [{"when": {"message": "*hi*"}, "say": {"data": 1}}]}}},
        {
            "type": "scripted",
            "models": {"a": {"script": [{"error": {"kind": "cut", "after": 3}, "times": "any"}, {"calls": [{"tool": "t", "with": "{"}]}]}},
        },
    ],
    "project": [
        {},
        {"store": "memory", "profiles": {"ci": {"policy": {"deny": ["*"]}}, "prod": {"store": "mongodb://db/agents"}}, "python": ["shop"]},
    ],
    "test": [
        {
            "agent": "support",
            "cases": [
                {
                    "name": "asks first",
                    "messages": ["a", "b"],
                    "script": [{"say": "x", "times": 2}],
                    "fakes": [{"tool": "t", "with": {"id": 7}, "result": None}],
                    "answers": ["allow"],
                    "expect": {"answer": {"contains": "x"}, "calls": [], "never": ["d_*"], "at_most": {"turns": 4, "cost": 0.01}},
                }
            ],
        }
    ],
}


@pytest.mark.parametrize(("kind", "data"), [(kind, data) for kind, all_data in GOOD.items() for data in all_data])
def test_what_the_language_allows_fits(kind, data):
    """Every form of the language has its place in a schema."""
    assert list(shapes.problems(SCHEMAS[kind], data)) == []


BAD = [
    ("agent", {"modle": "x"}, ("modle",), "additionalProperties"),
    ("agent", {"model": "openai"}, ("model",), "pattern"),
    ("agent", {"model": []}, ("model",), "minItems"),
    ("agent", {"model": None}, ("model",), "type"),
    ("agent", {"name": "1a"}, ("name",), "pattern"),
    ("agent", {"name": "a\n"}, ("name",), "pattern"),
    ("agent", {"limits": {"turns": 20.0}}, ("limits", "turns"), "type"),
    ("agent", {"limits": {"turns": True}}, ("limits", "turns"), "type"),
    ("agent", {"settings": {"temperature": float("nan")}}, ("settings", "temperature"), "type"),
    ("agent", {"limits": {"cost": float("inf")}}, ("limits", "cost"), "type"),
    ("agent", {"schema": "agent-run/v2"}, ("schema",), "pattern"),
    ("agent", {"limits": {"turns": 0}}, ("limits", "turns"), "minimum"),
    ("agent", {"limits": {"turns": "many"}}, ("limits", "turns"), "type"),
    ("agent", {"limits": {"time": "10"}}, ("limits", "time"), "pattern"),
    ("agent", {"inputs": {"a": "strng"}}, ("inputs", "a"), "enum"),
    ("agent", {"inputs": {"a": 5}}, ("inputs", "a"), "type"),
    ("agent", {"inputs": {"a": {}}}, ("inputs", "a"), "required"),
    ("agent", {"inputs": {"a b": "string"}}, ("inputs", "a b"), "additionalProperties"),
    ("agent", {"inputs": {"a": {"type": "array", "items": {"type": "x"}}}}, ("inputs", "a", "items", "type"), "enum"),
    ("agent", {"tools": [{"use": "a", "onyl": []}]}, ("tools", 0, "onyl"), "additionalProperties"),
    ("agent", {"tools": [{"type": "pythn", "name": "a"}]}, ("tools", 0, "type"), "enum"),
    ("agent", {"tools": [{"type": "python", "call": "a:b"}]}, ("tools", 0), "required"),
    ("agent", {"tools": [5]}, ("tools", 0), "type"),
    ("agent", {"flow": [{"agent": "a", "nxt": []}]}, ("flow", 0, "nxt"), "additionalProperties"),
    ("agent", {"flow": [{"parallel": [{"agent": "x", "next": []}]}]}, ("flow", 0, "parallel", 0, "next"), "additionalProperties"),
    ("agent", {"flow": [{"ask": "x", "each": [1]}]}, ("flow", 0, "each"), "additionalProperties"),
    ("tool", {"call": "a:b"}, (), "required"),
    ("tool", {"type": "python"}, (), "required"),
    ("tool", {"type": "nosuch"}, ("type",), "enum"),
    ("tool", {"type": "http", "method": "GET"}, (), "required"),
    ("tool", {"type": "http", "url": "x", "method": "FETCH"}, ("method",), "enum"),
    ("tool", {"type": "http", "url": "x", "query": {"a": {}}}, ("query", "a"), "type"),
    ("tool", {"type": "shell", "run": "ls -l"}, ("run",), "type"),
    ("tool", {"type": "shell", "run": []}, ("run",), "minItems"),
    ("tool", {"type": "shell", "sandbox": "monty"}, ("sandbox",), "enum"),
    ("tool", {"type": "code", "limits": {"memory": "1GB"}}, ("limits", "memory"), "pattern"),
    ("tool", {"type": "code", "limits": {"time": "1s"}}, ("limits", "time"), "additionalProperties"),
    ("tool", {"type": "memory"}, (), "required"),
    ("tool", {"type": "memory", "scope": "team"}, ("scope",), "enum"),
    ("tool", {"type": "huggingface", "task": "sumarization"}, ("task",), "enum"),
    ("tool", {"type": "todo", "root": "x"}, ("root",), "additionalProperties"),
    ("provider", {"type": "recorded"}, (), "required"),
    ("provider", {"type": "llama-cpp", "api_key": "x"}, ("api_key",), "additionalProperties"),
    ("tool", {"type": "python", "call": "a:b", "sources": []}, ("sources",), "additionalProperties"),
    ("tool", {"type": "python", "call": "a:b", "tools+": []}, ("tools+",), "additionalProperties"),
    ("tool", {"type": "python", "call": "a:b", "approve": "yes"}, ("approve",), "enum"),
    (
        "provider",
        {"type": "scripted", "models": {"a": {"rules": [{"sya": 1}]}}},
        ("models", "a", "rules", 0, "sya"),
        "additionalProperties",
    ),
    (
        "provider",
        {"type": "scripted", "models": {"a": {"rules": [{"times": 1}]}}},
        ("models", "a", "rules", 0, "times"),
        "additionalProperties",
    ),
    ("provider", {"type": "openai-chat", "models": {"a": {}}}, ("models", "a"), "required"),
    ("project", {"profiles": {"ci": {"name": "x"}}}, ("profiles", "ci", "name"), "additionalProperties"),
    ("test", {"cases": []}, ("cases",), "minItems"),
    ("test", {"cases": [{"name": "x", "expect": {"stop": "ok"}}]}, ("cases", 0, "expect", "stop"), "enum"),
]


@pytest.mark.parametrize(("kind", "data", "path", "keyword"), BAD)
def test_one_cause_gives_one_finding(kind, data, path, keyword):
    """Each mistake is found once, where it is, also inside unions."""
    found = list(shapes.problems(SCHEMAS[kind], data))
    if keyword == "additionalProperties" and "a" in data.get("inputs", {}):
        found = [problem for problem in found if problem.keyword == keyword]
    assert [(problem.path, problem.keyword) for problem in found] == [(path, keyword)]


def test_a_missing_and_a_superfluous_key_are_named():
    """Findings carry the key and what would be known, so that a report can suggest."""
    missing, extra = shapes.problems(SCHEMAS["tool"], {"type": "python", "cal": "a:b"})
    if missing.keyword != "required":
        missing, extra = extra, missing
    assert (missing.key, extra.key) == ("call", "cal")
    assert "call" in extra.allowed
