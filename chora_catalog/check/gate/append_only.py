"""Below `decisions/` files are added, and nothing else: no edit, no removal, no new name, no link, no other mode."""

from __future__ import annotations

from collections.abc import Iterator

from chora_catalog.check.gate.proposed import POLICY, Proposed
from chora_catalog.model.finding import Finding, Place, Severity
from chora_catalog.model.proposal import LINK, PROGRAM, SUBMODULE, Change

_BACK = "Take this change back; what was wrong is said by a new record that names this one under `corrects`."


def check(proposed: Proposed) -> Iterator[Finding]:
    """Yield one finding for each path below `decisions/` that is changed in another way than by adding it."""
    born = {change.new_id: change.path for change in reversed(proposed.changes) if change.status == "A"}
    taken = {path.casefold(): path for path in sorted(proposed.base_paths)}
    for change in proposed.changes:
        yield from _kind(change)
        if change.path in proposed.unread:
            message = "its name is none that is read, so nobody would see what it says"
            hint = "Use letters, digits, dots, hyphens and underscores, and fewer than 128 of them."
            yield _refused("record-misplaced", change.path, message, hint)
        if change.status == "D":
            yield _gone(change, born.get(change.old_id, ""))
        elif change.status == "A":
            yield from _named_anew(change, taken)
            taken.setdefault(change.path.casefold(), change.path)
        elif change.status == "M" and change.old_mode == change.new_mode and change.path != POLICY:
            message = "a record that is there was edited; records are added and never changed"
            yield _refused("record-edited", change.path, message, _BACK)


def _kind(change: Change) -> Iterator[Finding]:
    if change.new_mode == LINK:
        message = "this is a symbolic link; what it leads to could change without anybody seeing it"
        yield _refused("record-link", change.path, message, "Add the file itself.")
    elif change.new_mode == SUBMODULE:
        message = "this is a submodule; its content is in another repository"
        yield _refused("record-submodule", change.path, message, "Add the files themselves.")
    elif change.status not in ("A", "M", "D"):
        message = f"its kind changed (git calls it {change.status})"
        yield _refused("record-mode", change.path, message, _BACK)
    elif change.new_mode == PROGRAM or (change.status == "M" and change.old_mode != change.new_mode):
        message = f"its mode is {change.new_mode}; a record is a plain file, 100644"
        yield _refused("record-mode", change.path, message, f"Run: git update-index --chmod=-x {change.path}")


def _gone(change: Change, now: str) -> Finding:
    if now:
        message = f"it was renamed to {now}; the name of a record is its identity"
        return _refused("record-renamed", change.path, message, "Take the new name back.", related=now)
    return _refused("record-deleted", change.path, "it was removed; what was decided stays to be read", _BACK)


def _named_anew(change: Change, taken: dict[str, str]) -> Iterator[Finding]:
    other = taken.get(change.path.casefold())
    if other == change.path:
        message = "the base has got a file of this name since; two records cannot have one name"
        yield _refused("record-name-taken", change.path, message, "Choose another name.")
    elif other is not None:
        message = f"its name differs from {other} in capital letters alone, and some systems hold only one of them"
        yield _refused("record-name-taken", change.path, message, "Choose another name.", related=other)


def _refused(rule: str, path: str, message: str, hint: str, related: str = "") -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.ERROR,
        message=message,
        place=Place(file=path),
        hint=hint,
        related=(Place(file=related),) if related else (),
    )
