"""The manifests at hand against a published catalog: does what they need still fit, and whom would they break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from chora_catalog.app.compat_facts import Facts
from chora_catalog.app.published import open_published
from chora_catalog.app.validating import Looked as Tree
from chora_catalog.app.validating import look_at
from chora_catalog.check.rule import Tree as TreeView
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.catalog import Edge
from chora_catalog.model.change import Bump, Effect
from chora_catalog.model.contract import Step
from chora_catalog.model.decision import Waiver
from chora_catalog.model.finding import Place
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.judgement import Checkup, Judgement, Looked, Owned, StepSaid
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.parties import Consumer, Provider
from chora_catalog.model.ranges import VersionRange
from chora_catalog.model.ruling import Age, Side
from chora_catalog.model.verdict import Verdict
from chora_catalog.model.versions import Version
from chora_catalog.render.drafts import excuse, signal_draft
from chora_catalog.render.text import some
from chora_catalog.resolve.compat import World, judge
from chora_catalog.resolve.contract.compare import compare
from chora_catalog.resolve.contract.step import judge_step, next_version
from chora_catalog.resolve.deprecation import earliest_removal, suggested_window
from chora_catalog.resolve.evidence import evidence_of
from chora_catalog.resolve.parties import consumer_of
from chora_catalog.resolve.proposal import release_version, with_release
from chora_catalog.resolve.truth_table import rule_on, worst
from chora_catalog.resolve.waiving import active

_BAD: Final = (Verdict.BREAKING, Verdict.MISSING, Verdict.INVALID, Verdict.UNKNOWN)
_HURTS: Final = (Effect.BREAKING, Effect.UNDECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """How to look. `max_age` are seconds and stand in for the catalog's alert age; `sides` are those to look from."""

    catalog: str
    as_of: datetime
    max_age: int | None = None
    strict: bool = False
    sides: tuple[Side, ...] = (Side.CONSUMER, Side.PROVIDER)


def check(paths: Sequence[Path], options: CheckOptions) -> Checkup:
    """Judge the manifests below `paths` as consumers and as providers; nothing is fetched but files of the catalog.

    Raise ChoraError: exit 1 where a manifest cannot be read, exit 2 where there is none, exit 3 where the catalog
    cannot be read or holds nothing at all.
    """
    trees = look_at(paths)
    _refuse_unreadable(trees)
    with open_published(options.catalog) as published:
        return _judged(trees, Facts.of(published), options)


def _judged(trees: Sequence[Tree], facts: Facts, options: CheckOptions) -> Checkup:
    looked = facts.looked(as_of=options.as_of, max_age=options.max_age)
    desk = _Desk(facts=facts, options=options, looked=looked)
    if not facts.run.capabilities:
        raise ChoraError(
            f"the catalog {options.catalog} holds no capability, so nothing can be compared with it",
            hint="Register sources and build it; an empty catalog is no pass.",
            code=Exit.CANNOT_TELL,
        )
    judgements: list[Judgement] = []
    provided: list[_Provided] = []
    manifests = [(tree, manifest) for tree in trees for manifest in tree.reading.manifests]
    for tree, manifest in manifests:
        place = _Places(view=tree.reading.tree(), manifest=manifest, shown=tree.shown)
        if Side.CONSUMER in options.sides:
            judgements += desk.as_consumer(manifest, place)
        if Side.PROVIDER in options.sides:
            provided.append(desk.as_provider(manifest, place))
    judgements += [item for one in provided for item in one.judgements]
    steps = [one.step for one in provided if one.step]
    notes = [note for one in provided for note in one.notes]
    codes = [item.ruling.exit for item in judgements] + [one.exit for one in provided] + [step.exit for step in steps]
    if not judgements and not any(one.is_known for one in provided):
        notes.append("Nothing was compared, and that is no pass: no dependency is declared, and no dependent is known.")
        codes.append(Exit.CANNOT_TELL)
    return Checkup(
        files=tuple(tree.shown + path for tree in trees for path in tree.reading.files),
        capabilities=tuple(manifest.id for _, manifest in manifests),
        judgements=tuple(sorted(judgements, key=_order)),
        steps=tuple(steps),
        looked=desk.looked,
        judged_at=instant_text(options.as_of),
        exit=worst(codes),
        notes=tuple(notes),
    )


