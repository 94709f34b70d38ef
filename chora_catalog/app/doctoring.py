"""What a repository lacks to be adopted, and how a command of the caller's stands to the standard of command lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.app.tree_reading import Files, TreeReading, read_tree
from chora_catalog.edge import files, worktree
from chora_catalog.edge.clock import monotonic
from chora_catalog.edge.process import MIB, run
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError
from chora_catalog.model.finding import Severity
from chora_catalog.model.readiness import Answer, Judged, Need, Probed, Run
from chora_catalog.parse.anchors import is_workflow
from chora_catalog.parse.reading import MAX_BYTES
from chora_catalog.parse.spans import read
from chora_catalog.render.scaffold import TEMPLATES, filled
from chora_catalog.render.yaml_out import quoted
from chora_catalog.resolve.courtesy import WRONG_OPTION, judge
from chora_catalog.resolve.readiness import of_hooks, of_manifests, of_pipelines

_MOST_WORKFLOWS = 50
_HOOKS = ".pre-commit-config.yaml"
_SET = {"tool": "OWNER/chora-catalog", "commit": "0" * 40}
PATIENCE = 10.0
"""How many seconds a probed command has for each of its runs."""
_COLORS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS")


def examine(path: Path) -> tuple[Need, ...]:
    """Return what adopting asks of the folder `path`, in order, with how each stands. Nothing is run or asked."""
    place = Workspace(path)
    modes, truncated = files.list_folder(path, names=worktree.files_of(path))
    schemas = own_schemas()
    tree = Files(modes=modes, read=lambda name: place.read(name, MAX_BYTES), truncated=truncated)
    reading = read_tree(tree, (), schemas)
    return tuple(_needs(path, place, sorted(modes), reading))


def _needs(path: Path, place: Workspace, names: list[str], reading: TreeReading) -> Iterator[Need]:
    yield _manifest(reading)
    if reading.manifests:
        yield from of_manifests(reading.manifests)
    else:
        for name in ("owner", "contact", "behaviors"):
            yield Need(name=name, verdict=Answer.NOT_EVALUATED, words="there is no manifest to say it")
    documents, unread = {}, []
    pipelines = [name for name in names if is_workflow(name)][:_MOST_WORKFLOWS]
    for name in [*pipelines, *(name for name in names if name == ".gitlab-ci.yml")]:
        readable, document = _document(place, name)
        if readable:
            documents[name] = document
        else:
            unread.append(name)
    yield from of_pipelines(documents, unread, _lines("workflow"), _command("workflow"))
    readable, document = _document(place, _HOOKS) if _HOOKS in names else (True, None)
    yield of_hooks(document, readable, _lines("pre-commit"), _command("pre-commit"))
    name = re.sub(r"[^a-z0-9]+", "-", path.resolve().name.lower()).strip("-") or "name"
    origin = worktree.origin_of(path)
    # An address with a user name in it may hold a token, which no registry and no terminal should see.
    address = origin if re.fullmatch(r"https://[^@\s]{1,500}", origin) else f"https://git.example.org/OWNER/{name}.git"
    yield Need(
        name="registered",
        verdict=Answer.NOT_EVALUATED,
        words="only a catalog's registry can tell; what it needs",
        file="catalog-sources.yaml",
        lines=f"sources:\n  - name: {quoted(name)}\n    url: {quoted(address)}\n",
    )


def _manifest(reading: TreeReading) -> Need:
    errors = sum(item.severity is Severity.ERROR for item in reading.findings)
    if not reading.parsed:
        words = "a manifest cannot be read"
        return Need(name="manifest", verdict=Answer.CANNOT_TELL, words=words, command="chora validate")
    if not reading.manifests:
        words = "there is none that a catalog would read"
        return Need(name="manifest", verdict=Answer.MISSING, words=words, command="chora adopt")
    if errors:
        words = f"it has {errors} {'error' if errors == 1 else 'errors'}"
        return Need(name="manifest", verdict=Answer.MISSING, words=words, command="chora validate")
    paths = sorted({manifest.path for manifest in reading.manifests})
    said = f"{', '.join(paths[:3])} declares {', '.join(item.id for item in reading.manifests[:3])}"
    more = len(reading.manifests) - 3
    return Need(name="manifest", verdict=Answer.MET, words=said + (f" and {more} more" if more > 0 else ""))


def _document(place: Workspace, name: str) -> tuple[bool, Any]:
    data = place.read(name, MAX_BYTES)
    reading = read(data, file=name) if data is not None else None
    return (True, reading.value) if reading is not None and reading.ok else (False, None)


def _lines(template: str) -> str:
    (piece,) = TEMPLATES[template].pieces
    return filled((files.data_folder("templates") / "adopt" / piece.source).read_text(encoding="utf-8"), _SET)


def _command(template: str) -> str:
    return f"chora template apply {template} " + " ".join(f"--set {key}={value}" for key, value in _SET.items())


def probe(words: Sequence[str], *, patience: float = PATIENCE) -> tuple[Judged, ...]:
    """Run the caller's own command `words` with a few options, and judge what it says by the standard.

    It is run because its name was typed, without a shell, with nothing on its standard input and a limit of time. Raise
    ChoraError when no command is named, or there is none of that name (exit 3).
    """
    if not words:
        raise ChoraError("no command is named", hint="Name one: chora doctor --ux COMMAND")
    asked = tuple(words)
    plain = {"NO_COLOR": "1"}
    return judge(
        Probed(
            help=_run((*asked, "--help"), {}, patience),
            help_again=_run((*asked, "--help"), {}, patience),
            help_plain=_run((*asked, "--help"), plain, patience),
            version=_run((*asked, "--version"), {}, patience),
            wrong=_run((*asked, WRONG_OPTION), {}, patience),
            wrong_plain=_run((*asked, WRONG_OPTION), plain, patience),
        )
    )


def _run(words: tuple[str, ...], more: dict[str, str], patience: float) -> Run:
    environ = {name: value for name, value in os.environ.items() if name not in _COLORS}
    began = monotonic()
    done = run(words, env=environ | {"COLUMNS": "80"} | more, timeout=patience, output_limit=MIB)
    return Run(
        words=words,
        code=done.code,
        out=done.out,
        err=done.err,
        seconds=monotonic() - began,
        ended=not done.timed_out and not done.too_much,
    )
