"""The id does not have the customary three segments.

What it says: the id is valid and not of the form that is the custom: three segments, `<domain>.<capability>.<action>`,
with an optional `.vN`, or a kind prefix (`capability.`, `contract.`) before a name. Manifests of other tools are not
asked. Why it matters: where ids have one form, a reader knows the domain of each and finds what belongs together.
How to fix: choose an id of that form for what is new. An id that others depend on already is better kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="naming-deviation",
    summary="The id does not have the customary three segments.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)

_KINDS = ("capability.", "contract.")
_SEGMENTS = 3
_VERSION = re.compile(r"v[0-9]+")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each native capability whose id has another form."""
    for manifest in tree.manifests:
        if manifest.imported or manifest.id.startswith(_KINDS):
            continue
        segments = manifest.id.split(".")
        if len(segments) > 1 and _VERSION.fullmatch(segments[-1]):
            segments.pop()
        if len(segments) != _SEGMENTS:
            yield RULE.finding(
                f"{manifest.id} is not of the form <domain>.<capability>.<action>",
                tree.find(manifest.path, manifest.line, manifest.id),
                hint="Give a new capability three segments, such as users.session.open; keep an id in use.",
                subject=manifest.id,
            )
