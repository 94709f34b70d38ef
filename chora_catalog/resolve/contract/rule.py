"""What a rule about two contracts is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from chora_catalog.model.change import Change, Effect

BREAKING, UNDECIDED, ADDITION, NEUTRAL = Effect
"""The effects, worst first, by the names that tables of rules use."""
MAX_TEXT = 300
"""The longest text that is shown of what a contract says, so that a source cannot make a report long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRule:
    """One kind of difference. `id` is a kebab sentence and stable for ever.

    `effect` is what it means for those who rely on the old contract; where it depends on the direction, that is for an
    input, and `on_output` for an output. `breaks` says whom it hurts and how, `instead` how the same is reached without
    hurting anybody. `mirror` is the rule that speaks when old and new change places; where there is none, `alone` says
    why.
    """

    id: str
    effect: Effect
    summary: str
    breaks: str
    instead: str
    mirror: str = ""
    alone: str = ""
    on_output: Effect | None = None

    def effect_on(self, side: str) -> Effect:
        """Return what the change means on `side`: `input` or `output`; where neither is said, the worse of the two."""
        if self.on_output is None or side == "input":
            return self.effect
        return self.on_output if side == "output" else min(self.effect, self.on_output, key=list(Effect).index)

    def change(
        self, pointer: str, message: str, *, subject: str = "", side: str = "", before: str = "", after: str = ""
    ) -> Change:
        """Return one difference of this kind at `pointer`."""
        return Change(
            rule=self.id,
            effect=self.effect_on(side),
            pointer=pointer,
            subject=subject,
            side=side,
            before=shortened(before),
            after=shortened(after),
            message=message,
        )


def shortened(text: str) -> str:
    """Return `text` cut to what is shown, with a digest of all of it, so that different texts stay different."""
    if len(text) <= MAX_TEXT:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[: MAX_TEXT - 30]}… sha256:{digest}"


def in_order(change: Change) -> tuple[int, str, str, str, str]:
    """Return what changes are sorted by: the worst first, then by place and rule."""
    return (list(Effect).index(change.effect), change.pointer, change.rule, change.before, change.after)
