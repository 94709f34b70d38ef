"""A secret seems to stand in the manifest.

What it says: a line has the form of a well-known token, of a private key or of an address with a password, or a key
such as `password:` or `api_key:` has a value that looks generated. What was found is not repeated anywhere: the line
is shown with stars. Why it matters: whoever can read the repository has it, and its history keeps it. How to fix:
revoke the secret first, then remove it from the file and name where it is kept instead. Removing it alone does not
help.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity
from chora_catalog.model.secrets import secrets_in

RULE = Rule(
    id="secret-in-manifest",
    summary="A secret seems to stand in the manifest.",
    severity=Severity.ERROR,
    scope=Scope.DOCUMENT,
)


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each line of a manifest that holds what looks like a secret."""
    for path in sorted({manifest.path for manifest in tree.manifests}):
        for line, column, kind in secrets_in(tree.lines.get(path, ())):
            yield RULE.finding(
                f"{kind} seems to stand here",
                replace(tree.place(path, line), column=column),
                hint="Revoke it first, then remove it and name where it is kept.",
                subject=path,
            )
