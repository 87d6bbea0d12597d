"""What `call: module:Name` of a Python tool names: that it exists and that a model could call it. Reads source, imports nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import listed as in_words
from runner.compiler.link_reach import listed
from runner.compiler.rules._tools import Members, definitions
from runner.diagnostics import Diagnostic, Related, Rule, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library
    from runner.compiler.rules import Context

PYTHON_CALL = Rule("python-call", "error", "what `call` names cannot be used as a tool")
RULES = (PYTHON_CALL,)


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report the first problem of each call; the others follow from it or come next."""
    members = Members(library)
    for document, where, data in definitions(iter(context.documents)):
        if data.get("type") != "python" or "${" in str(data.get("call")):
            continue
        found = members.described(data)
        for problem in found.problems[:1] if found else ():
            rest = len(found.problems) - 1
            more = f" (and {rest} more)" if rest else ""
            hint = problem.hint if problem.file or not problem.hint else _where_to_look(library)
            yield Diagnostic(PYTHON_CALL, document.span((*where, "call")), problem.message + more, hint, related=_related(problem, context))


def _where_to_look(library: Library) -> str:
    """Return what to do when there is no such module: the roots as the project names them."""
    roots = listed(library.project.data.get("python")) if library.project else []
    further = f" and in {in_words(map(str, roots))}" if roots else ""
    return f"looked below the project's root{further}; the `python:` list of `agent-run.yaml` names further roots"


def _related(problem: Any, context: Context) -> tuple[Related, ...]:
    """Return the place in the Python file, named as findings name files."""
    if not problem.file:
        return ()
    path = Path.cwd() / problem.file
    file = str(path.relative_to(context.texts.cwd)) if path.is_relative_to(context.texts.cwd) else problem.file
    return (Related(Span(file, problem.line, 1, problem.line, 1), "in this code"),)
