"""What tells one finding from another across commits: it survives new lines above it and reworded messages."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from chora_catalog.model.finding import Finding


def fingerprints(findings: Iterable[Finding]) -> dict[Finding, str]:
    """Return the fingerprint (hex) of each finding: of its rule, its file, and what stands where it points.

    What it points at is its subject, else the text of its line. Equal ones are numbered in the order of their lines.
    """
    found: dict[Finding, str] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in sorted(findings, key=lambda item: item.order):
        what = (finding.rule, finding.source, finding.place.file, finding.subject or _line(finding))
        seen[what] += 1
        words = "\0".join([*what, str(seen[what])])
        found[finding] = hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return found


def _line(finding: Finding) -> str:
    place = finding.place
    offset = place.line - place.excerpt_from
    return place.excerpt[offset].strip() if 0 <= offset < len(place.excerpt) else ""
