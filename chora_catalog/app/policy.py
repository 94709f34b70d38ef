"""What a catalog's own working tree says of its forge and of who has to agree, for what is made of it."""

from __future__ import annotations

from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.edge.workspace import Workspace
from chora_catalog.errors import ChoraError
from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.steward import Stewards
from chora_catalog.parse.reading import MAX_BYTES
from chora_catalog.parse.records import load_records
from chora_catalog.parse.registry import load_registry

_REGISTRY = "catalog-sources.yaml"
_STEWARDS = "decisions/stewards.yaml"


def forge(place: Workspace) -> str:
    """Return the forge that the registry names; `none` where there is no registry, or it names none.

    Raise ChoraError (usage) where it cannot be read.
    """
    data = _data(place, _REGISTRY)
    if data is None:
        return "none"
    registry, findings = load_registry(data, file=_REGISTRY, schemas=own_schemas())
    _hold(_REGISTRY, findings)
    return (registry.forge if registry else "") or "none"


def stewards(place: Workspace) -> Stewards:
    """Return who has to agree; nobody where nothing says. Raise ChoraError (usage) where the file cannot be read."""
    data = _data(place, _STEWARDS)
    if data is None:
        return Stewards()
    records = load_records({"stewards.yaml": data}, added={}, schemas=own_schemas())
    _hold(_STEWARDS, records.findings)
    return records.stewards


def _data(place: Workspace, name: str) -> bytes | None:
    if not place.holds(name):
        return None
    data = place.read(name, MAX_BYTES)
    if data is None:
        raise ChoraError(f"{name} is no regular file of at most 256 KiB", hint="Make it a regular file.")
    return data


def _hold(name: str, findings: tuple[Finding, ...]) -> None:
    wrong = next((finding for finding in findings if finding.severity is Severity.ERROR), None)
    if wrong is not None:
        raise ChoraError(f"{name} cannot be read: {wrong.message}", hint=wrong.hint or "Correct it.")
