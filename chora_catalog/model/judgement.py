"""What `chora compat check` says of one dependency, whole: enough for whoever reads it to know what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from chora_catalog.errors import Exit
from chora_catalog.model.catalog import Edge
from chora_catalog.model.change import Bump
from chora_catalog.model.compat import Evidence
from chora_catalog.model.finding import Place
from chora_catalog.model.ruling import Age, Ruling, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Whom to ask: the owner and how to reach them; `by` says who names them: `manifest`, `catalog` or `nobody`."""

    owner: str = ""
    contact: str = ""
    by: str = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file that could be filed: its path in the catalog's repository, and its text."""

    file: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Excuse:
    """Whether a waiver is possible: the file that asks for it, else why there can be none."""

    paper: Paper | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One dependency, seen from one side, with what to do about it.

    For a provider `edge` is the dependency as it would be with the version at hand, and `before` the word for how it
    is; for a consumer `before` is empty. `window` are days, None where nothing breaks.
    """

    side: Side
    edge: Edge
    ruling: Ruling
    place: Place
    age: Age = Age.FRESH
    before: str = ""
    provider: Owned = Owned()
    consumer: Owned = Owned()
    evidence: tuple[Evidence, ...] = ()
    window: int | None = None
    earliest_removal: str = ""
    """The first day on which what breaks may be removed, if its end is announced at the instant of the check."""
    replacement: str = ""
    excuse: Excuse = Excuse()
    draft: Paper | None = None
    """The change signal, ready to be filed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSaid:
    """How far a contract moved from its newest release, and how far its version says that it did."""

    capability: str
    old: str
    new: str
    smallest: Bump
    suffices: bool | None
    """None where nobody can tell."""
    exit: Exit
    declared: Bump | None = None
    suggested: str = ""
    """The lowest version that may carry what changed."""
    said: tuple[str, ...] = ()
    """What is wrong with the step, in sentences."""
    rule: str = ""
    place: Place
    changes: tuple[str, ...] = ()
    """What breaks, or may break, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The catalog that was asked: where, as of when, and how old it was; `age` is in seconds, None for unknown."""

    where: str
    as_of: str
    trace: str
    age: int | None
    word: Age
    capabilities: int
    sources: int
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """All that one check says. `exit` is the worst of its rulings, and 3 where there was nothing to compare."""

    files: tuple[str, ...]
    capabilities: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    steps: tuple[StepSaid, ...]
    looked: Looked
    judged_at: str
    exit: int
    notes: tuple[str, ...] = ()
