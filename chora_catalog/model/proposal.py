"""What a pull request asks for: the paths it changes, and the reviews that the forge says it has."""

from __future__ import annotations

from dataclasses import dataclass

FILE, PROGRAM, LINK, SUBMODULE, NOTHING = "100644", "100755", "120000", "160000", "000000"
OPINIONS = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One path that differs: git's status letter, modes and object ids before and after."""

    path: str
    status: str
    old_mode: str
    new_mode: str
    old_id: str
    new_id: str

    @property
    def is_plain_addition(self) -> bool:
        """Tell whether a plain file is there that was not, and nothing else."""
        return self.status == "A" and self.new_mode == FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One review at the forge: `state` is APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""

    id: str
    user: str
    state: str
    commit: str
    submitted_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """The forge's review list of one pull request, in the order of the forge; `head` is the commit it was asked at."""

    head: str
    pull_request: str = ""
    given: tuple[Opinion, ...] = ()

    def last(self, commit: str) -> dict[str, Opinion]:
        """Return what each account says of `commit` in the end, by account in small letters.

        A comment changes no opinion. An opinion on another commit is none about this one.
        """
        said = sorted((one for one in self.given if one.state in OPINIONS), key=lambda one: one.submitted_at or "9999")
        last = {one.user.casefold(): one for one in said}
        return {user: one for user, one in last.items() if one.commit == commit}
