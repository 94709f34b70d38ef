"""What a person does with a change signal: file it, move it, vote on it, note something, look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from chora_catalog.app.filing import Desk, Filed, file_paper
from chora_catalog.edge import files
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.signal import VOTE_NAMESPACE, ChangeSignal, Deadline, Event, vote_text
from chora_catalog.model.verdict import Verdict
from chora_catalog.render.drafts import event_paper, free_name, signal_name, signal_paper, slug
from chora_catalog.render.signal_commands import next_commands, vote_command
from chora_catalog.resolve.acting import next_step
from chora_catalog.resolve.folding import named_by
from chora_catalog.resolve.inbox import broken_by, by_risk
from chora_catalog.resolve.sla import Standing, running, standing

_KEY_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSignal:
    """What is filed. The five fields of a signal, and those that may be said besides."""

    type: str
    capability: str
    proposed_version: str
    impact: str
    priority: str
    id: str = ""
    title: str = ""
    current_version: str = ""
    stewards: Sequence[str] = ()
    window: str = ""
    draft: bool = False
    supersedes: str = ""
    corrects: str = ""
    drafted_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One signal as a list shows it: what is due, how that stands, and how many who have to agree have not."""

    signal: ChangeSignal
    deadline: Deadline | None
    standing: Standing | None
    is_committed: bool
    breaks: int | None = None
    """How many dependents its capability breaks, where a catalog is in view."""


def new_signal(desk: Desk, said: NewSignal) -> Filed:
    """File a signal; without an id it gets one that is free. Raises as `file_paper`."""
    taken = [*(signal.id for signal in desk.records.signals), *desk.names("signals")]
    name = said.id or free_name(signal_name(said.capability, said.proposed_version), taken)
    fields = (
        # The name of the file is the id; a line that repeats it could differ from it.
        ("type", said.type),
        ("capability_id", said.capability),
        ("current_version", said.current_version),
        ("proposed_version", said.proposed_version),
        ("impact", said.impact),
        ("priority", said.priority),
        ("title", said.title),
        ("state", "draft" if said.draft else ""),
        ("stewards", tuple(said.stewards)),
        ("deprecation_window", said.window),
        ("supersedes", said.supersedes),
        ("corrects", said.corrects),
        ("drafted_by", _drafter(said.drafted_by)),
    )
    return file_paper(desk, signal_paper(name, fields), message=f"Propose {name}")


def move(
    desk: Desk, name: str, to: str, *, by: str = "", reason: str = "", outcome: str = "", superseded_by: str = ""
) -> Filed:
    """Move a signal to the state `to`. Raises as `file_paper`; what is missing is said then."""
    signal = desk.signal(name)
    if outcome and to != "decision":
        raise ChoraError("--outcome says how it was decided", hint="It goes with a move to decision.")
    fields = (
        ("kind", "move"),
        ("to", to),
        ("by", by),
        ("outcome", outcome),
        ("superseded_by", superseded_by),
        ("reason", reason),
    )
    return _event(desk, signal, f"move-{to}", fields, f"Move {signal.id} to {to}")


def comment(desk: Desk, name: str, reason: str, *, by: str = "", drafted_by: str = "") -> Filed:
    """Note something about a signal."""
    signal = desk.signal(name)
    fields = (("kind", "comment"), ("by", by), ("reason", reason), ("drafted_by", _drafter(drafted_by)))
    return _event(desk, signal, "comment", fields, f"Note something about {signal.id}")


