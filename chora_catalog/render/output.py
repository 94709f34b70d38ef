"""One file of the publication, not made yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The view of a page: its `key` is the digest of exactly what the bytes depend on, `make` renders them from it."""

    key: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file at `path` (relative, posix) whose bytes `make` renders when asked.

    `look` takes the view alone, which costs less: whoever knows the bytes for its key need not render them. None where
    looking would cost as much as making.
    """

    path: str
    make: Callable[[], bytes]
    look: Callable[[], Look] | None = None
