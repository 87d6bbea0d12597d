"""The one expression syntax of the language: `${…}` in string values. Standard library only; knows no YAML and no agents.

    expr = or ;  or = and {"or" and} ;  and = not {"and" not} ;  not = "not" not | cmp
    cmp  = alt [("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") alt]
    alt  = term {"??" term}
    term = number | 'text' | "text" | true | false | null | [expr, …] | (expr) | length(x) | join(list, text) | lower(text) | path
    path = root { .name | ?.name | [expr] }
    special = env:NAME | env:NAME:-text | env:NAME:?text | secret:NAME | file:path

A value that is one `${…}` and nothing else keeps its type; in text a string stays as it is, the rest becomes JSON, null is an error.
`$${` is a literal `${`. `parse_template(text).render(scope, special)`; `render_data` does so for all strings of plain data.
"""

from __future__ import annotations

from runner.expressions.evaluate import EvaluationError, equal, evaluate, resolve
from runner.expressions.lexer import ExpressionError
from runner.expressions.nodes import Expression, Named, Node, PathUse, Special
from runner.expressions.template import Template, parse_template, render_data, template_problems

__all__ = [
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Named",
    "Node",
    "PathUse",
    "Special",
    "Template",
    "equal",
    "evaluate",
    "parse_template",
    "render_data",
    "resolve",
    "template_problems",
]
