"""An owner is named, and no way to reach them.

What it says: nowhere in the catalog does a manifest of this owner have a `contact`. It is said once for each owner.
Why it matters: when something breaks, a name alone helps nobody who does not already know it. How to fix: add
`contact` to one manifest of the owner: a channel, an address of the team, or a link.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity

RULE = Rule(
    id="owner-without-contact",
    summary="An owner is named, and no way to reach them.",
    severity=Severity.NOTICE,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each owner of a native manifest whom nobody can reach, at the first manifest."""
    reachable = {manifest.owner for _, manifest in federation.manifests if manifest.contact}
    seen: set[str] = set()
    for source, manifest in federation.manifests:
        owner = manifest.owner
        if manifest.imported or not owner or owner in reachable or owner in seen:
            continue
        seen.add(owner)
        yield RULE.finding(
            f"{owner} has no contact",
            Place(file=manifest.path, line=manifest.line, column=1 if manifest.line else 0),
            hint='Say how to reach them, such as contact: "#team-channel".',
            source=source,
            subject=owner,
        )
