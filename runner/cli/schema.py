"""`agent-run schema`: the JSON Schemas of the language, for editors and other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from runner.cli import exits, show
from runner.cli.verb import Verb

KINDS = ("agent", "tool", "provider", "project", "test")
Kind = Annotated[str | None, typer.Argument(help=f"One of {', '.join(KINDS)}; all when none is given.", metavar="KIND")]
Out = Annotated[Path | None, typer.Option("--out", help="Write KIND.schema.json files into this folder.", metavar="DIR")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("schema", cls=Verb)(schema)


def schema(kind: Kind = None, out: Out = None) -> int:
    """Print the JSON Schema of a kind of document."""
    from runner.compiler.schema import load

    kinds = (_known(kind),) if kind else KINDS
    schemas = {name: load(name) for name in kinds}
    if out:
        return _write(out, schemas)
    shown: object = schemas[kind] if kind else schemas
    show.put(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")
    return exits.DONE


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise typer.BadParameter(f"`{kind}` is not one of {', '.join(KINDS)}")
    return kind


def _write(folder: Path, schemas: dict[str, dict[str, object]]) -> int:
    from runner.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in schemas.items():
            path = folder / f"{name}.schema.json"
            path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            show.note(f"wrote {path}")
    except OSError as error:
        raise UsageError(f"cannot write to `{folder}`: {error.strerror}") from None
    return exits.DONE
