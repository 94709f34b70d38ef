"""What tells one incompatibility from another, and stays the same while it is the same."""

from __future__ import annotations

import hashlib

LENGTH = 16


def fingerprint(rule: str, *, consumer: str, provider: str, pointer: str, before: str, after: str) -> str:
    """Return the fingerprint: the first 16 hex digits of the SHA-256 of its parts.

    No sentence, line number or order enters it, so that it survives reordering, rewording and unrelated edits;
    `before` and `after` are canonical texts.
    """
    parts = (rule, consumer, provider, pointer, before, after)
    # Each with its length, so that no two rows of parts read alike.
    said = "".join([f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:LENGTH]
