"""`agent-run schema`: the JSON Schemas of the language, for editors and other tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from runner.cli import exits, show
from runner.cli.verb import Verb
from runner.compiler.schema import KINDS

Kind = Annotated[str | None, typer.Argument(help=f"One of {', '.join(KINDS)}; all when none is given.", metavar="KIND")]
Out = Annotated[Path | None, typer.Option("--out", help="Generate KIND.schema.json files into this folder.", metavar="DIR")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("schema", cls=Verb)(schema)


def schema(kind: Kind = None, out: Out = None) -> int:
    """Print the JSON Schema of a kind of document."""
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"`{kind}` is not one of {', '.join(KINDS)}")
    if out:
        return _write(out, (kind,) if kind else KINDS)
    from runner.compiler.schema import load

    shown = load(kind) if kind else {name: load(name) for name in KINDS}
    show.put(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")
    return exits.DONE


def _write(folder: Path, kinds: tuple[str, ...]) -> int:
    """Generate the schemas from the spec classes and the installed plug-ins."""
    from runner.compiler.schema import text
    from runner.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            path = folder / f"{kind}.schema.json"
            path.write_text(text(kind), encoding="utf-8")
            show.note(f"wrote {path}")
    except OSError as error:
        raise UsageError(f"cannot write to `{folder}`: {(error.strerror or str(error)).lower()}") from None
    return exits.DONE
