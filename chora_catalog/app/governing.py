"""Records as they were read -> records judged: signatures looked at, events folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chora_catalog.model.signal import VOTE_NAMESPACE, ChangeSignal, Proof, vote_text
from chora_catalog.model.steward import Stewards
from chora_catalog.parse.records import Records
from chora_catalog.resolve.folding import fold_all
from chora_catalog.resolve.voting import proofs_asked


def govern(records: Records, policy: Stewards | None = None, reviews: Mapping[str, Proof] | None = None) -> Records:
    """Return `records` with each signal folded by `policy` (default: the stewards that they hold themselves).

    `reviews` says of votes, by file, what is wrong with the review that they name, where that was looked at.
    """
    stewards = records.stewards if policy is None else policy
    proofs = {**look_at_signatures(records.signals), **(reviews or {})}
    signals = fold_all(records.signals, records.decisions, stewards, proofs)
    return replace(records, signals=signals)


def look_at_signatures(signals: Iterable[ChangeSignal]) -> Mapping[str, Proof]:
    """Return what the signature of each signed vote shows, by the file of the vote."""
    asked = proofs_asked(signals)
    if not asked:
        return {}
    from chora_catalog.edge import ssh_signature  # brings cryptography, which few commands need

    return {
        file: ssh_signature.verify(
            event.signature, vote_text(signal.id, signal.digest, event.team, event.vote), namespace=VOTE_NAMESPACE
        )
        for file, (signal, event) in asked.items()
    }
