"""Several sources declare the same id.

What it says: the same capability id stands in the manifests of two or more registered sources. The source that held it
before keeps it, or the one whose registry entry claims it; without either nobody holds it. Why it matters: a page must
not change hands because somebody else wrote the same name. How to fix: rename one, or add `claims:` to the registry
entry of the source that should hold it.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Federation, Rule
from chora_catalog.model.finding import Finding, Place, Scope, Severity

RULE = Rule(
    id="id-contested",
    summary="Several sources declare the same id.",
    severity=Severity.ERROR,
    scope=Scope.CATALOG,
)


def check(federation: Federation) -> Iterator[Finding]:
    """Yield one finding for each claimant that does not hold the id."""
    loses = set(federation.refused)
    for capability, names in federation.contested.items():
        loses |= {(capability, name) for name in names}
    for source, manifest in federation.manifests:
        if (manifest.id, source) not in loses:
            continue
        holder = federation.holder.get(manifest.id)
        others = sorted(set(federation.contested.get(manifest.id, ())) - {source})
        who = f"source {holder} holds it" if holder else f"claimed by {', '.join(others)} too, so nobody holds it"
        yield RULE.finding(
            f"{manifest.id}: {who}",
            Place(file=manifest.path, line=manifest.line, column=1 if manifest.line else 0),
            hint=f'Rename it, or add claims: ["{manifest.id}"] to the registry entry of the source to hold it.',
            source=source,
            subject=manifest.id,
        )
