"""The way in: read definitions, check them, and compile an agent into its graph.

Checking needs no key, no network, no variable's value, and imports neither pydantic nor anybody's code.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from runner.compiler.check import check_shape
from runner.compiler.discovery import ENDINGS, find_root, what_is
from runner.compiler.documents import NAME, Document
from runner.compiler.findings import NO_DEFINITIONS, shown, suggestion
from runner.compiler.ignore import silence_at_run
from runner.compiler.reading import Reading, World, located, read, read_project, without_pauses
from runner.compiler.rules import Context, checks
from runner.compiler.rules.unresolved import unknown_agent
from runner.compiler.texts import Texts
from runner.diagnostics import Diagnostic, Rule, Span, in_order
from runner.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from runner.compiler.definition import Library
    from runner.graph import Graph

__all__ = [
    "CompiledAgent",
    "Reading",
    "check_all",
    "compile_agent",
    "compile_tool",
    "find_root",
    "look_at",
    "needs",
    "project_data",
    "read",
]

ERRORS_ELSEWHERE = Rule("errors-elsewhere", "warning", "definitions that the agent does not reach have errors")


@dataclass(frozen=True, slots=True)
class CompiledAgent:
    """An agent's graph, what to warn of, the project document as plain data, and the texts of all files by the name findings use."""

    graph: Graph
    warnings: tuple[Diagnostic, ...]
    project_data: dict[str, Any]
    sources: Mapping[str, str] = field(default_factory=dict[str, str])


def check_all(reading: Reading) -> tuple[Diagnostic, ...]:
    """Return every finding of the files that were asked for, sorted and without repetitions."""
    findings = list(reading.findings)
    with without_pauses():
        for world in reading.worlds:
            findings += _check(world, [document for document in world.documents if document.asked])
            cast("dict[str, str]", reading.sources).update(world.texts.sources)
    return in_order(findings)


def _check(world: World, documents: Iterable[Document]) -> list[Diagnostic]:
    chosen = tuple(documents)
    findings = [finding for document in chosen for finding in check_shape(document)]
    context = Context(tuple(document for document in chosen if document.whole), world.documents, world.texts, world.shipped)
    for rule in checks():
        findings += rule.check(world.library, context)
    return findings


def needs(library: Library) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the environment variables and of the secrets that a project's own definitions need; no value is read.

    A variable with a default is not needed. What ships with agent-run is left out: nobody has the keys of every vendor.
    """
    texts = Texts(library.root)
    named = [*library.agents.values(), *library.tools.values(), *library.providers.values()]
    found: dict[str, set[str]] = {"env": set(), "secret": set()}
    for document in [*named, *([library.project] if library.project else [])]:
        for text in texts.of(cast("Document", document)) if not document.shipped else ():
            template = text.template()
            for special in template.specials() if template else ():
                if special.kind in found and special.default is None:
                    found[special.kind].add(special.name)
    return tuple(sorted(found["env"])), tuple(sorted(found["secret"]))


def project_data(root: Path, profile: str | None = None) -> dict[str, Any]:
    """Return a root's project document with a profile laid over it, as plain data; {} when there is none. Raises ConfigError."""
    world = read_project(root.resolve(), None, profile, root)
    project = world.library.project
    findings = [finding for finding in world.findings if project and finding.span.file == project.file]
    if isinstance(project, Document):
        findings += _check(world, [project])
    _stop_on_errors(findings, "the project file has errors")
    return _project(world.library)


def _project(library: Library) -> dict[str, Any]:
    from runner.compiler.link_text import plain

    return plain(library.project.data) if library.project else {}


def compile_agent(
    agent: str, *, cwd: Path, project: Path | None = None, profile: str | None = None, model: str | None = None, provider: str | None = None
) -> CompiledAgent:
    """Return an agent, given as a file or a name, compiled into its graph.

    Errors in what the agent reaches raise ConfigError with every diagnostic; errors elsewhere are one warning. Raises UsageError for a
    file that does not exist, and for a model or provider of the command line that does not.
    """
    from runner.compiler.link import link, not_yet_runnable

    world, name, given = _found(agent, cwd, project, profile)
    models = _models(model, provider)
    warnings = _checked(world, name, _reached(world, name, models, given), lambda: not_yet_runnable(world.library, name, models))
    graph = link(world.library, name, model=model, provider=provider)
    return CompiledAgent(graph, warnings, _project(world.library), world.texts.sources)


