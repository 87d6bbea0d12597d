r"""Reads a `.env` file: `KEY=VALUE` lines, and nothing of what shells do with them (no `$` expansion, no commands).

`export` in front is allowed, `#` begins a comment, single quotes are literal, double quotes know `\n \r \t \" \\`; quoted values may
span lines. Errors name file and line and never show the line: it may hold a secret.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runner.errors import SecretError

if TYPE_CHECKING:
    from pathlib import Path

_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_ENTRY = re.compile(
    r"""[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*
        (?:'(?P<literal>[^']*)'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^'"\s\#][^\n]*)?)
        (?:[ \t]+\#[^\n]*|[ \t]*)(?:\n|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "$": "$"}


def read(path: Path) -> dict[str, str]:
    """Return the values of a file, {} when there is none. Raises SecretError for one that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SecretError(f"cannot read `{path}`: {(error.strerror or 'unknown error').lower()}", hint="mend its permissions") from None
    except UnicodeDecodeError:
        raise SecretError(f"`{path}` is not text in UTF-8", hint="a .env file has lines like KEY=VALUE") from None
    return parse(text, str(path))


def parse(text: str, where: str) -> dict[str, str]:
    """Return the values of a text; a later line wins. `where` is for errors."""
    text = text.replace("\r\n", "\n")
    values: dict[str, str] = {}
    place = 0
    while place < len(text):
        if blank := _BLANK.match(text, place):
            place = blank.end()
            continue
        entry = _ENTRY.match(text, place)
        if entry is None:
            line = text.count("\n", 0, place) + 1
            raise SecretError(f"{where}:{line}: this line is not KEY=VALUE", hint='quote values that hold spaces or quotes: KEY="a value"')
        values[entry["key"]] = _value(entry)
        place = entry.end()
    return values


def _value(entry: re.Match[str]) -> str:
    if entry["literal"] is not None:
        return entry["literal"]
    if entry["quoted"] is not None:
        return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), entry["quoted"], flags=re.DOTALL)
    return re.split(r"[ \t]#", entry["plain"] or "", maxsplit=1)[0].rstrip()
