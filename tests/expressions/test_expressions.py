"""What templates mean: types kept, text made, names missing, and every broken form refused with its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import SecretError
from runner.expressions import (
    EvaluationError,
    ExpressionError,
    Special,
    parse_template,
    render_data,
    resolve,
    template_problems,
)

SCOPE = {
    "inputs": {"name": "Ada", "n": 3, "ratio": 1.0, "yes": True, "none": None, "list": ["a", 2, None], "map": {"k-1": {"x": 1}}, "s p": 5},
    "steps": {"review": {"output": None, "error": None}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain $ { } % text", "plain $ { } % text"),
        ("", ""),
        ("$${inputs.name}", "${inputs.name}"),
        ("$$${inputs.name}", "$${inputs.name}"),
        ("${inputs.n}", 3),
        (" ${inputs.n}", " 3"),
        ("${inputs.list}", ["a", 2, None]),
        ("${inputs.none}", None),
        ("${inputs.name} is ${inputs.n}, ${inputs.yes}, ${inputs.map}", 'Ada is 3, true, {"k-1": {"x": 1}}'),
        ("${inputs.map.k-1.x}", 1),
        ("${inputs.map['k-1'].x}", 1),
        ("${inputs['s p']}", 5),
        ("${inputs.list[1]}", 2),
        ("${inputs.list[length(inputs.list) ]}", EvaluationError),
        ("${ inputs.none ?? inputs.name }", "Ada"),
        ("${inputs.none ?? null ?? 'x'}", "x"),
        ("${steps.review.output?.why ?? 'none'}", "none"),
        ("${steps.review.output?.why.more.yet}", None),
        ("${inputs.map?.missing ?? 7}", 7),
        ("${inputs.n == 3.0}", True),
        ("${inputs.yes == 1}", False),
        ("${[true, 1] == [1, true]}", False),
        ("${[1, 'a'] == [1.0, \"a\"]}", True),
        ("${inputs.n != 4 and not inputs.n > 5}", True),
        ("${inputs.n >= 4 or inputs.n <= -1 or inputs.n < 3.5}", True),
        ("${'a' in inputs.list}", True),
        ("${true in [1]}", False),
        ("${'d' in inputs.name and not ('z' in inputs.name)}", True),
        ("${false and inputs.missing}", False),
        ("${true or inputs.missing}", True),
        ("${join(['a', 2, true], ', ')}", "a, 2, true"),
        ("${lower(inputs.name)}", "ada"),
        ("${length('äöü')}", 3),
        ("${'}'}${\"'\"}", "}'"),
        ("${1.5e3}", 1500.0),
        ("${-2}", -2),
        ("${[]}", []),
    ],
)
def test_a_template_renders_to(text, value):
    """A value that is one expression keeps its type; in text a string stays and the rest is JSON."""
    if value is EvaluationError:
        with pytest.raises(EvaluationError):
            parse_template(text).render(SCOPE)
        return
    rendered = parse_template(text).render(SCOPE)
    assert rendered == value
    assert type(rendered) is type(value)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a ${inputs.n", "${", "never closed"),
        ("${}", "${}", "empty"),
        ("${inputs.n = 3}", "=", "`==`"),
        ("${inputs.n && true}", "&&", "`and`"),
        ("${a || b}", "||", "`or`"),
        ("${!a}", "!", "`not`"),
        ("${a + 1}", "+", "calculate"),
        ("${a | upper}", "|", "no filters"),
        ("${a ? 1 : 2}", "?", "`??`"),
        ("${a?[0]}", "?[", "`?.name`"),
        ("${a < b < c}", "<", "do not chain"),
        ("${upper(a)}", "upper", "functions: join, length, lower"),
        ("${length(a, b)}", "length(a, b)", "takes 1 argument"),
        ("${a.}", "}", "a name after `.`"),
        ("${a.1}", "1", "a name after `.`"),
        ("${a[1}", "}", "`]`"),
        ("${(a}", "}", "`)`"),
        ("${'open}", "'", "never closed"),
        ("${and a}", "and", "expected a value"),
        ("${a b}", "b", "expected `}`"),
        ("${1e999}", "1e999", "too large"),
        ("${" + "9" * 5000 + "}", "9" * 5000, "too large"),
        ("${env:}", "env:", "env:NAME"),
        ("${env:A B}", "env:A B", "env:NAME"),
        ("${envv:A}", "envv:", "known are"),
        ("${file: }", "file: ", "a path"),
        ("${{a: 1}}", "{", "no maps"),
    ],
)
def test_a_broken_template_says_where_and_what(text, place, words):
    """Every broken form is refused with the place of the trouble and what would be right."""
    with pytest.raises(ExpressionError) as caught:
        parse_template(text)
    error = caught.value
    assert text[error.offset : error.end].startswith(place) or text[error.offset : error.end] == place
    assert words in f"{error.message} {error.hint}"
    assert "\n" not in error.message


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("hi ${inputs.none}", "${inputs.none}", "is null and stands in text"),
        ("${inputs.nam}", "nam", "did you mean `name`?"),
        ("${input.name}", "input", "known: inputs, steps"),
        ("${inputs.none.x}", "inputs.none", "is null, not map"),
        ("${inputs.name.x}", "inputs.name", "is text, not map"),
        ("${inputs.list[3]}", "[3]", "no item 3"),
        ("${inputs.list[-1]}", "[-1]", "no item -1"),
        ("${inputs.list['a']}", "['a']", "a whole number"),
        ("${inputs.yes < 2}", "inputs.yes", "compares numbers"),
        ("${not inputs.name}", "inputs.name", "needs true or false"),
        ("${1 in 2}", "2", "not list or text"),
        ("${1 in 'a'}", "1", "not text"),
        ("${length(1)}", "1", "does not apply"),
        ("${join(inputs.list, ',')}", "inputs.list", "null in it"),
        ("${join([1], 2)}", "2", "cannot separate"),
        ("${secret:KEY}", "${secret:KEY}", "cannot stand here"),
    ],
)
def test_an_expression_without_a_value_says_why(text, place, words):
    """A name that is not there or a value of another type is an error with its place, never null."""
    with pytest.raises(EvaluationError) as caught:
        parse_template(text).render(SCOPE)
    assert text[caught.value.offset : caught.value.end] == place
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_all_broken_expressions_of_a_template_are_found():
    """One bad `${…}` does not hide the next."""
    found = template_problems("${a +} and ${b.c} and ${} and ${d")
    assert [error.message.split()[0] for error in found] == ["`+`", "`${}`", "`${`"]


def test_paths_know_their_names_and_places():
    """Static checks see each path up to the first computed index."""
    text = "x ${inputs.a?.b[steps.s['o p'].n].c}"
    uses = parse_template(text).paths()
    assert [use.names for use in uses] == [("inputs", "a", "b"), ("steps", "s", "o p", "n")]
    assert [text[place.offset : place.end] for place in uses[0].places] == ["inputs", "a", "b"]
    assert uses[0].optional == (False, False, True)
    assert text[uses[0].offset : uses[0].end] == "inputs.a?.b[steps.s['o p'].n].c"
    assert [root.name for root in parse_template(text).roots()] == ["inputs", "steps"]


@pytest.mark.parametrize(
    ("text", "special"),
    [
        ("${env:HOME}", ("env", "HOME", None, None)),
        ("${ env:HOME }", ("env", "HOME", None, None)),
        ("${env:A:-}", ("env", "A", "", None)),
        ("${env:A:-b:c ?? 'd'}", ("env", "A", "b:c ?? 'd'", None)),
        ("${env:A:?set A first}", ("env", "A", None, "set A first")),
        ("${secret:team.KEY-1}", ("secret", "team.KEY-1", None, None)),
        ("${file:prompts/a b.md}", ("file", "prompts/a b.md", None, None)),
    ],
)
def test_specials_are_read_whole(text, special):
    """`env`, `secret` and `file` stand alone in their braces, with default or demand."""
    found = parse_template(f"a {text} b").specials()
    assert [(s.kind, s.name, s.default, s.required) for s in found] == [special]
    assert f"a {text} b"[found[0].name_offset : found[0].name_end] == special[1]


def test_a_variable_falls_back_to_its_default_and_else_says_what_to_set():
    """Empty counts as unset; without a default the demand is the hint."""
    special = parse_template("${env:A:-b}").specials()[0]
    assert resolve(special, {"A": ""}.get) == "b"
    assert resolve(special, {"A": "v"}.get) == "v"
    with pytest.raises(SecretError) as caught:
        resolve(parse_template("${env:A:?call the team}").specials()[0], {}.get)
    assert (caught.value.message, caught.value.hint) == ("environment variable `A` is not set", "call the team")


def test_data_is_rendered_once_and_keys_stay():
    """Strings inside data are templates; what they render to is never read again."""

    def special(found: Special) -> str:
        return f"<{found.name}>"

    data = {"${inputs.n}": ["${inputs.n}", {"a": "k ${secret:K}"}, 5, None], "b": "${inputs.raw}"}
    scope = {"inputs": {"n": 3, "raw": "${inputs.n}"}}
    assert render_data(data, scope, special) == {"${inputs.n}": [3, {"a": "k <K>"}, 5, None], "b": "${inputs.n}"}


@pytest.mark.parametrize(
    "text", ["${" + "(" * 60 + "1" + ")" * 60 + "}", "${" + "not " * 60 + "true}", "${" + "a[" * 60 + "1" + "]" * 60 + "}"]
)
def test_deep_nesting_is_refused(text):
    """Nesting beyond the budget is a finding, not a crash."""
    with pytest.raises(ExpressionError, match="deeper than 50"):
        parse_template(text)


def test_an_endless_expression_is_refused_and_long_text_is_not():
    """One `${…}` has a length budget; the text around it has none."""
    with pytest.raises(ExpressionError, match="longer than 10,000"):
        parse_template("${" + "a or " * 4000 + "b}")
    assert parse_template("x" * 2_000_000 + "${inputs.n}").render(SCOPE).endswith("x3")


def test_wide_chains_do_not_nest():
    """Thousands of `or` and `??` evaluate without recursion."""
    assert parse_template("${" + "false or " * 1000 + "true}").render({}) is True
    assert parse_template("${" + "null ?? " * 1000 + "1}").render({}) == 1


def test_hostile_text_is_read_in_linear_time():
    """A hundred thousand openings cost no more than a moment."""
    started = time.process_time()
    template_problems("${env:" * 50_000)
    template_problems("$${" * 100_000 + "${a}" * 20_000)
    template_problems("${'" * 50_000)
    assert time.process_time() - started < 5


@given(st.text(alphabet="${}()[]'\"?.=<>!&|+-, \nabin01_envotrl:ü𝒳", max_size=60))
def test_any_text_parses_or_is_refused_with_a_place_inside_it(text):
    """No text makes the parser fail in another way, and what parses renders or is refused."""
    try:
        template = parse_template(text)
    except ExpressionError as error:
        assert 0 <= error.offset < error.end <= len(text) + 1
        return
    try:
        template.render({"a": {"b": [1, None]}, "n": 0})
    except EvaluationError as error:
        assert 0 <= error.offset <= error.end <= len(text)


@given(st.text(max_size=80))
def test_escaped_text_comes_back_as_it_was(text):
    """`$${` is the only escape a text needs."""
    if "$${" not in text and not text.endswith("$"):
        assert parse_template(text.replace("${", "$${")).render({}) == text