def vote(
    desk: Desk,
    name: str,
    said: str,
    team: str,
    *,
    by: str = "",
    reason: str = "",
    key: Path | None = None,
    signature: Path | None = None,
    review: str = "",
    forge: str = "",
) -> Filed:
    """Vote on a signal for `team`, with one evidence: a private key to sign with, a signature, or an account's review.

    Raise ChoraError (usage) without any; else as `file_paper`.
    """
    signal = desk.signal(name)
    if sum((key is not None, signature is not None, bool(review))) != 1:
        line = partial(vote_command, signal, said, team)
        raise ChoraError(
            "a vote stands on one evidence, because a name alone counts as nothing",
            detail=(
                f"  {line('--key ~/.ssh/id_ed25519')}\n"
                f"  {line('--text')} | ssh-keygen -Y sign -f ~/.ssh/id_ed25519 -n {VOTE_NAMESPACE} > vote.sig\n"
                f"  {line('--signature vote.sig')}\n"
                f"  {line('--review <account at the forge>')}"
            ),
            hint="Sign it with --key or --signature, or name who approves the pull request with --review.",
        )
    armored, signer = "", by
    if key is not None:
        from chora_catalog.edge import ssh_signature

        data = files.read_own(key, what="the key", hint="Name the file of your private key.")
        if len(data) > _KEY_LIMIT:
            raise ChoraError(f"{key} is no private key", hint="Name the file of your private key.")
        armored, public = ssh_signature.sign(data, text_of(signal, team, said), namespace=VOTE_NAMESPACE)
        holder = desk.records.stewards.holder_of(public)
        signer = by or (holder.name if holder else "")
    elif signature is not None:
        data = files.read_own(signature, what="the signature", hint="Name the file that ssh-keygen wrote.")
        armored = data[:_KEY_LIMIT].decode("utf-8", "replace")
    fields = (
        ("kind", "vote"),
        ("by", signer),
        ("team", team),
        ("vote", said),
        ("reason", reason),
        ("digest", signal.digest),
        ("signature", armored),
        ("review", {"forge": forge, "user": review} if review and forge else {"user": review} if review else ""),
    )
    return _event(desk, signal, f"vote-{slug(team)}", fields, f"Vote on {signal.id} for {team}")


def text_of(signal: ChangeSignal, team: str, said: str) -> bytes:
    """Return what a signature of this vote is over."""
    return vote_text(signal.id, signal.digest, team, said)


def rows(desk: Desk, *, every: bool, catalog: str = "") -> tuple[Row, ...]:
    """Return the open signals (with `every` all) in order of risk.

    With `catalog` (where one is published) what breaks many dependents there comes before what breaks few; raise
    ChoraError (exit 3) where it cannot be read.
    """
    broken: Mapping[str, int] = {}
    if catalog:
        from chora_catalog.app.compat_asking import ask_matrix

        broken = broken_by(ask_matrix(catalog=catalog, as_of=desk.as_of, verdicts=(Verdict.BREAKING.value,)).edges)
    signals = by_risk(desk.records.signals, broken, as_of=desk.as_of)
    found = (row(desk, signal) for signal in signals if every or signal.is_open)
    return tuple(replace(one, breaks=broken.get(one.signal.capability_id, 0)) if catalog else one for one in found)


def row(desk: Desk, signal: ChangeSignal) -> Row:
    """Return what a list shows of `signal`."""
    deadline = running(signal)
    return Row(
        signal=signal,
        deadline=deadline,
        standing=standing(deadline, desk.as_of) if deadline else None,
        is_committed=desk.is_committed(signal.file),
    )


def next_lines(desk: Desk, signal: ChangeSignal) -> tuple[str, ...]:
    """Return the commands that bring `signal` on, as its page offers them."""
    return next_commands(signal, next_step(signal, desk.records.stewards, named_by(desk.records.decisions)))


def due_in_words(deadline: Deadline, how: Standing, as_of: datetime) -> str:
    """Return what is due and when, as a list shows it."""
    derived = ", derived" if deadline.is_derived else ""
    return f"{deadline.step} by {deadline.by} ({how.value}{derived})"


def _event(desk: Desk, signal: ChangeSignal, words: str, fields: Sequence[tuple[str, object]], message: str) -> Filed:
    files_there = [event.file for event in signal.events]
    folder = signal.file.rpartition(".")[0] + "/"
    files_there += [file for file in desk.paths if file.startswith(folder)]
    filed = file_paper(desk, event_paper(signal.file, files_there, words, fields), message=message)
    _refuse_if_void(filed)
    return filed


def _refuse_if_void(filed: Filed) -> None:
    """Say so where the event was written and means nothing; the gate's rules have refused it before."""
    for signal in filed.records.signals:
        for event in signal.events:
            if event.file == filed.paper.file and event.refused:
                raise ChoraError(f"{event.file} changes nothing: {event.why}", hint="Remove it.", code=Exit.NO)


def _drafter(who: str) -> Mapping[str, str] | str:
    return {"kind": "agent", "id": who} if who else ""


def event_in_words(event: Event) -> str:
    """Return one event of the history as a line without its time."""
    if event.kind == "move":
        outcome = f" ({event.outcome})" if event.outcome else ""
        said = f"moved from {event.was} to {event.to}{outcome}"
    elif event.kind == "vote":
        said = f"{event.vote} for {event.team}"
    else:
        said = "noted"
    who = event.by or "somebody"
    reason = f": {event.reason}" if event.reason else ""
    return f"{who}: {said}{reason}" + (f" [changes nothing: {event.why}]" if event.refused else "")
