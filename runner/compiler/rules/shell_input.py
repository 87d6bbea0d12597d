"""Values of a model inside a program's text: `sh -c "… ${inputs.x} …"`, which no quoting makes safe."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from runner.compiler.findings import shown
from runner.compiler.link_reach import listed
from runner.compiler.rules._tools import definitions
from runner.diagnostics import Diagnostic, Rule
from runner.expressions import ExpressionError, parse_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runner.compiler.definition import Library, Where
    from runner.compiler.documents import Document
    from runner.compiler.rules import Context

SHELL_INJECTION = Rule("shell-injection", "error", "a model's value stands inside the text of a program")
RULES = (SHELL_INJECTION,)

_SHELLS = re.compile(r"(?:ba|da|k|z|a|fi)?sh|busybox|cmd|powershell|pwsh")
_LANGUAGES = re.compile(r"python[0-9.]*|node|deno|bun|perl|ruby|php[0-9.]*|lua|osascript")
_SHELL_FLAG = re.compile(r"-[a-z]*c|/[ck]|-command", re.IGNORECASE)
_LANGUAGE_FLAG = re.compile(r"-[a-zA-Z]*[ceEr]|-p|--eval|--print|eval")


_TO_SHELLS = 'write `"$1"` there, and give the value after the text: `--`, then the expression as an argument of its own'
_TO_LANGUAGES = "let the program read it from its arguments or its input, and give it there: as an argument of its own, or in `stdin:`"


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every text that a shell or another interpreter is given to run and that has an expression over inputs in it."""
    del library
    for document, where, data in definitions(iter(context.documents)):
        for key in ("run", "command"):
            argv = listed(data.get(key))
            for at, hint in _program(argv):
                yield from _inputs(document, (*where, key, at), argv[at], str(argv[at - 1]), hint)


def _program(argv: list[Any]) -> Iterator[tuple[int, str]]:
    """Yield the index of the argument that is a program's text, with what to do instead."""
    words = [word if isinstance(word, str) else "" for word in argv]
    for at, word in enumerate(words[:-2]):
        name = re.split(r"[\\/]", word)[-1].removesuffix(".exe")
        for programs, flags, hint in ((_SHELLS, _SHELL_FLAG, _TO_SHELLS), (_LANGUAGES, _LANGUAGE_FLAG, _TO_LANGUAGES)):
            if programs.fullmatch(name):
                yield from [(n + 1, hint) for n in range(at + 1, len(words) - 1) if flags.fullmatch(words[n])][:1]
                return


def _inputs(document: Document, where: Where, text: Any, flag: str, hint: str) -> Iterator[Diagnostic]:
    if not isinstance(text, str) or "${" not in text:
        return
    try:
        template = parse_template(text)
    except ExpressionError:
        return
    for path in template.paths():
        if path.places[0].name == "inputs":
            message = f"`{shown('.'.join(path.names))}` becomes part of the program after `{shown(flag)}`, whatever the model writes there"
            span = document.inside(where, path.places[0].offset, path.places[-1].end)
            yield Diagnostic(SHELL_INJECTION, span, message, hint)
            return