def _refuse_unreadable(trees: Sequence[Tree]) -> None:
    torn = [tree for tree in trees if not tree.reading.good]
    if torn:
        raise ChoraError(
            "a manifest cannot be read, so nothing was compared",
            hint="See where with `chora validate`, correct it, then run the same command again.",
            code=Exit.NO,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where a manifest says what it says."""

    view: TreeView
    manifest: Manifest
    shown: str

    def need(self, text: str, line: int) -> Place:
        return self._moved(self.view.find(self.manifest.path, line or self.manifest.line, text))

    def version(self) -> Place:
        return self._moved(self.view.find(self.manifest.path, self.manifest.line, "version"))

    def _moved(self, place: Place) -> Place:
        return replace(place, file=self.shown + place.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provided:
    """What came of looking at one manifest as a provider.

    `is_known` tells whether the catalog knows who depends on it, `exit` what the look as such asks for.
    """

    judgements: tuple[Judgement, ...] = ()
    step: StepSaid | None = None
    notes: tuple[str, ...] = ()
    exit: Exit = Exit.YES
    is_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """One check under way."""

    facts: Facts
    options: CheckOptions
    looked: Looked

    def as_consumer(self, manifest: Manifest, place: _Places) -> Iterator[Judgement]:
        """Judge each need of `manifest` against the newest release that the catalog knows."""
        mine = consumer_of(manifest, source="", owner=manifest.owner)
        world = self.facts.world_of(mine, self.options.as_of)
        for need in mine.needs:
            edge = judge(mine, need, world)
            provider = world.providers.get(edge.provider)
            age = self._age(provider.source if provider else "")
            ruling = rule_on(edge.verdict, age=age, side=Side.CONSUMER, strict=self.options.strict)
            yield self._told(
                Judgement(
                    side=Side.CONSUMER,
                    edge=edge,
                    ruling=ruling,
                    place=place.need(need.name or need.id, need.line),
                    age=age,
                    evidence=evidence_of(edge, provider, mine),
                ),
                provider,
                mine,
                declared=manifest.owner,
            )

    def as_provider(self, manifest: Manifest, place: _Places) -> _Provided:
        """Judge whom `manifest` would break if it were released as it is."""
        file = self.facts.dependents(manifest.id)
        if file is None:
            # A catalog that an older tool published has no such files: then nobody can tell, and this refuses it.
            self.facts.aliases()
            why = "the catalog does not hold it, and nobody depends on it there"
            return _Provided(notes=(f"{manifest.id} was not judged as a provider: {why}.",))
        if file.is_contested:
            note = f"{manifest.id} was not judged as a provider: several sources claim it."
            return _Provided(notes=(note,), exit=Exit.CANNOT_TELL)
        notes = []
        if self.looked.unread:
            names = ", ".join(self.looked.unread)
            notes.append(f"Who depends on {manifest.id} in sources that were never read is not known: {names}.")
        now = file.provider
        proposed, step = self._proposed(now, manifest, place)
        if now is not None and step is None:
            notes.append(f"{manifest.id} was not compared with a release of it: what they declared is not known.")
        waivers = active(file.waivers, self.options.as_of)
        judgements = []
        for cell in file.cells:
            consumer = cell.consumer
            if consumer is None:
                continue
            for need in consumer.needs:
                # A former name has led here already.
                meant = replace(need, id=file.id, name=need.name or need.id)
                before, after = (judge(consumer, meant, self._world(one, waivers)) for one in (now, proposed))
                judgements.append(self._for_dependent(before, after, consumer, now, proposed, place))
        notes.append(f"{some(len(judgements), 'dependent')} of {manifest.id} in the catalog.")
        untold = (now is not None and step is None) or (self.options.strict and bool(self.looked.unread))
        return _Provided(
            judgements=tuple(judgements),
            step=step,
            notes=tuple(notes),
            exit=Exit.CANNOT_TELL if untold else Exit.YES,
            is_known=True,
        )

    def _world(self, provider: Provider | None, waivers: tuple[Waiver, ...]) -> World:
        held = {provider.id: provider} if provider else {}
        return World(providers=held, alias={}, waivers=waivers, as_of=self.options.as_of)

    def _for_dependent(
        self,
        before: Edge,
        after: Edge,
        consumer: Consumer,
        now: Provider | None,
        proposed: Provider,
        place: _Places,
    ) -> Judgement:
        declared = place.manifest.owner
        age = self._age(consumer.source)
        ruling = rule_on(
            after.verdict,
            age=age,
            side=Side.PROVIDER,
            is_pending=_is_pending(after, now),
            was_so=before.verdict is Verdict.BREAKING,
            strict=self.options.strict,
        )
        said = Judgement(
            side=Side.PROVIDER,
            edge=after,
            ruling=ruling,
            place=place.version(),
            age=age,
            before=before.verdict.value,
            evidence=evidence_of(after, proposed, consumer),
        )
        return self._told(said, proposed, consumer, declared=declared)

    def _proposed(self, now: Provider | None, manifest: Manifest, place: _Places) -> tuple[Provider, StepSaid | None]:
        """Return `manifest` as a provider with one release more, and how its step stands to its newest release."""
        old = self.facts.contract(now) if now is not None else None
        newest = str(now.newest) if now is not None and now.newest else ""
        if old is None or not newest:
            return with_release(now, manifest, manifest.version, ()), None
        changes = compare(old, manifest)
        judged = judge_step(newest, manifest.version, changes)
        step = StepSaid(
            capability=manifest.id,
            old=newest,
            new=manifest.version,
            smallest=judged.smallest,
            declared=judged.declared,
            suffices=judged.suffices,
            suggested=next_version(newest, judged.smallest),
            said=tuple(problem.message for problem in judged.problems),
            rule=judged.problems[0].rule if judged.problems else "",
            place=place.version(),
            exit=_step_exit(judged, strict=self.options.strict),
            changes=tuple(change.message for change in changes if change.effect in _HURTS),
        )
        return with_release(now, manifest, release_version(newest, manifest.version, changes), changes), step

    def _age(self, source: str) -> Age:
        return self.facts.age_of(source, self.looked, as_of=self.options.as_of, max_age=self.options.max_age)

    def _told(self, said: Judgement, provider: Provider | None, consumer: Consumer, *, declared: str) -> Judgement:
        """Return `said` with whom to ask, and with what to do where something does not fit.

        `declared` is the owner that the manifest at hand names; for the other side the catalog does.
        """
        known = self.facts.needs(consumer.id) if said.side is Side.CONSUMER else None
        mine = known.consumer if known else consumer
        by = {side: "manifest" if declared and side is said.side else "catalog" for side in Side}
        said = replace(
            said,
            provider=_owned(provider.owner, provider.contact, by[Side.PROVIDER]) if provider else Owned(),
            consumer=_owned(consumer.owner or mine.owner, consumer.contact or mine.contact, by[Side.CONSUMER]),
            replacement=provider.replacement if provider else "",
        )
        if said.edge.verdict not in _BAD or said.ruling.status in ("pending", "invalid"):
            return said
        days = None
        if provider and said.edge.verdict is Verdict.BREAKING:
            days = suggested_window(provider.stability, provider.repair_days)
        return replace(
            said,
            window=days,
            earliest_removal=earliest_removal(self.options.as_of, days) if days is not None else "",
            excuse=excuse(said.edge, said.consumer.owner, self.options.as_of),
            draft=signal_draft(said.edge, provider.version if provider else ""),
        )


def _is_pending(edge: Edge, now: Provider | None) -> bool:
    """Tell whether no release so far satisfies the range: a wish that nobody fulfilled yet."""
    wanted = VersionRange.parse(edge.range)
    if wanted is None:
        return False
    known = [version for item in (now.releases if now else ()) if (version := Version.parse(item.version))]
    if not known and now is not None and now.newest is not None:
        known = [now.newest]
    return not any(map(wanted.contains, known))


def _step_exit(step: Step, *, strict: bool) -> Exit:
    # What may break nobody who depends on it is a warning: whom it does concern has a judgement of their own.
    if step.suffices is None:
        return Exit.CANNOT_TELL if strict else Exit.YES
    is_wrong = step.smallest is Bump.MAJOR or "version-decreased" in {problem.rule for problem in step.problems}
    return Exit.NO if is_wrong and not step.suffices else Exit.YES


def _owned(owner: str, contact: str, by: str) -> Owned:
    return Owned(owner=owner, contact=contact, by=by if owner else "nobody")


def _order(item: Judgement) -> tuple[int, int, int, str, str, str]:
    rank = (Exit.NO, Exit.CANNOT_TELL, Exit.YES).index(item.ruling.exit)
    edge = item.edge
    return (rank, edge.verdict.rank, list(Side).index(item.side), edge.consumer, edge.provider, edge.range)