def look_at(agent: str, *, cwd: Path, project: Path | None = None, profile: str | None = None) -> tuple[World, str, tuple[Diagnostic, ...]]:
    """Return the world of an agent, given as a file or a name, its name, and the findings in what it reaches; it need not be able to run.

    Raises ConfigError and UsageError for an agent that is not there.
    """
    world, name, given = _found(agent, cwd, project, profile)
    findings, _ = _errors(world, _reached(world, name, None, given))
    return world, name, tuple(silence_at_run(findings, world.documents, world.texts.sources))


def _found(agent: str, cwd: Path, project: Path | None, profile: str | None) -> tuple[World, str, Path | None]:
    given = _given(agent, cwd)
    root = project.resolve() if project else find_root(given.parent if given else cwd)
    world = read_project(root, given, profile, cwd)
    name = _name_in(world, given) if given else agent
    if name not in world.library.agents:
        raise _no_agent(name, world, cwd)
    return world, name, given


def compile_tool(tool: str, *, cwd: Path, project: Path | None = None, profile: str | None = None) -> CompiledAgent:
    """Return a tool's definition, compiled into a graph whose one agent has this tool and no model, for calling it without one.

    Errors in the definition or the project file raise ConfigError, errors elsewhere are one warning. Raises UsageError for a tool that
    nobody defines, or that is switched off.
    """
    from runner.compiler.caller import NAME as CALLER
    from runner.compiler.caller import calling
    from runner.compiler.link import link, not_yet_runnable

    world = read_project(project.resolve() if project else find_root(cwd), None, profile, cwd)
    if tool not in world.library.tools:
        raise UsageError(f"there is no tool `{shown(tool)}`", hint=suggestion(tool, world.library.tools, "tools"))
    definition = world.library.tools[tool]
    if definition.data.get("enabled") is False:
        raise UsageError(f"the tool `{tool}` is switched off", hint=f"`enabled: false` in {definition.span().label()}")
    library = calling(world.library, [tool])
    own: list[Any] = [definition, *([world.library.project] if world.library.project else [])]
    documents: list[Document] = [*own, *_parents(world, {id(document): document for document in own})]
    warnings = _checked(world, tool, documents, lambda: not_yet_runnable(library, CALLER))
    return CompiledAgent(link(library, CALLER), warnings, _project(library), world.texts.sources)


def _checked(world: World, name: str, reached: list[Document], not_yet: Callable[[], Iterable[Diagnostic]]) -> tuple[Diagnostic, ...]:
    """Return what to warn of. Raises ConfigError for an error in what is reached, and for a key that cannot run yet."""
    found, elsewhere = _errors(world, reached)
    blocking = silence_at_run(found, world.documents, world.texts.sources)
    _stop_on_errors(blocking, f"`{name}` cannot run")
    _stop_on_errors(not_yet(), f"`{name}` cannot run yet")
    return (*[finding for finding in blocking if finding.severity == "warning"], *_elsewhere(elsewhere, name))


def _stop_on_errors(findings: Iterable[Diagnostic], message: str) -> None:
    errors = in_order([finding for finding in findings if finding.severity == "error"])
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise ConfigError(f"{message}: {count} in its definitions", diagnostics=errors)


def _given(agent: str, cwd: Path) -> Path | None:
    """Return the file that AGENT names, or None when it is a name."""
    from pathlib import Path

    path = located(Path(agent), cwd.resolve())
    if NAME.fullmatch(agent):
        return None
    if what_is(path) == "folder":
        raise UsageError(f"`{shown(agent)}` is a folder", hint="name a file in it, or an agent")
    if what_is(path) == "nothing":
        what = "file" if "/" in agent or agent.endswith((".yaml", ".yml")) else "agent or file"
        raise UsageError(f"there is no {what} `{shown(agent)}`", hint="a name of an agent has no `/` and no `.yaml`")
    return path


