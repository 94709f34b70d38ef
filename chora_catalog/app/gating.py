"""The gate: whether a pull request may be merged into the catalog's repository.

Everything of the pull request is data. The rules are those of this program, the policy is that of the base.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from chora_catalog.app.governing import govern
from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.build.effects import effects_of
from chora_catalog.check.gate.every import judge
from chora_catalog.check.gate.evidence import review_problem
from chora_catalog.check.gate.proposed import FOLDER, POLICY, Proposed
from chora_catalog.edge import files, git
from chora_catalog.errors import ChoraError
from chora_catalog.model.finding import Finding, Place, Severity, sort_findings
from chora_catalog.model.gated import Gated
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.proposal import Reviews
from chora_catalog.model.signal import Proof
from chora_catalog.model.steward import Stewards
from chora_catalog.parse.records import Added, Records, load_records
from chora_catalog.parse.registry import load_registry
from chora_catalog.parse.reviews import load_reviews
from chora_catalog.parse.schema import Schemas

_REVIEWS_LIMIT = 4 * 2**20
_REGISTRY = "catalog-sources.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateOptions:
    """What a person asks of the gate. `root` is the folder that holds `decisions/`.

    With `push` the branch itself went from `base` to `head`: nothing of the base may be missing, and what the forge
    said before it was merged is not asked again.
    """

    root: Path
    base: str
    head: str
    as_of: datetime
    reviews: Path | None = None
    push: bool = False


def gate(options: GateOptions) -> Gated:
    """Judge what `head` adds to `base`.

    Raise ChoraError: usage for refs that are not there or a file that is no review list; exit 3 for a shallow clone.
    """
    asked = git.own_changes(options.root, options.base, options.head)
    broken = _rewritten(options, asked)
    if broken is not None:
        return Gated(base=asked.base, head=asked.head, findings=(broken,), effects=())
    old, new = (_history(options.root, commit) for commit in (asked.base, asked.head))
    registries = tuple(git.own_file(options.root, _REGISTRY, at=commit) for commit in (asked.base, asked.head))
    return weigh(asked, old, new, registries, options)


def weigh(
    asked: git.OwnChanges, old: Side, new: Side, registries: Sequence[bytes | None], options: GateOptions
) -> Gated:
    """Judge the records of two sides, `old` the base and `new` the head, with the registries of both."""
    schemas = own_schemas()
    inside = tuple(
        replace(change, path=change.path.removeprefix(asked.prefix))
        for change in asked.changes
        # The folder itself may become a link, which is no path below it.
        if f"{change.path}/".startswith(asked.prefix + FOLDER)
    )
    added = frozenset(change.path for change in inside if change.is_plain_addition and change.path not in old.files)
    merged = {**old.files, **{path: new.files[path] for path in sorted(added) if path != POLICY and path in new.files}}
    before = _load(old.files, old.added, schemas)
    after = _unpublished(_load(merged, {**new.added, **old.added}, schemas), added, options)
    proposed = Proposed(
        changes=inside,
        before=govern(before),
        after=replace(after, stewards=before.stewards),
        policy=before.stewards,
        as_of=options.as_of,
        head=asked.head,
        base_paths=frozenset(old.files),
        wanted=_wanted(old.files, new.files, schemas),
        reviews=_reviews(options.reviews, asked.head),
        is_merged=options.push,
        added=added,
        unread=added - set(new.files),
    )
    reviews = {
        event.file: Proof(problem=why)
        for _, event in proposed.added_events()
        if event.kind == "vote" and (why := review_problem(proposed, event)[1])
    }
    proposed = replace(proposed, after=govern(proposed.after, before.stewards, reviews))
    found = [*judge(proposed), *_policy_findings(old.files, new.files, schemas)]
    registered = [load_registry(data, file=_REGISTRY, schemas=schemas)[0] if data else None for data in registries]
    return Gated(
        base=asked.base,
        head=asked.head,
        findings=sort_findings(_inside(finding, asked.prefix) for finding in found),
        effects=tuple(effects_of(proposed.after, added, registered[0], registered[1], asked.changes)),
        unseen=tuple(f"{finding.place}: {finding.message}" for finding in found if finding.rule == "review-not-seen"),
    )


def _rewritten(options: GateOptions, asked: git.OwnChanges) -> Finding | None:
    """Return why the history of the base is not kept, or None."""
    if not asked.start:
        message = f"{options.head} and {options.base} have no commit in common: the history was written anew"
    elif options.push and asked.start != asked.base:
        message = (
            f"{options.base} ({asked.base[:12]}) did not lead to {options.head}: they parted at {asked.start[:12]}, "
            "so what was published since is gone"
        )
    else:
        return None
    return Finding(
        rule="log-rewritten",
        severity=Severity.ERROR,
        message=message,
        place=Place(file=FOLDER),
        hint=f"Put the branch back to {asked.base[:12]}, and add to it: git push origin {asked.base[:12]}:<branch>",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The records of one commit, by path from the folder that holds `decisions/`, and who added each when."""

    files: Mapping[str, bytes]
    added: Mapping[str, Added]


