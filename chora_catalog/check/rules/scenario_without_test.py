"""A value scenario names no test.

What it says: a value scenario has neither `tests` nor `automated_test`. Whether it holds cannot be judged here.
Nothing is said of scenarios that are planned or in draft. Why it matters: a piece of value that nothing checks may be
gone for months before somebody misses it. How to fix: name the test under `tests:`, or mark the scenario `status:
planned`.
"""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="scenario-without-test",
    summary="A value scenario names no test.",
    severity=Severity.NOTICE,
    scope=Scope.TREE,
)

_NOT_YET = ("planned", "draft")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each scenario of a file without a test."""
    seen: set[tuple[str, str]] = set()
    for manifest in tree.manifests:
        for scenario in manifest.value_scenarios:
            if scenario.tests or scenario.status in _NOT_YET or (manifest.path, scenario.id) in seen:
                continue
            seen.add((manifest.path, scenario.id))
            yield RULE.finding(
                f"value scenario {scenario.id} names no test",
                tree.find(manifest.path, scenario.line or manifest.line, scenario.id),
                hint='Add tests: ["<path>"], or mark it status: "planned".',
                subject=scenario.id,
            )
