"""What a published catalog knows of the parties of a check, read file by file: as few as will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chora_catalog.app.published import Published, read_whole, torn
from chora_catalog.model.compat import DependentsFile, NeedsFile
from chora_catalog.model.decision import Waiver
from chora_catalog.model.ids import file_name
from chora_catalog.model.judgement import Looked
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.parties import Consumer, Provider
from chora_catalog.model.ruling import Age
from chora_catalog.model.run import Run
from chora_catalog.model.source import Outcome
from chora_catalog.model.versions import Version
from chora_catalog.parse.kept import UnreadableError, load_contract
from chora_catalog.parse.published import load_aliases, load_dependents, load_needs
from chora_catalog.parse.run_record import load_run
from chora_catalog.resolve.compat import World
from chora_catalog.resolve.freshness import age_of, age_word
from chora_catalog.resolve.waiving import active

ROOT: Final = "data/v1"
_LOOKED_BACK: Final = 5
"""Releases that are looked at for a contract to compare with: a manifest of one may not parse."""


@dataclass(slots=True, kw_only=True)
class Facts:
    """The files of one catalog that were read so far. Each is read once; whatever is torn is exit 3."""

    published: Published
    run: Run
    _dependents: dict[str, DependentsFile | None] = field(default_factory=dict)
    _needs: dict[str, NeedsFile | None] = field(default_factory=dict)
    _aliases: dict[str, str] | None = None

    @classmethod
    def of(cls, published: Published) -> Facts:
        """Read the run record: without one nobody could say how old the rest is."""
        data = read_whole(published, "run.json")
        try:
            return cls(published=published, run=load_run(data))
        except UnreadableError as error:
            raise torn(published, error) from error

    def needs(self, consumer: str) -> NeedsFile | None:
        """Return the file of a consumer, None where the catalog knows of no need of it."""
        if consumer not in self._needs:
            path = f"{ROOT}/matrix/{file_name(consumer)}.json"
            data = self.published.read(path)
            try:
                self._needs[consumer] = None if data is None else load_needs(data, path)
            except UnreadableError as error:
                raise torn(self.published, error) from error
        return self._needs[consumer]

    def dependents(self, provider: str) -> DependentsFile | None:
        """Return the file of a provider, None where the catalog neither holds it nor knows anybody who needs it."""
        if provider not in self._dependents:
            path = f"{ROOT}/dependents/{file_name(provider)}.json"
            data = self.published.read(path)
            try:
                self._dependents[provider] = None if data is None else load_dependents(data, path)
            except UnreadableError as error:
                raise torn(self.published, error) from error
        return self._dependents[provider]

    def aliases(self) -> Mapping[str, str]:
        """Return what former ids mean today."""
        if self._aliases is None:
            path = f"{ROOT}/aliases.json"
            try:
                self._aliases = load_aliases(read_whole(self.published, path), path)
            except UnreadableError as error:
                raise torn(self.published, error) from error
        return self._aliases

    def contract(self, provider: Provider) -> Manifest | None:
        """Return what the newest release of `provider` declares whose manifest is known; its head's without releases.

        None where that is not known of the newest five either.
        """
        full = [
            item.version for item in provider.releases if (at := Version.parse(item.version)) and not at.is_prerelease
        ]
        versions = (full or [item.version for item in provider.releases])[::-1][:_LOOKED_BACK] or [""]
        return next((found for version in versions if (found := self.declared(provider, version))), None)

    def declared(self, provider: Provider, version: str) -> Manifest | None:
        """Return what the release `version` of `provider` declares, None where that is not known."""
        try:
            return load_contract(_Files(self.published), provider.source, provider.id, version)
        except UnreadableError as error:
            raise torn(self.published, error) from error

    def looked(self, *, as_of: datetime, max_age: int | None) -> Looked:
        """Return what catalog this is, and how old at `as_of`; `max_age` (seconds) stands in for its alert age."""
        run = self.run
        age = age_of(run.as_of, as_of)
        return Looked(
            where=self.published.where,
            as_of=run.as_of,
            trace=run.trace,
            age=None if age is None else round(age.total_seconds()),
            word=age_word(age, ttl=run.ttl, alert=run.alert if max_age is None else max_age),
            capabilities=run.capabilities,
            sources=len(run.sources),
            unread=self.unread,
        )

    def age_of(self, source: str, looked: Looked, *, as_of: datetime, max_age: int | None) -> Age:
        """Return how old what is known of `source` is: as old as the catalog, or older where it did not answer."""
        told = next((item for item in self.run.sources if item.name == source), None)
        if told is None or looked.word is Age.OVERDUE:
            return looked.word
        alert = (told.alert or self.run.alert) if max_age is None else max_age
        return age_word(age_of(told.last_ok_at, as_of), ttl=told.ttl or self.run.ttl, alert=alert)

    @property
    def unread(self) -> tuple[str, ...]:
        """The sources that were never read."""
        return tuple(sorted(item.name for item in self.run.sources if item.outcome is Outcome.UNREAD))

    def world_of(self, consumer: Consumer, as_of: datetime) -> World:
        """Return all that the verdicts on the needs of `consumer` may depend on."""
        file = self.needs(consumer.id)
        providers = {cell.provider.id: cell.provider for cell in (file.cells if file else ()) if cell.provider}
        waivers: dict[str, Waiver] = {item.id: item for item in (file.waivers if file else ())}
        cells = {cell.edge.written: cell.edge for cell in (file.cells if file else ())}
        contested: set[str] = set()
        alias: dict[str, str] = {}
        for need in consumer.needs:
            if need.id in providers:
                continue
            told = cells.get(need.name or need.id)
            if told is not None:
                # The catalog judged this need already: what it knows of the provider stands in the same file.
                alias[need.id] = told.provider
                contested |= {told.provider} if told.rule == "provider-contested" else set()
                continue
            target = self.aliases().get(need.id, need.id)
            alias[need.id] = target
            found = self.dependents(target)
            if found is None:
                continue
            if found.provider is not None:
                providers[target] = found.provider
            if found.is_contested:
                contested.add(target)
            waivers |= {item.id: item for item in found.waivers}
        return World(
            providers=providers,
            alias=alias,
            contested=frozenset(contested),
            unread=self.unread,
            waivers=active(waivers.values(), as_of),
            as_of=as_of,
        )


class _Files(Mapping[str, bytes]):
    """A published catalog as the reader of harvests asks for its files."""

    def __init__(self, published: Published) -> None:
        self._published = published

    def __getitem__(self, path: str) -> bytes:
        data = self._published.read(path)
        if data is None:
            raise KeyError(path)
        return data

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
