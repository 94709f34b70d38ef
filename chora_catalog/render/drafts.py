"""Records ready to be filed: what a report proposes, as the YAML that `decisions/` takes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from chora_catalog.model.catalog import Edge
from chora_catalog.model.judgement import Excuse, Paper
from chora_catalog.model.verdict import Verdict
from chora_catalog.parse.deadlines import MAX_WAIVER
from chora_catalog.render.text import cut, on_one_line, visible
from chora_catalog.render.yaml_out import comment, quoted

_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_IMPACT: Final = 1000


def excuse(edge: Edge, owner: str, as_of: datetime) -> Excuse:
    """Return the waiver that would cover `edge` for the longest time that one may last, or why there can be none.

    It is bound to the fingerprint: another break, or the same with a newer version, is not covered.
    """
    if edge.verdict not in (Verdict.BREAKING, Verdict.MISSING):
        return Excuse(why_not="what is not known, or not readable, cannot be waived")
    last = (as_of + MAX_WAIVER).date().isoformat()
    lines = [
        comment(f"Say why, and what ends it. It counts once it is merged, for at most {MAX_WAIVER.days} days."),
        f"capability_id: {quoted(edge.provider)}",
        f"consumer: {quoted(edge.consumer)}",
        f"rule: {quoted(edge.rule)}",
        f"fingerprints: [{quoted(edge.fingerprint)}]",
        f"reason: {quoted('')}",
        f"owner: {quoted(owner)}",
        f"expires_at: {quoted(last)}",
    ]
    return Excuse(paper=Paper(file=f"decisions/waivers/WVR-{edge.fingerprint}.yaml", text="\n".join(lines) + "\n"))


def signal_draft(edge: Edge, version: str) -> Paper | None:
    """Return the change signal about what broke; None where nothing did, or where no version is known.

    `version` is what the provider's head declares, for a provider without releases.
    """
    proposed = edge.provider_version or version
    if edge.verdict is not Verdict.BREAKING or not proposed:
        return None
    impact = cut(on_one_line(visible(f"{edge.consumer}: {edge.reason}")), _IMPACT)
    lines = [
        f"type: {quoted('breaking-change')}",
        f"capability_id: {quoted(edge.provider)}",
        f"proposed_version: {quoted(proposed)}",
        f"impact: {quoted(impact)}",
        f"priority: {quoted('high')}",
    ]
    name = _NOT_IN_NAME.sub("-", f"{edge.provider}-{proposed}")[:100].strip("-._")
    return Paper(file=f"decisions/signals/SIG-{name}.yaml", text="\n".join(lines) + "\n")
