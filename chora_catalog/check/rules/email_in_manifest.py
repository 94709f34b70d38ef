"""An e-mail address stands outside of contact.

What it says: a native manifest holds an e-mail address in another place than `contact`. Whether it belongs to a person
cannot be judged here. It is shown with stars. Why it matters: a catalog is published, copied and mirrored; an address
of a person is personal data that nobody can call back. How to fix: name the team and its channel under `contact`;
write roles instead of addresses elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chora_catalog.check.rule import Rule, Tree
from chora_catalog.model.finding import Finding, Scope, Severity

RULE = Rule(
    id="email-in-manifest",
    summary="An e-mail address stands outside of contact.",
    severity=Severity.NOTICE,
    scope=Scope.DOCUMENT,
)

# Runs of letters are bounded and begin at an edge, so the time grows with the line alone.
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9._%+/:@-])([A-Za-z0-9._%+-]{1,64})@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
_CONTACT = re.compile(r"""\s*(?:-\s{1,8})?["']?contact["']?\s*:""")
_NOBODY = ("git", "noreply", "no-reply")


def check(tree: Tree) -> Iterator[Finding]:
    """Yield one finding for each line with an address, but those of `contact`."""
    for path in tree.native():
        lines = tree.lines.get(path, ())
        for number, line in enumerate(lines, 1):
            found = _ADDRESS.search(line) if "@" in line else None
            if found is None or found[1].casefold() in _NOBODY or _CONTACT.match(line):
                continue
            place = tree.place(path, number)
            excerpt = tuple(_ADDRESS.sub(lambda match: "*" * len(match.group()), shown) for shown in place.excerpt)
            yield RULE.finding(
                "an e-mail address stands outside of contact",
                replace(place, column=found.start() + 1, excerpt=excerpt),
                hint="Name the team and its channel under contact:, and no person's address elsewhere.",
                subject=path,
            )
