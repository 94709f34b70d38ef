"""What is shown of a verdict, and how a command ends: the truth table of compatibility.

Source: research/semantics 1, with the exit codes of DESIGN section 5. Age never upgrades a verdict nor hides a break:
what would pass cannot be told any more once the catalog is past its alert age, and absence seen in an old catalog is
none.
"""

from __future__ import annotations

from collections.abc import Iterable

from chora_catalog.errors import Exit
from chora_catalog.model.ruling import Age, Ruling, Side
from chora_catalog.model.verdict import Verdict


def rule_on(
    verdict: Verdict, *, age: Age, side: Side, is_pending: bool = False, was_so: bool = False, strict: bool = False
) -> Ruling:
    """Return the ruling on one dependency.

    `is_pending`: no release ever satisfied the consumer, so that its wish is new; that holds up the consumer and never
    the provider. `was_so`: it broke before the provider's change already, which is then not to blame. `strict` also
    turns a pass from a catalog past its TTL into "cannot tell".
    """
    mine = side is Side.CONSUMER
    if verdict is Verdict.INVALID:
        return Ruling(status="invalid", exit=Exit.NO if mine else Exit.YES)
    if not mine and is_pending and verdict in (Verdict.BREAKING, Verdict.UNKNOWN):
        return Ruling(status="pending", exit=Exit.YES)
    if verdict is Verdict.BREAKING:
        return Ruling(status="breaking", exit=Exit.YES if was_so and not mine else Exit.NO)
    if verdict is Verdict.WAIVED:
        return Ruling(status="waived", exit=Exit.YES)
    if verdict is Verdict.MISSING:
        sure = age is not Age.OVERDUE
        return Ruling(status="missing" if sure else "unknown", exit=Exit.NO if sure else Exit.CANNOT_TELL)
    if verdict is Verdict.UNKNOWN:
        return Ruling(status="unknown", exit=Exit.CANNOT_TELL)
    if age is Age.OVERDUE:
        return Ruling(status="stale", exit=Exit.CANNOT_TELL)
    if age is Age.LATE:
        return Ruling(status="stale", exit=Exit.CANNOT_TELL if strict else Exit.YES)
    return Ruling(status=verdict.value, exit=Exit.YES)


def worst(codes: Iterable[Exit]) -> Exit:
    """Return the exit code of several rulings: a no stands above "cannot tell", which stands above a yes."""
    found = set(codes)
    return next((code for code in (Exit.NO, Exit.CANNOT_TELL) if code in found), Exit.YES)
