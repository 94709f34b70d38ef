"""The Catalog: the one immutable value that every page, file and report is rendered from."""

from __future__ import annotations

from dataclasses import dataclass, field

from chora_catalog.model.breaks import Break, Required, Shipped, Window
from chora_catalog.model.decision import Decision, Waiver
from chora_catalog.model.finding import Finding
from chora_catalog.model.manifest import Manifest
from chora_catalog.model.parties import Consumer, Provider
from chora_catalog.model.signal import ChangeSignal
from chora_catalog.model.source import Harvest, Outcome, Registry, SourceSpec
from chora_catalog.model.steward import Stewards
from chora_catalog.model.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One dependency judged: the consumer's head against the provider's newest version."""

    consumer: str
    consumer_version: str
    provider: str
    """The id as it is held today; `written` is how the consumer spells it."""
    written: str
    range: str
    optional: bool
    verdict: Verdict
    rule: str
    """Kebab id of the reason: `outside-range`, `output-removed`, `provider-missing`, `range-invalid`, ..."""
    reason: str
    """One sentence of plain text, complete without the table around it."""
    provider_version: str = ""
    """The newest release, or the head's version where there are no releases; empty when unknown."""
    fits: str = ""
    """The newest version that still fits, empty when none does or it is the newest."""
    since: str = ""
    """RFC 3339 UTC: when the version that breaks was released."""
    subject: str = ""
    """What the rule is about: the removed output, for example."""
    waiver: str = ""
    fingerprint: str = ""
    """What tells this incompatibility from another (`resolve/fingerprint.py`); empty where there is none."""
    pointer: str = ""
    """JSON pointer to what it is about: the dependency, or the place in the provider's contract."""
    before: str = ""
    """What stood there before, in canonical text: the range, or the old contract."""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortChange:
    """One row of a contract compared with the version before: `kind` is added, removed, changed or same."""

    name: str
    direction: str
    type: str
    optional: bool
    kind: str
    before: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """One version of a capability, newest first in `Entry.versions`."""

    version: str
    released_at: str
    tag: str
    commit: str
    step: str
    """major, minor, patch, prerelease, first, or none."""
    changes: tuple[PortChange, ...] = ()
    """The contract against the version before; rows of kind `same` included."""
    manifest: Manifest | None = None
    """None when the manifest of that tag does not parse."""
    declared: str = ""
    """What the manifest says, where it differs from the tag."""
    compared: str = ""
    """The version that `changes` and `step` compare with; empty for the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """When an id came to be known; RFC 3339 UTC, empty when nobody can say.

    `seen` and `valid` are times of the source's commits: the first that declared the id (now or under a former name),
    and the first that did so without an error. `published` is the as-of of the first publication that held it,
    `onboarded` of the first that held it with an owner, a contact and no error. `registered` is the as-of of the last
    publication before its source was registered: not later than that was. `from_start` marks what the catalog's very
    first publication held, of which nobody can say when it was registered.
    """

    seen: str = ""
    valid: str = ""
    published: str = ""
    onboarded: str = ""
    registered: str = ""
    from_start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A capability that an earlier publication held and this one does not: its page stays, as a tombstone.

    `why` is `removed` (its source no longer declares it) or `unregistered` (its source is not registered any more);
    `since` is the time of the source's head commit when it was first missed, empty for an unregistered source.
    """

    manifest: Manifest
    source: str
    why: str
    since: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One capability of the catalog."""

    manifest: Manifest
    source: str
    constellation: str
    owner: str
    """The manifest's owner, else the registry's (`owner_from_registry`), else empty."""
    owner_from_registry: bool
    commit: str
    committed_at: str
    released_at: str
    """When the newest version was released; the head's time where there are no releases."""
    version: str
    """The newest release, else the head's version; empty when nobody says."""
    outcome: Outcome
    verdict: Verdict
    """The worst of what it does to others and of what its providers do to it."""
    verdict_note: str
    """A few words below the verdict: `2 dependents break`, `1 provider`, `sunset 2027-01-31`."""
    versions: tuple[VersionRow, ...] = ()
    dependencies: tuple[Edge, ...] = ()
    dependents: tuple[Edge, ...] = ()
    signals: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    contested_by: tuple[str, ...] = ()
    first: First = First()

    @property
    def id(self) -> str:
        """Return the capability's id."""
        return self.manifest.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One registered source: what was asked, what came of it, what it holds."""

    spec: SourceSpec
    harvest: Harvest
    outcome: Outcome
    capabilities: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    head_is_good: bool = True
    """False when the present head does not parse and the last good state is shown."""

    @property
    def has_history(self) -> bool:
        """Tell whether its releases and its main line were read, now or by an earlier build."""
        return self.spec.versions == "tags" and self.outcome is not Outcome.UNREAD


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerView:
    """One owner: what they have and what asks for their attention."""

    name: str
    contact: str = ""
    capabilities: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    breaks: tuple[Edge, ...] = ()
    """Edges that break where the owner has the consumer."""
    breaks_others: tuple[Edge, ...] = ()
    signals: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Everything one build knows. All tuples are sorted; nothing in it depends on a clock."""

    registry: Registry
    entries: tuple[Entry, ...] = ()
    sources: tuple[SourceView, ...] = ()
    owners: tuple[OwnerView, ...] = ()
    edges: tuple[Edge, ...] = ()
    signals: tuple[ChangeSignal, ...] = ()
    decisions: tuple[Decision, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    active_waivers: tuple[str, ...] = ()
    """Ids of the waivers that count: granted, and not past their expiry at the build's as-of."""
    stewards: Stewards = field(default_factory=Stewards)
    findings: tuple[Finding, ...] = ()
    """Every finding, those of `decisions/` and of the catalog included."""
    has_docs: bool = False
    gone: tuple[Gone, ...] = ()
    """Tombstones, by id: they are listed, and count nowhere."""
    providers: tuple[Provider, ...] = ()
    """What verdicts stand on, by id."""
    consumers: tuple[Consumer, ...] = ()
    """What verdicts stand on, by id."""
    alias: tuple[tuple[str, str], ...] = ()
    """Former ids and what they mean today, by former id."""
    breaks: tuple[Break, ...] = ()
    """All breaks over time, oldest first, as far as histories were read (`SourceView.has_history`)."""
    windows: tuple[Window, ...] = ()
    shipped: tuple[Shipped, ...] = ()
    required: tuple[Required, ...] = ()
    """What main lines required over time, as far as histories were read; by consumer and provider."""
