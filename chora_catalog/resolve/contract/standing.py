"""What a capability says of itself as a whole: its id, how stable and how sensitive it is, who answers for it.

The scales are those of the manifest's schema, lowest first. A word outside of its scale cannot be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chora_catalog.model.change import Change
from chora_catalog.model.manifest import Manifest
from chora_catalog.parse.reading import quoted
from chora_catalog.resolve.contract.rule import ADDITION, BREAKING, NEUTRAL, UNDECIDED, ContractRule

_STABILITY: Final = {"experimental": 0, "draft": 1, "alpha": 2, "beta": 3, "stable": 4}
_TIERS: Final = {"low": 0, "medium": 1, "moderate": 1, "high": 2, "critical": 3}

RULES: Final = (
    ContractRule(
        id="id-changed",
        effect=UNDECIDED,
        summary="The capability has another id.",
        breaks="Everyone who depends on the old id, unless it stays known as an alias.",
        instead="Have the catalog's registry name the old id under `aliases:`; then the old name still leads here.",
        mirror="id-changed",
    ),
    ContractRule(
        id="capability-removed",
        effect=BREAKING,
        summary="A manifest that declares several capabilities declares one of them no more.",
        breaks="Everyone who depends on it.",
        instead="Deprecate it with `sunset_at` and `replacement`, and remove it after the sunset.",
        mirror="capability-added",
    ),
    ContractRule(
        id="capability-added",
        effect=ADDITION,
        summary="A manifest declares a capability that it did not.",
        breaks="Nobody.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="capability-removed",
    ),
    ContractRule(
        id="stability-decreased",
        effect=BREAKING,
        summary="The capability promises less stability.",
        breaks="Everyone who chose it because it was as stable as it said.",
        instead="Keep the stability for what exists, and give the experiment an id of its own.",
        mirror="stability-increased",
    ),
    ContractRule(
        id="stability-increased",
        effect=ADDITION,
        summary="The capability promises more stability.",
        breaks="Nobody.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="stability-decreased",
    ),
    ContractRule(
        id="stability-declared",
        effect=NEUTRAL,
        summary="The capability says its stability for the first time.",
        breaks="Nobody: nothing was promised before.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="stability-unclear",
    ),
    ContractRule(
        id="stability-unclear",
        effect=UNDECIDED,
        summary="The stability is not said any more, or is a word that is on no scale.",
        breaks="Everyone who chose it because it was as stable as it said, if it is less stable now.",
        instead="Use experimental, draft, alpha, beta or stable; the end of a capability is said by its stage.",
        alone="From no word to a word is stability-declared; between two words on no scale it speaks both ways.",
    ),
    ContractRule(
        id="security-tier-lowered",
        effect=BREAKING,
        summary="The capability claims a lower security tier.",
        breaks="Everyone who hands it what needs the protection of the old tier: by policy it may not go there now.",
        instead="Offer the lower tier under an id of its own; lower this one with the next major.",
        mirror="security-tier-raised",
    ),
    ContractRule(
        id="security-tier-raised",
        effect=ADDITION,
        summary="The capability claims a higher security tier.",
        breaks="Nobody: what was protected still is. Whoever uses it may be asked for the controls of that tier.",
        instead="Nothing is to be done: a minor step carries it.",
        mirror="security-tier-lowered",
    ),
    ContractRule(
        id="security-tier-declared",
        effect=NEUTRAL,
        summary="The capability says its security tier for the first time.",
        breaks="Nobody: nothing was promised before.",
        instead="Nothing is to be done: a patch carries it.",
        mirror="security-tier-unclear",
    ),
    ContractRule(
        id="security-tier-unclear",
        effect=UNDECIDED,
        summary="The security tier is not said any more, or is a word that is on no scale.",
        breaks="Everyone who hands it what needs the protection of the old tier, if the new one is lower.",
        instead="Use low, medium (moderate), high or critical.",
        alone="From no word to a word is security-tier-declared; between two words that are on no scale it speaks both "
        "ways.",
    ),
    ContractRule(
        id="owner-changed",
        effect=NEUTRAL,
        summary="Somebody else answers for the capability, or it is said where to reach them in another way.",
        breaks="Nobody by the interface; questions and reviews go to somebody else.",
        instead="Nothing is to be done: a patch carries it. The new owner should know of it.",
        mirror="owner-changed",
    ),
)
_BY_ID: Final = {rule.id: rule for rule in RULES}


def compare_standing(old: Manifest, new: Manifest) -> Iterator[Change]:
    """Yield what changed of the whole between two manifests, in no order that counts."""
    if old.id != new.id:
        message = f"the id is {quoted(new.id)} and was {quoted(old.id)}"
        yield _BY_ID["id-changed"].change("/id", message, before=old.id, after=new.id)
    yield from _scaled("stability", old.stability, new.stability, _STABILITY, ("decreased", "increased"))
    yield from _scaled("security_tier", old.security_tier, new.security_tier, _TIERS, ("lowered", "raised"))
    for field, was, now in (("owner", old.owner, new.owner), ("contact", old.contact, new.contact)):
        if was != now:
            words = [quoted(text) if text else "nobody" if field == "owner" else "not said" for text in (was, now)]
            message = f"the {field} is {words[1]} and was {words[0]}"
            yield _BY_ID["owner-changed"].change(f"/{field}", message, before=was, after=now)


def removed(manifest: Manifest) -> Change:
    """Return the change that a capability is declared no more."""
    message = f"the capability {quoted(manifest.id)} is gone"
    return _BY_ID["capability-removed"].change("/capabilities", message, before=manifest.id)


def added(manifest: Manifest) -> Change:
    """Return the change that a capability is declared which was not."""
    message = f"the capability {quoted(manifest.id)} is new"
    return _BY_ID["capability-added"].change("/capabilities", message, after=manifest.id)


def _scaled(field: str, old: str, new: str, scale: dict[str, int], words: tuple[str, str]) -> Iterator[Change]:
    # That it is deprecated is said once, by the rules about the end of a capability.
    before, after = ("" if text == "deprecated" else text for text in (old, new))
    if before == after or "deprecated" in (old, new):
        return
    if not before and after in scale:
        kind = "declared"
    elif before in scale and after in scale:
        if scale[before] == scale[after]:
            return
        kind = words[scale[after] > scale[before]]
    else:
        kind = "unclear"
    name = field.replace("_", " ")
    shown = [quoted(text) if text else "not said" for text in (before, after)]
    message = f"the {name} is {shown[1]} and was {shown[0]}"
    yield _BY_ID[f"{field.replace('_', '-')}-{kind}"].change(f"/{field}", message, before=before, after=after)
