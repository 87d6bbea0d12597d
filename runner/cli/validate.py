"""`agent-run validate`: check definitions without a key, the network or anybody's code."""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runner.cli import border, exits, options, show
from runner.cli.verb import Verb
from runner.compiler.report import formats

if TYPE_CHECKING:
    from runner.app import Options, Validation
    from runner.compiler.fixes import Mending

Paths = Annotated[list[str] | None, typer.Argument(help="Files and folders; this folder when none is given.", metavar="PATHS")]
Strict = Annotated[bool, typer.Option("--strict", help="Make warnings errors.")]
Form = Annotated[str, typer.Option("--format", help=f"What goes to standard output: {', '.join(formats())}.", metavar="FORMAT")]
Baseline = Annotated[
    Path | None,
    typer.Option("--baseline", help="Known findings: written when the file is not there, else only new ones are told.", metavar="FILE"),
]
Update = Annotated[bool, typer.Option("--update-baseline", help="Write the baseline anew.")]
Fix = Annotated[bool, typer.Option("--fix", help="Mend what is certain, keeping comments and layout.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show what --fix would write, and write nothing.")]
RequireEnv = Annotated[bool, typer.Option("--require-env", help="Variables and secrets that a run needs must be set.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("validate", cls=Verb)(validate)


def validate(
    paths: Paths = None,
    *,
    form: Form = "text",
    strict: Strict = False,
    baseline: Baseline = None,
    update_baseline: Update = False,
    fix: Fix = False,
    diff: Diff = False,
    require_env: RequireEnv = False,
    project: options.Project = None,
    profile: options.Profile = None,
) -> int:
    """Check definitions.

    Every finding of every file, in one pass; no key, no network, none of your code is imported.
    """
    border.last_words = border.LastWords(code=exits.VALIDATE_BUG)
    _check_flags(form, baseline, update=update_baseline, diff=diff)
    from runner.app.checking import check

    where, wanted = [_path(text) for text in paths or ["."]], options.app_options(project=project, profile=profile)
    if fix or diff:
        _mend(where, wanted, only_show=diff)
    validation, _ = check(where, wanted, require_env=require_env)
    if baseline:
        validation = _compared(validation, baseline, update=update_baseline)
    if strict:
        validation = _strictly(validation)
    if not diff:
        _report(validation, form)
    if form == "text" and not (diff or require_env):
        _needs(validation)
    return exits.FINDINGS if any(finding.severity == "error" for finding in validation.findings) else exits.DONE


def _path(text: str) -> Path:
    if not text:
        raise typer.BadParameter("a path is empty; name a file or folder, `.` for this one", param_hint="PATHS")
    return Path(text)


def _check_flags(form: str, baseline: Path | None, *, update: bool, diff: bool) -> None:
    if form not in formats():
        near = difflib.get_close_matches(form, formats(), n=1)
        suffix = f"; did you mean `{near[0]}`?" if near else ""
        raise typer.BadParameter(f"`{form}` is not one of {', '.join(formats())}{suffix}", param_hint="--format")
    if update and not baseline:
        raise typer.BadParameter("it needs `--baseline FILE`", param_hint="--update-baseline")
    if diff and form != "text":
        raise typer.BadParameter("a diff has no format: leave `--format` out", param_hint="--diff")


def _report(validation: Validation, form: str) -> None:
    from runner.compiler.report import load

    show.put(load(form).render(validation.findings, files=validation.files, sources=validation.sources, checked=validation.checked))


def _strictly(validation: Validation) -> Validation:
    """Return the validation with every warning as an error, in every format."""
    findings = tuple(replace(finding, rule=replace(finding.rule, severity="error")) for finding in validation.findings)
    return replace(validation, findings=findings)


def _compared(validation: Validation, path: Path, *, update: bool) -> Validation:
    """Return the validation with the findings that a baseline does not know; write one when it is not there or wanted anew."""
    from runner.compiler import baseline

    there = path.exists()
    if update or not there:
        baseline.write(path, validation.findings, validation.sources, validation.checked, keep=there)
        show.note(f"note: wrote {_count(len(validation.findings), 'finding')} to `{path}`; with it only new ones are told")
        return replace(validation, findings=())
    compared = baseline.compare(path, validation.findings, validation.sources, validation.checked)
    if compared.known:
        show.note(f"note: {_count(compared.known, 'known finding')} of `{path}` {'is' if compared.known == 1 else 'are'} not shown")
    if compared.resolved:
        what = f"{_count(compared.resolved, 'finding')} of `{path}` {'is' if compared.resolved == 1 else 'are'} resolved"
        show.note(f"note: {what}; renew it with --update-baseline")
    return replace(validation, findings=compared.new)


def _mend(paths: list[Path], wanted: Options, *, only_show: bool) -> None:
    from runner.app.checking import mend
    from runner.compiler import fixes

    mending, roots = mend(paths, wanted)
    if only_show:
        show.put(fixes.diff(mending.edits))
    else:
        fixes.write(mending.edits, roots)
    _say(mending, only_show=only_show)


def _say(mending: Mending, *, only_show: bool) -> None:
    for edit in mending.edits if not only_show else ():
        for finding in edit.mended:
            text = finding.fix.text if finding.fix else ""
            show.note(f"mended {finding.span.label()}: {finding.message}; now `{text}`")
    for line in mending.left:
        show.note(f"note: {line}")
    mends = _count(sum(len(edit.mended) for edit in mending.edits), "mend")
    files = _count(len(mending.edits), "file")
    show.note(f"{mends} in {files}" + ("; nothing was written" if only_show else ""))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _needs(validation: Validation) -> None:
    """Say on standard error what a run will want; no value is ever read."""
    if validation.needs_env:
        show.note(f"note: a run needs these environment variables: {', '.join(validation.needs_env)}")
    if validation.needs_secrets:
        show.note(f"note: a run needs these secrets: {', '.join(validation.needs_secrets)}")