def _name_in(world: World, given: Path) -> str:
    """Return the name of the first agent in the given file. Raises ConfigError when there is none."""
    documents = [document for document in world.documents if document.path == given]
    agents = [document for document in documents if document.kind == "agent"]
    if agents:
        return agents[0].name
    _stop_on_errors([*world.findings, *_check(world, documents)], f"`{given.name}` cannot run")
    kinds = ", ".join(f"the {document.kind} `{shown(document.name)}`" for document in documents)
    hint = f"it holds {kinds}; an agent has `kind: agent`, or no `kind:` outside of `tools.d` and `providers.d`"
    nothing = Diagnostic(NO_DEFINITIONS, documents[0].head(), "there is no agent in this file", hint)
    raise ConfigError(nothing.message, diagnostics=[nothing], hint=hint)


def _no_agent(name: str, world: World, cwd: Path) -> ConfigError:
    finding = unknown_agent(name, Span("<command line>"), world.library)
    file = next((f"{name}{ending}" for ending in ENDINGS if (cwd / f"{name}{ending}").is_file()), None)
    if file:
        finding = replace(finding, hint=f"there is a file `{file}`: name it with its ending; agents with a name are in `agents.d`")
    return ConfigError(f"`{shown(name)}` cannot run", diagnostics=[finding])


def _models(model: str | None, provider: str | None) -> tuple[str, ...] | None:
    """Return the models that the command line names instead of the agent's own, or None."""
    if provider:
        return (f"{provider}/{model or '*'}",)
    return (model,) if model and ("/" in model or model == "auto") else None


def _reached(world: World, name: str, models: tuple[str, ...] | None, given: Path | None) -> list[Document]:
    """Return the documents that a run of an agent may touch: what it names, what those extend, the given file, the project."""
    from runner.compiler.link_reach import reached

    library = world.library
    found = reached(library, name, models)
    documents: dict[int, Any] = {}
    for shelf, names in ((library.agents, found.agents), (library.tools, found.tools), (library.providers, found.providers)):
        for known in names:
            documents[id(shelf[known])] = shelf[known]
    for document in world.documents:
        if document.path == given or document is library.project:
            documents[id(document)] = document
    return [*documents.values(), *_parents(world, documents)]


def _parents(world: World, documents: Mapping[int, Document]) -> list[Document]:
    wanted = {(document.kind, document.own.get("extends")) for document in documents.values()}
    found: list[Document] = []
    for document in (*world.documents, *world.shipped):
        if (document.kind, document.name) in wanted and id(document) not in documents:
            found.append(document)
            wanted.add((document.kind, document.own.get("extends")))
    return found


def _errors(world: World, reached: list[Document]) -> tuple[tuple[Diagnostic, ...], list[Diagnostic]]:
    """Return the findings in the documents that an agent reaches, and the errors in all others."""
    ids = {id(document) for document in reached}
    mine: list[Diagnostic] = []
    others: list[Diagnostic] = []
    for finding in world.findings:
        (mine if _owner(world, finding.span) in ids else others).append(finding)
    blocking = in_order([*mine, *_check(world, reached)])
    others += _check(world, [document for document in world.documents if id(document) not in ids])
    known = {(finding.sort_key(), finding.span) for finding in blocking}
    return blocking, [finding for finding in others if finding.severity == "error" and (finding.sort_key(), finding.span) not in known]


def _owner(world: World, span: Span) -> int:
    """Return the identity of the document that a place is in; that of the project for a place in no document."""
    owner: object = world.library.project
    for document in world.documents:
        if document.file == span.file and (document.path != getattr(owner, "path", None) or document.span().line <= span.line):
            owner = document
    return id(owner)


def _elsewhere(findings: list[Diagnostic], name: str) -> list[Diagnostic]:
    if not findings:
        return []
    count = len(in_order(findings))
    files = len({finding.span.file for finding in findings})
    what = f"{count} error{'' if count == 1 else 's'} in {files} other file{'' if files == 1 else 's'}"
    message = f"{what}, not in the way of `{shown(name)}`; `agent-run validate` shows them"
    return [Diagnostic(ERRORS_ELSEWHERE, Span("<project>"), message)]
