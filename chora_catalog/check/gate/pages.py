"""What each refusal of the gate means, why it matters and what to do: its pages, as `chora explain` prints them."""

from __future__ import annotations

import textwrap
from typing import Final

from chora_catalog.check.rule import Rule
from chora_catalog.model.finding import Scope, Severity

_ADD: Final = "Take the change back. What was wrong is said by a new record that names the old one under `corrects`."
_WORDS: Final = (
    (
        "record-edited",
        "A record that is there was edited.",
        "the content of a file below `decisions/` differs from what the base holds.",
        "what somebody decided would read differently afterwards, and nobody could tell.",
        _ADD,
    ),
    (
        "record-deleted",
        "A record was removed.",
        "a file below `decisions/` is there in the base and not in the head.",
        "what was decided stays to be read, also where it was wrong.",
        _ADD,
    ),
    (
        "record-renamed",
        "A record was given another name.",
        "a file went, and another came with the same content.",
        "the name of a record is its identity: whatever refers to it leads nowhere.",
        "Take the new name back. A record that should have another name is filed anew, with `corrects`.",
    ),
    (
        "record-link",
        "A record is a symbolic link.",
        "a path below `decisions/`, or that folder itself, is a link.",
        "what it leads to can change without any change here.",
        "Add the file itself.",
    ),
    (
        "record-submodule",
        "A record is a submodule.",
        "a path below `decisions/` is a commit of another repository.",
        "its content is not in this repository and can go away with the other.",
        "Add the files themselves.",
    ),
    (
        "record-mode",
        "A record is no plain file, or became another kind of file.",
        "its mode is not 100644, or it changed.",
        "a record is read and never run; a changed mode is a changed record.",
        "Run `git update-index --chmod=-x FILE`, and take another change of kind back.",
    ),
    (
        "record-name-taken",
        "Two records have one name.",
        "the base has got a file of this name since, or has one that differs in capital letters alone.",
        "one would hide the other, on some systems or on all.",
        "Choose another name.",
    ),
    (
        "log-rewritten",
        "The history that was published is not part of this one.",
        "base and head have nothing in common, or the branch was put back or rewritten by force.",
        "records that were merged could be gone, and no pull request would show it.",
        "Put the branch back to the commit that is named, and add to it.",
    ),
    (
        "policy-edited",
        "Who has to agree changes, and those who have to agree now have not.",
        "`decisions/stewards.yaml` is edited, and the forge shows no majority of the base's teams at the last commit.",
        "whoever chooses the judges decides.",
        "Let a majority of the teams that the base lists approve the pull request at its last commit.",
    ),
    (
        "steward-self-added",
        "Somebody acts who is a steward by this pull request alone.",
        "a vote or a move is of a person, an account or a key that the head's policy lists and the base's does not.",
        "a pull request would agree to itself.",
        "Merge the change of the policy first, by itself. What was done in this pull request is done anew after that.",
    ),
    (
        "vote-without-evidence",
        "Nobody can check who voted.",
        "the vote has neither a signature nor a review.",
        "anybody could write it; a name alone is a claim.",
        "Sign it with `chora signal vote ID --key FILE`, or name the account that approves under `review`.",
    ),
    (
        "review-missing",
        "The review that a vote names is not there.",
        "the forge's list has no such review of the account at the last commit.",
        "a review of another commit is none of what would be merged.",
        "The person reviews the pull request at its last commit, or signs the vote.",
    ),
    (
        "review-says-otherwise",
        "The review says something else than the vote.",
        "the newest review of the account asks for changes, was dismissed, or approves where the vote rejects.",
        "the vote is not what the person said.",
        "Ask the person; the vote says what the review says.",
    ),
    (
        "review-not-seen",
        "Something stands on a review, and no review list was given.",
        "a vote names a review, or an agent drafted the record, and `--reviews` is missing.",
        "it cannot be told whether it may be merged; that is no yes.",
        "Run the gate in the workflow, which asks the forge, or give it the list with `--reviews FILE`.",
    ),
    (
        "draft-unreviewed",
        "An agent or automation drafted it, and no person has approved it.",
        "the record says so under `drafted_by`, and the forge shows no approval of a person at the last commit.",
        "somebody has to answer for what is decided.",
        "A steward reads it and approves the pull request at its last commit.",
    ),
    (
        "signal-filed-late",
        "A signal begins in a state that others have to agree to first.",
        "its `state` is another than draft or proposed.",
        "it would be in review, decided or done without anybody having done that.",
        "File it as proposed, and add each step as an event.",
    ),
    (
        "event-in-future",
        "An event, or the filing of a signal, is dated after now.",
        "its `at` or `created_at`, or the time of its commit, has not come yet.",
        "deadlines, notices and the order of events would follow a clock that somebody chose.",
        "Leave `at` or `created_at` out: the commit says when.",
    ),
    (
        "event-backdated",
        "An event is dated before the last one that is merged.",
        "the base holds a later move or vote of the signal.",
        "it would change what happened before, although only a file is added.",
        "Leave `at` out: the commit says when.",
    ),
    (
        "corrects-unknown",
        "A record corrects one that is not there.",
        "no signal, decision or waiver has the id that it names under `corrects`, or it names itself.",
        "nobody would find out what was corrected.",
        "Name the id of the record that it corrects.",
    ),
)


def gate_pages() -> tuple[tuple[Rule, str], ...]:
    """Return each rule of the gate with its page (plain text)."""
    return tuple(
        (
            Rule(
                id=name,
                summary=summary,
                severity=Severity.NOTICE if name == "review-not-seen" else Severity.ERROR,
                scope=Scope.CATALOG,
            ),
            "\n".join(
                (summary, "", *map(_filled, (f"What it says: {says}", f"Why it matters: {why}", f"How to fix: {fix}")))
            ),
        )
        for name, summary, says, why, fix in _WORDS
    )


def _filled(words: str) -> str:
    return textwrap.fill(words, width=100, break_long_words=False, break_on_hyphens=False)
