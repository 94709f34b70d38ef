"""An address begins with http.

What it says: a link to a decision, or the contact, is an address with `http://`. Why it matters: on the way it can be
read and changed by others, and what the catalog links to is taken for what the owner wrote. How to fix: write
`https://`.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity
from chora_catalog.model.secrets import masked

RULE = Rule(
    id="url-insecure",
    summary="An address begins with http.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each address of a native manifest that is not encrypted."""
    seen: set[tuple[str, str]] = set()
    for manifest in tree.manifests:
        for address in (*manifest.adr_links, manifest.contact):
            if manifest.imported or not address.startswith("http://") or (manifest.path, address) in seen:
                continue
            seen.add((manifest.path, address))
            yield RULE.finding(
                f"{masked(address[:200])} is an address without encryption",
                tree.find(manifest.path, manifest.line, address),
                hint="Write https:// where the server answers there.",
                subject=manifest.id,
            )
