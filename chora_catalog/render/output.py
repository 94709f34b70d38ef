"""One file of the publication, not made yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file at `path` (relative, posix) whose bytes `make` renders when asked.

    `key` is the digest of exactly the view the bytes are computed from; empty means "render and compare".
    """

    path: str
    make: Callable[[], bytes]
    key: str = ""