def _history(root: Path, commit: str) -> Side:
    own = git.own_files(root, "decisions", at=commit)
    if own is None:
        return Side(files={}, added={})
    facts = {path: Added(commit=fact.commit, at=fact.at, author=fact.author) for path, fact in own.added.items()}
    return Side(files=own.files, added=facts)


def _load(paths: Mapping[str, bytes], added: Mapping[str, Added], schemas: Schemas) -> Records:
    inside = {path.removeprefix(FOLDER): data for path, data in paths.items()}
    facts = {path.removeprefix(FOLDER): fact for path, fact in added.items()}
    return load_records(inside, added=facts, schemas=schemas)


def _unpublished(records: Records, added: frozenset[str], options: GateOptions) -> Records:
    """Return `records` in which what is added is recorded now, whatever its commits say of their time.

    A notice does not begin before anybody can see it, and who has left cannot vote by dating a commit earlier.
    """
    if options.push:
        return records
    now = instant_text(options.as_of)
    signals = []
    for signal in records.signals:
        events = tuple(replace(one, recorded_at=now) if one.file in added else one for one in signal.events)
        at = now if signal.file in added else signal.recorded_at
        signals.append(replace(signal, recorded_at=at, events=events))
    return replace(records, signals=tuple(signals))


def _wanted(old: Mapping[str, bytes], new: Mapping[str, bytes], schemas: Schemas) -> Stewards | None:
    if POLICY not in new or old.get(POLICY) == new[POLICY]:
        return None
    return _load({POLICY: new[POLICY]}, {}, schemas).stewards


def _policy_findings(old: Mapping[str, bytes], new: Mapping[str, bytes], schemas: Schemas) -> tuple[Finding, ...]:
    """Return what is wrong with the form of a policy that is new or changed."""
    return _load({POLICY: new[POLICY]}, {}, schemas).findings if _wanted(old, new, schemas) is not None else ()


def _reviews(path: Path | None, head: str) -> Reviews | None:
    if path is None:
        return None
    data = files.read_bounded(path, _REVIEWS_LIMIT) if path.is_file() else None
    if data is None:
        raise ChoraError(f"{path} is not there, or is no review list", hint="Name the file that the workflow wrote.")
    reviews = load_reviews(data, file=str(path))
    if reviews.head != head:
        raise ChoraError(
            f"the review list is of the commit {reviews.head[:12]!a}, and the head is {head[:12]}",
            hint="Ask the forge again, for the commit that is to be merged.",
        )
    return reviews


def _inside(finding: Finding, prefix: str) -> Finding:
    """Return `finding` with places as the repository names them."""
    if not prefix:
        return finding
    return replace(
        finding,
        place=replace(finding.place, file=prefix + finding.place.file),
        related=tuple(replace(place, file=prefix + place.file) for place in finding.related),
    )
