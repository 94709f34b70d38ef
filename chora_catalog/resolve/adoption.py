"""What several files show of one capability -> what a manifest would say, with how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chora_catalog.model.adoption import FIELDS, SCALARS, Adoption, Confidence, Shown, Sighting, Unused
from chora_catalog.model.versions import Version

_MOST = {"tags": 100, "adr_links": 200, "dependencies": 500, "behaviors": 500}
"""How many entries a manifest may hold of each list."""


def join(sightings: Iterable[Sighting], releases: Mapping[str, Version], answers: Mapping[str, str]) -> Adoption:
    """Join what was seen, in the order of its trust.

    The first to show a scalar counts; where another differs, it is unsure and both are named. `releases` are the
    versions by tag. An answer of a person stands in place of what was seen.
    """
    seen = list(sightings)
    shown = [item for sighting in seen for item in sighting.shown]
    unused = [item for sighting in seen for item in sighting.unused]
    kept: list[Shown] = []
    for name in FIELDS:
        found = [item for item in shown if item.field == name]
        if name in answers:
            continue
        if name == "version":
            kept += _version(found, releases)
        elif name in SCALARS:
            kept += _scalar(found)
        else:
            entries = _list(found)
            most = _MOST.get(name, len(entries))
            kept += entries[:most]
            if entries[most:]:
                why = f"at most {most} are written, and there are {len(entries)}"
                unused.append(Unused(file=entries[most].file, line=entries[most].line, field=name, why=why))
    given = tuple((name, answers[name]) for name in FIELDS if name in answers)
    # Of a list each entry counts, so that one which is left out is named although others are there.
    settled = ({item.field for item in kept} | set(answers)) & set(SCALARS)
    return Adoption(
        shown=tuple(kept),
        answers=given,
        unused=tuple(item for item in unused if not item.field or item.field not in settled),
    )


def without(adoption: Adoption, field: str, why: str) -> Adoption:
    """Return the adoption with `field` as a question, because what is shown for it cannot stand in a manifest."""
    dropped = adoption.of(field)
    said = tuple(Unused(file=item.file, line=item.line, field=field, why=why) for item in dropped[:1])
    rest = tuple(item for item in adoption.shown if item.field != field)
    return replace(adoption, shown=rest, unused=(*adoption.unused, *said))


def _scalar(found: list[Shown]) -> list[Shown]:
    if not found:
        return []
    first = found[0]
    other = next((item for item in found if item.value != first.value), None)
    if other is None:
        return [min(found, key=lambda item: item.confidence.rank)]
    return [replace(first, confidence=Confidence.LOW, why=_joined(first.why, f"{other.place} says otherwise"))]


def _version(found: list[Shown], releases: Mapping[str, Version]) -> list[Shown]:
    """Take a file's version, surer where the newest release agrees; without one, that of the newest release."""
    ours = [(version.order, tag, version) for tag, version in releases.items() if not version.is_prerelease]
    if not ours:
        return [replace(item, confidence=max(item.confidence, Confidence.MEDIUM, key=lambda it: it.rank))
                for item in _scalar(found)]  # fmt: skip
    _, tag, newest = max(ours)
    if not found:
        why = "the newest release"
        return [Shown(field="version", value=str(newest), file=f"tag {tag}", confidence=Confidence.HIGH, why=why)]
    said = _scalar(found)[0]
    declared = Version.parse(said.value) if isinstance(said.value, str) else None
    if declared is not None and declared < newest:
        return [replace(said, confidence=Confidence.LOW, why=_joined(said.why, f"tag {tag} is newer"))]
    if declared == newest:
        return [replace(said, why=_joined(said.why, f"tag {tag} agrees"))]
    return [replace(said, why=_joined(said.why, f"ahead of tag {tag}"))]


def _list(found: list[Shown]) -> list[Shown]:
    """Take each entry once: by its id, or as it is."""
    entries: dict[str, Shown] = {}
    for item in found:
        key = item.value if isinstance(item.value, str) else dict(item.value)["id"]
        entries.setdefault(key, item)
    return list(entries.values())


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
