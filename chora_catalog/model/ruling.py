"""What is said in the end about one dependency, and from where one looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chora_catalog.errors import Exit


class Age(StrEnum):
    """How old the catalog is that a verdict was taken from."""

    FRESH = "fresh"
    LATE = "late"
    """Past its TTL."""
    OVERDUE = "overdue"
    """Past its alert age, or nobody can tell how old it is."""


class Side(StrEnum):
    """Who asks: the one who needs, or the one who is needed."""

    CONSUMER = "consumer"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """The word that is shown, and the exit code that it asks for."""

    status: str
    exit: Exit
