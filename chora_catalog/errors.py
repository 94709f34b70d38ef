"""What a command says when it cannot do what was asked."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, one meaning everywhere (DESIGN section 4)."""

    YES = 0
    NO = 1
    USAGE = 2
    CANNOT_TELL = 3


class ChoraError(Exception):
    """A promise that cannot be kept: what happened, where and why, what to do next, and the exit code.

    Bad input of a *source* is never this: it is a finding. Nothing here prints; `cli` does.
    """

    def __init__(self, what: str, *, hint: str = "", code: Exit = Exit.USAGE, detail: str = "") -> None:
        """Keep the sentence `what`, a multi-line `detail` (a code frame), the next step `hint`, and the exit `code`."""
        super().__init__(what)
        self.what = what
        self.detail = detail
        self.hint = hint
        self.code = code
