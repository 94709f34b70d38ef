"""Whether a build may end after asking: every input is the one that the standing publication was made from.

This saves work and decides nothing: leaving it out gives the same bytes, because what is rendered is compared with
what stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from chora_catalog.app.harvesting import Asked
from chora_catalog.edge import files
from chora_catalog.edge.git import OwnHistory
from chora_catalog.model.run import Run
from chora_catalog.model.source import Outcome
from chora_catalog.parse.kept import Glance, Previous
from chora_catalog.resolve.clock import instant


def inputs_digest(registry: bytes, tool: str, decisions: OwnHistory | None, docs: Path | None) -> str:
    """Return the digest of all inputs but the sources: the registry's bytes, this tool, decisions, documents."""
    digest = hashlib.sha256()
    parts = [registry, tool.encode()]
    if decisions is not None:
        for path, data in sorted(decisions.files.items()):
            fact = decisions.added.get(path)
            parts += [path.encode(), data, f"{fact.commit} {fact.at} {fact.author}".encode() if fact else b""]
    if docs is not None:
        parts.append((docs / "mkdocs.yml").read_bytes())
        for path, data in files.read_folder(docs / "docs").items():
            parts += [path.encode(), data]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def nothing_changed(
    previous: Previous, asked: Mapping[str, Asked], inputs: str, as_of: datetime, output: Path
) -> Run | None:
    """Return the previous run when its publication stands at `output` and would be made again; else None."""
    run = previous.run
    if (
        run is None
        or not previous.sizes
        or run.inputs != inputs
        or {source.name for source in run.sources} != asked.keys()
    ):
        return None
    made, ends = instant(run.as_of), instant(run.next_instant)
    if made is None or as_of < made or (ends is not None and as_of >= ends):
        return None
    if not all(_as_before(item, previous.glances.get(name)) for name, item in asked.items()):
        return None
    return run if files.same_sizes(output, previous.sizes) else None


def _as_before(item: Asked, before: Glance | None) -> bool:
    if before is None:
        return False
    if item.outcome is Outcome.UNCHANGED:
        return not before.error
    error = item.harvest.error if item.harvest is not None else ""
    return item.outcome in (Outcome.KEPT, Outcome.UNREAD) and bool(error) and before.error == error
