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


def check(library: Library, context: Context) -> Iterator[Diagnostic]:
    """Report every expression over inputs in the text that a shell or another interpreter is given to run."""
    del library
    for document, where, data in definitions(iter(context.documents)):
        for key in ("run", "command"):
            argv = listed(data.get(key))
            at = _program(argv)
            if at is not None:
                yield from _inputs(document, (*where, key, at), argv[at], str(argv[at - 1]))


def _program(argv: list[Any]) -> int | None:
    """Return the index of the argument that is a program's text."""
    words = [word if isinstance(word, str) else "" for word in argv]
    for at, word in enumerate(words[:-2]):
        name = re.split(r"[\\/]", word)[-1].removesuffix(".exe")
        flag = _SHELL_FLAG if _SHELLS.fullmatch(name) else _LANGUAGE_FLAG if _LANGUAGES.fullmatch(name) else None
        if flag is not None:
            return next((n + 1 for n in range(at + 1, len(words) - 1) if flag.fullmatch(words[n])), None)
    return None


def _inputs(document: Document, where: Where, text: Any, flag: str) -> Iterator[Diagnostic]:
    if not isinstance(text, str) or "${" not in text:
        return
    try:
        template = parse_template(text)
    except ExpressionError:
        return
    for path in template.paths():
        if path.places[0].name == "inputs":
            name = ".".join(path.names)
            message = f"`{shown(name)}` becomes part of the program after `{shown(flag)}`, whatever the model writes there"
            hint = f'give it as an argument of its own: `["…{flag}", \'… "$1"\', --, "${{{shown(name)}}}"]`, or run the program without a shell'
            start, end = path.places[0].offset, path.places[-1].end
            yield Diagnostic(SHELL_INJECTION, document.inside(where, start, end), message, hint)
            return
