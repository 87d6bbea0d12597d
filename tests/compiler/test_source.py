"""Reading YAML: values as editors show them, a place for every one of them, and hostile files answered quickly."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.compiler.builder import Source
from runner.compiler.nodes import Map, Part, inside, spot_of, value_span
from runner.compiler.scalars import resolve
from runner.compiler.source import MAX_BYTES, read_bytes, read_file


def source_of(text: str | bytes) -> Source:
    raw = text.encode() if isinstance(text, str) else text
    return read_bytes(raw, Source("a.yaml", Path("a.yaml")))


def rules(source: Source) -> list[str]:
    return [finding.rule.id for finding in source.findings]


def place(text: str, *where: str | int) -> tuple[int, int, int, int]:
    tree = source_of(text).trees[0]
    spot, value, there = spot_of(tree.data, where, (None, tree.event, tree.part))
    assert there
    span = value_span(spot, value)
    return span.line, span.column, span.end_line, span.end_column


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("no", "no"), ("on", "on"), ("yes", "yes"), ("12:30", "12:30"), ("2026-01-01", "2026-01-01"), ("1_000", "1_000")),
        *(("010", 10), ("0o10", 8), ("0x1F", 31), ("-3", -3), ("+3", 3), ("0.5", 0.5), (".5", 0.5), ("1e3", 1000.0), ("5.", 5.0)),
        *(("true", True), ("True", True), ("FALSE", False), ("tRUE", "tRUE"), ("null", None), ("~", None), ("nothing", "nothing")),
        *(("-", "-"), ("+", "+"), (".", "."), ("1.2.3", "1.2.3"), ("0b1", "0b1"), ("1" * 500, "1" * 500), ("١٢", "١٢")),
    ],
)
def test_plain_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    """The core schema: few words are not text."""
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999"])
def test_numbers_that_json_cannot_hold_are_refused(text: str) -> None:
    """Infinity is not a limit."""
    with pytest.raises(ValueError, match=r"inf|nan|INF"):
        resolve(text)
    assert rules(source_of(f"a: {text}\n")) == ["bad-value"]


def test_quoted_scalars_are_text() -> None:
    """Quotes and block styles keep the type."""
    data = source_of("a: '20'\nb: \"true\"\nc: |\n  20\nd: >-\n  20\n").trees[0].data
    assert data == {"a": "20", "b": "true", "c": "20\n", "d": "20"}


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("a: bc\n", ("a",), (1, 4, 1, 6)),
        ("a: 😀\nb: [😀, x]\n", ("b", 1), (2, 8, 2, 9)),
        ("a:\n  - b:   'c d'  # e\n", ("a", 0, "b"), (2, 10, 2, 15)),
        ("a: {b: 1,\n  c: 2}\nd: 1\n", ("a",), (1, 4, 2, 8)),
        ("a:\n  b: 1\n  c: |\n    x\n    y\n\n# later\nd: 1\n", ("a",), (2, 3, 5, 6)),
        ("a:\n- 1\n- [2,\n  3]\n\n\nb: 1\n", ("a",), (2, 1, 4, 5)),
        ("a: b\r\nc: d\r\n", ("c",), (2, 4, 2, 5)),
        ("\ufeffa: b\n", ("a",), (1, 4, 1, 5)),
        ("x: é\u2028\na: b\n", ("a",), (2, 4, 2, 5)),
        ("a: &x [1, 2]\nb: *x\n", ("b",), (2, 4, 2, 6)),
        ("a:\n  long text\n  over lines\nb: 1\n", ("a",), (2, 3, 3, 13)),
    ],
)
def test_every_value_knows_where_it_stands(text: str, where: tuple[str | int, ...], expected: tuple[int, ...]) -> None:
    """Lines and columns count characters as an editor does; blank lines and comments after a value are not part of it."""
    assert place(text, *where) == expected


@pytest.mark.parametrize(
    "written",
    [
        "a: one ${x} two\n",
        "a: 'it''s ${x} two'\n",
        'a: "\\u00e9\\t\\x41 ${x} \\"two\\""\n',
        "a: |\n  first é\n    deeper\n  ${x}\n",
        "a: >-\n  folded text\n  goes on ${x}\n",
        "a: plain text\n  goes on\n  ${x}\n",
        'a: "folded\\\n  here ${x}"\n',
        "a: &anchor ${x}\n",
        "a: &anchor |\n   ${x}\n",
    ],
)
def test_a_place_inside_a_text_is_found_however_it_is_quoted(written: str) -> None:
    """`${x}` of the value is `${x}` in the file."""
    tree = source_of(written).trees[0]
    spot, value, _ = spot_of(tree.data, ("a",), (None, tree.event, tree.part))
    start = value.index("${x}")
    span = inside(spot, value, start, start + 4)
    lines = written.splitlines()
    assert span.line == span.end_line
    assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == "${x}"


def test_all_documents_of_a_file_are_read_past_one_that_is_not_yaml() -> None:
    """A syntax error costs its own document only, and later places still count from the top of the file."""
    source = source_of("a: 1\n---\nb: [\n---\nc: 3\nc: 4\n")
    assert [tree.data for tree in source.trees] == [{"a": 1}, {"b": []}, {"c": 3}]
    assert [tree.whole for tree in source.trees] == [True, False, True]
    assert [(finding.rule.id, finding.span.line) for finding in source.findings] == [("yaml-syntax", 3), ("duplicate-key", 6)]


def test_a_broken_document_keeps_what_was_read() -> None:
    """Its name is known, so others that name it are not blamed."""
    assert source_of("name: support\nmodel: [\n").trees[0].data["name"] == "support"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 200_000, "yaml-budget"),
        ("a: " + "{a: " * 60, "yaml-budget"),
        ("- " * 3000, "yaml-budget"),
        ("{" * 200_000, "yaml-syntax"),
        ("{" * 20, "yaml-syntax"),
        ("? " * 3000, "yaml-syntax"),
        (f"{{a: 1}}: [{'x, ' * 100_001}", "yaml-syntax"),
        (f"a: [{'x, ' * 100_001}]", "yaml-budget"),
        ("a: &a [1]\n" + "".join(f"k{n}: *a\n" for n in range(51)), "yaml-budget"),
        ("x: &x y\nx2: *z\n", "yaml-syntax"),
        ("&a [*a]", "yaml-syntax"),
        ("a: &a {b: *a}", "yaml-syntax"),
        ("\0\1\2", "yaml-syntax"),
        (b"\xff\xfe\x00", "yaml-syntax"),
        (bytes(range(256)), "yaml-syntax"),
        ("a: !!python/object/apply:os.system [ls]", "yaml-tag"),
        ("%YAML 3.0\n---\na: 1\n", "yaml-syntax"),
        ("a: " + "9" * 5000, None),
    ],
)
def test_hostile_files_get_a_finding_and_no_more(text: str | bytes, rule: str | None) -> None:
    """Nothing crashes, recurses or grows; each has one clear finding."""
    assert rules(source_of(text)) == ([rule] if rule else [])


def test_what_follows_a_key_that_is_no_text_is_read_for_its_syntax() -> None:
    """Only what the parser says about that very key is left out, and the next document is read as ever."""
    source = source_of("{a: 1}: x\nb: c: d\n---\n{{ x\n---\ne: 1\n")
    assert [(finding.span.line, finding.message) for finding in source.findings] == [
        (1, "a key must be text"),
        (2, "a `:` cannot stand here"),
        (4, "a key must be text"),
    ]
    assert source.trees[-1].data == {"e": 1}


def test_aliases_cannot_multiply_a_file() -> None:
    """414 bytes do not become 34 megabytes."""
    layers = "".join(f"{name}: &{name} [{', '.join(['*' + below] * 9)}]\n" for below, name in zip("abcdefgh", "bcdefghi", strict=True))
    source = source_of(f"a: &a [{', '.join('x' * 9)}]\n{layers}")
    assert rules(source) == ["yaml-budget"]


def test_a_file_past_one_mebibyte_is_not_read(tmp_path: Path) -> None:
    """Definitions are small; texts are included."""
    path = tmp_path / "a.yaml"
    path.write_text("# " + "x" * MAX_BYTES)
    assert rules(read_file(path, "a.yaml")) == ["yaml-budget"]


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    """A folder, or nothing at all, where a file should be."""
    for path in (tmp_path, tmp_path / "none.yaml"):
        source = read_file(path, "a.yaml")
        assert rules(source) == ["unreadable-file"]
        assert source.trees == []


def test_merged_parts_count_lines_from_the_top() -> None:
    """A part that begins later in a file adds what stands before it."""
    part = Part("a.yaml", Path("a.yaml"), "x: 1\n", line=10)
    assert part.at(3) == (11, 4)


def test_equal_keys_keep_the_first_value() -> None:
    """The second is reported with the place of the first."""
    source = source_of("a: 1\nb: 2\na: 3\n")
    assert source.trees[0].data == {"a": 1, "b": 2}
    (finding,) = source.findings
    assert (finding.span.line, finding.related[0].span.line) == (3, 1)


def test_keys_are_the_text_that_is_written() -> None:
    """`on`, `true` and `1` are names like others."""
    data = source_of("on: 1\ntrue: 2\n1: 3\n").trees[0].data
    assert isinstance(data, Map)
    assert list(data) == ["on", "true", "1"]


def test_a_byte_that_is_not_utf8_is_shown_where_it_stands() -> None:
    """Signs before it count as signs, and a byte order mark does not count."""
    source = source_of("\ufeffa: é\nb: éü".encode() + b"\xf6 c\n")
    (finding,) = source.findings
    assert (finding.span.line, finding.span.column) == (2, 6)
    assert source.text.splitlines()[1] == "b: éü\ufffd c"


def test_a_file_of_nothing_but_mistakes_is_answered_in_part() -> None:
    """Reading stops after twenty broken documents, a hundred other findings, or five hundred documents."""
    assert len(source_of("---\na: [\n" * 5000).findings) == 20
    assert rules(source_of("- !!x a\n" * 5000)) == ["yaml-tag"] * 100 + ["yaml-budget"]
    assert rules(source_of("---\na: 1\n" * 5000)) == ["yaml-budget"]
