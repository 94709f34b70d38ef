"""Manifests judged as if the next build read them: a published catalog, with these in place of what it knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from chora_catalog.app.view import View
from chora_catalog.build.assemble import Gathered, assemble
from chora_catalog.edge import files, worktree
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.source import Harvest, Outcome, Registry, SourceSpec, State
from chora_catalog.parse.kept import Previous, UnreadableError, load_previous, load_specs

HERE = "this-repository"
"""The name of a repository that the catalog does not know."""
_NOT_ADDRESS = re.compile(r"^[a-z+]+://(?:[^/@]*@)?|^[^/@]*@(?=[^/]*:)|(?:\.git)?/*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What the rules of the whole catalog say, and what catalog that was, in one line."""

    findings: tuple[Finding, ...]
    basis: str


def judged_in(view: View, manifests: tuple[Manifest, ...], *, root: Path | None) -> Stand:
    """Return what the whole-catalog rules say of `manifests`, read as the new head of one source of the catalog.

    `root` is the top of their tree, where there is one. Raise ChoraError: exit 2 for a source that the catalog does not
    register, exit 3 when the folder is no publication that can be read.
    """
    catalog, source = view.catalog, view.source
    published = files.Folder(catalog)
    try:
        previous = load_previous(published)
        specs = load_specs(published)
        name = source or _same_address(specs, worktree.origin_of(root) if root is not None else "")
        if source and source not in {spec.name for spec in specs}:
            raise ChoraError(
                f"the catalog {catalog} registers no source {source!a}",
                hint=f"It registers: {', '.join(sorted(spec.name for spec in specs)[:20])}.",
            )
        gathered = _gathered(previous, specs, name or HERE, manifests)
    except (UnreadableError, OSError) as error:
        raise ChoraError(
            f"the catalog {catalog} cannot be read: {error}",
            hint="Name the folder of a publication: the --output of a build, or an unpacked copy of the site.",
            code=Exit.CANNOT_TELL,
        ) from error
    said = assemble(gathered, as_of=view.as_of).findings
    run = previous.run
    where = f"as source {name}" if name else "as a source that it does not register yet"
    return Stand(
        findings=tuple(replace(finding, source="") for finding in said if finding.source == (name or HERE)),
        basis=f"Judged in the catalog of {run.as_of if run else 'an unknown time'}, {where}.",
    )


def _gathered(
    previous: Previous, specs: tuple[SourceSpec, ...], name: str, manifests: tuple[Manifest, ...]
) -> Gathered:
    known = {spec.name: previous.harvests[spec.name] for spec in specs if spec.name in previous.harvests}
    before = known.get(name, Harvest(source=name))
    # What was found when it was last read is not said again: its manifests are these now.
    head = State(commit=name, committed_at=before.head_at, manifests=manifests)
    known[name] = replace(before, head=head, head_commit=name, findings=(), error="", last_ok_at="")
    if name not in {spec.name for spec in specs}:
        specs = (*specs, SourceSpec(name=name, url=""))
    return Gathered(
        registry=Registry(sources=specs),
        harvests=known,
        outcomes={spec.name: _outcome(known.get(spec.name)) for spec in specs},
        held_before=previous.held,
    )


def _outcome(harvest: Harvest | None) -> Outcome:
    if harvest is None or not (harvest.head or harvest.head_commit):
        return Outcome.UNREAD
    return Outcome.KEPT if harvest.error else Outcome.READ


def _same_address(specs: Iterable[SourceSpec], origin: str) -> str:
    """Return the name of the one source with the address `origin`, however it is spelled; empty for none or several."""
    found = [spec.name for spec in specs if origin and _bare(spec.url) == _bare(origin)]
    return found[0] if len(found) == 1 else ""


def _bare(address: str) -> str:
    """Return host and path alone: `git@host:a/b.git` and `https://host/a/b` are one place."""
    rest = _NOT_ADDRESS.sub("", address)
    scheme = "://" in address
    return (rest if scheme else rest.replace(":", "/", 1)).rstrip("/").casefold()
