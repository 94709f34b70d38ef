"""Whom a repository's CODEOWNERS names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedPaths:
    """One line of CODEOWNERS: a pattern of paths and who owns them (`@user`, `@org/team` or an address)."""

    line: int
    pattern: str
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeOwners:
    """The file that counts, and its lines in order; the last that fits a path decides."""

    file: str
    entries: tuple[OwnedPaths, ...]
