"""Manifests judged where somebody stands: a folder, files of a repository, or what comes over a pipe; offline.

Each door runs the scopes it can see and lists the rest as not evaluated: a piped manifest is a document alone, a folder
is a tree, and with a published catalog in view the rules of the whole catalog run as in a build.
"""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from chora_catalog.app.fixing import Fix, fixes
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.app.tree_reading import MAX_FILES, MAX_MANIFEST, Files, TreeReading, read_tree
from chora_catalog.app.view import View
from chora_catalog.check.engine import CATALOG_RULES, TREE_RULES, check_tree, check_without_catalog
from chora_catalog.check.rules import tag_version_differs, version_behind_tag
from chora_catalog.edge import files, worktree
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError
from chora_catalog.model.checked import Checked
from chora_catalog.model.finding import Finding, Scope, sort_findings
from chora_catalog.parse.schema import Schemas

PIPE: Final = "-"
_NEEDS_TAGS: Final = (tag_version_differs.RULE.id, version_behind_tag.RULE.id)
_WHY: Final = {
    Scope.TREE: "it needs the files beside the manifest",
    Scope.CATALOG: "it needs the whole catalog: name a published one with --catalog",
}
_WHY_TORN: Final = "a manifest of the tree could not be read"
_WHY_TAGS: Final = "it needs the version tags, which the catalog's build reads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One tree, or one document alone, with what was read of it.

    `root` is None for a document alone; `shown` goes before each path, so that it leads there from where one stands.
    """

    root: Path | None
    reading: TreeReading
    shown: str = ""

    def placed(self, finding: Finding) -> Finding:
        """Return `finding` with the paths as they are shown."""
        if not self.shown:
            return finding
        related = tuple(replace(place, file=self.shown + place.file) for place in finding.related)
        return replace(finding, place=replace(finding.place, file=self.shown + finding.place.file), related=related)


def validate(paths: Sequence[Path], *, view: View | None = None) -> Checked:
    """Validate the manifests below each folder of `paths`, and each file it names, offline.

    With a `view` of a publication the rules of the whole catalog run as well: as if the next build read these
    manifests. Raise ChoraError: exit 2 when there is no such path, or no manifest in it (nothing to judge is no pass),
    exit 3 when the catalog cannot be read.
    """
    return _checked(look_at(paths), view)


def look_at(paths: Sequence[Path]) -> list[Looked]:
    """Return what is read of each tree that `paths` name; raise ChoraError (exit 2) as `validate` does."""
    schemas = own_schemas()
    trees = _trees(paths)
    return [_look(root, globs, schemas, several=len(trees) > 1) for root, globs in trees]


def validate_text(data: bytes, name: str, *, view: View | None = None) -> Checked:
    """Validate one manifest without the files beside it; `name` is the path it has in its repository.

    `view`, and what is raised, are those of `validate`.
    """
    alone = Files(modes={name: "100644"}, read=lambda _: data if len(data) <= MAX_MANIFEST else None)
    reading = read_tree(alone, (glob.escape(name),), own_schemas())
    return _checked([Looked(root=None, reading=reading)], view)


def corrections(paths: Sequence[Path]) -> tuple[Fix, ...]:
    """Return what is certain to be corrected in the manifests that `validate` would read; nothing is written.

    Raise ChoraError (exit 2) when there is no such path, or no manifest in it.
    """
    schemas = own_schemas()
    made: list[Fix] = []
    for root, globs in _trees(paths):
        made += fixes(root, _look(root, globs, schemas, several=False).reading.findings)
    return tuple(made)


def _trees(paths: Sequence[Path]) -> list[tuple[Path, tuple[str, ...]]]:
    """Return each tree once, with the globs of its manifests: none for a folder, which is looked through.

    A file belongs to the repository it stands in, because the paths that it names are relative to that.
    """
    trees: dict[Path, list[str]] = {}
    whole: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ChoraError(f"there is no {path}", hint="Name a folder or a manifest: chora validate PATH")
        if path.is_dir():
            whole.append(path)
            continue
        root = worktree.top_of(path.parent) or path.parent
        inside = path.resolve().relative_to(root.resolve()).as_posix() if root != path.parent else path.name
        trees.setdefault(root, []).append(glob.escape(inside))
    return [*((root, ()) for root in dict.fromkeys(whole)), *((root, tuple(names)) for root, names in trees.items())]


def _look(root: Path, globs: tuple[str, ...], schemas: Schemas, *, several: bool) -> Looked:
    modes, truncated = files.list_folder(root, names=worktree.files_of(root))
    place = Workspace(root)
    tree = Files(modes=modes, read=lambda name: place.read(name, MAX_MANIFEST), truncated=truncated)
    reading = read_tree(tree, globs, schemas, limit=max(MAX_FILES, len(globs)))
    if any(finding.rule == "manifest-missing" for finding in reading.findings):
        raise ChoraError(
            f"{root} holds no manifest, so there is nothing to validate",
            hint="Write one with `chora init`, or name it: chora validate FILE",
        )
    return Looked(root=root, reading=reading, shown=_shown(root, several=several))


def _shown(root: Path, *, several: bool) -> str:
    """Return what goes before the paths of a tree: its way from here where it is below, else nothing for the only one.

    An annotation of a pipeline is placed by the path from the repository's top, which is where a pipeline stands.
    """
    here, there = Path.cwd().resolve(), root.resolve()
    if there != here and there.is_relative_to(here):
        return f"{there.relative_to(here).as_posix()}/"
    return f"{root.as_posix()}/" if several and there != here else ""


def _checked(looked: Sequence[Looked], view: View | None) -> Checked:
    findings: list[Finding] = []
    seen = {Scope.DOCUMENT} | ({Scope.TREE} if all(item.root is not None for item in looked) else set())
    basis = ""
    for item in looked:
        reading = item.reading
        said = list(reading.findings)
        if reading.good:
            said += check_tree(reading.tree(), scopes=frozenset(seen))
            said += () if view is not None else check_without_catalog(reading.tree())
        if view is not None:
            # Loaded where it is asked for alone: it takes longer than to judge a manifest.
            from chora_catalog.app.publication_view import judged_in

            stand = judged_in(view, reading.manifests, root=item.root)
            basis = stand.basis
            said += stand.findings
        findings += [item.placed(finding) for finding in said]
    if view is not None:
        seen.add(Scope.CATALOG)
    return Checked(
        files=tuple(item.shown + path for item in looked for path in item.reading.files),
        capabilities=sum(len(item.reading.manifests) for item in looked),
        findings=sort_findings(findings),
        not_evaluated=_not_evaluated(frozenset(seen), whole=all(item.reading.good for item in looked)),
        basis=basis,
        unseen=tuple(scope for scope in Scope if scope not in seen),
    )


def _not_evaluated(seen: frozenset[Scope], *, whole: bool) -> Mapping[str, str]:
    """Return why each rule was not judged that could not be; not `whole` is a tree of which a manifest was not read."""
    tree, catalog = [module.RULE for module in TREE_RULES], [module.RULE for module in CATALOG_RULES]
    why = dict.fromkeys(_NEEDS_TAGS, _WHY_TAGS)
    why |= {rule.id: _WHY[rule.scope] for rule in (*tree, *catalog) if rule.scope not in seen}
    if not whole:
        why = {rule.id: why.get(rule.id, _WHY_TORN) for rule in tree} | why
    return dict(sorted(why.items()))
