"""A manifest drafted by an agent names no human reviewer.

What it says: `x-provenance` (or `provenance`) names an agent, a model or a tool that drafted the manifest, and no
`reviewer` or `reviewed_by`, or one that is the agent itself. Why it matters: what a model drafts reads well whether it
is true or not; somebody has to answer for it. How to fix: have a person read it, and name them: `reviewed_by`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="agent-drafted-unreviewed",
    summary="A manifest drafted by an agent names no human reviewer.",
    severity=Severity.WARNING,
    scope=Scope.DOCUMENT,
)

_BLOCKS = ("provenance", "x-provenance")
_DRAFTED = ("agent", "model", "generated_by", "drafted_by", "tool")
_REVIEWED = ("reviewed_by", "reviewer", "approved_by")


def _blocks(document: Any) -> Iterator[dict[str, Any]]:
    """Yield what says where the document, or a capability that it lists, comes from."""
    inner = document.get("capabilities") if isinstance(document, dict) else None
    for holder in (document, *(inner if isinstance(inner, list) else ())):
        for key in _BLOCKS:
            if isinstance(holder, dict) and isinstance(holder.get(key), dict):
                yield holder[key]


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each block of provenance without a reviewer."""
    for path, manifest in tree.native().items():
        if not any(f'"{key}"' in manifest.original for key in _BLOCKS):
            continue
        document = json.loads(manifest.original)
        for block in _blocks(document):
            drafted = [str(block[key]) for key in _DRAFTED if block.get(key)]
            reviewers = [str(block[key]) for key in _REVIEWED if block.get(key)]
            if drafted and not set(reviewers) - set(drafted):
                yield RULE.finding(
                    f"{drafted[0][:80]} drafted this, and no person is named who reviewed it",
                    tree.find(path, 1, "provenance"),
                    hint="Have a person read it, and name them under reviewed_by:.",
                    subject=manifest.id,
                )
