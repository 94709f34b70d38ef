"""The static JSON API under `data/v1/`: each file names its `schema` and is useful alone.

Nothing here depends on a clock: what changes with every run is in the run record (`render/run.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from chora_catalog.build.onboarding import BUSINESS_TARGET, WALL_TARGET, onboarding
from chora_catalog.model.catalog import Catalog, Edge, Entry, OwnerView, SourceView, VersionRow
from chora_catalog.model.finding import Finding
from chora_catalog.model.ids import file_name
from chora_catalog.model.record import to_json
from chora_catalog.model.source import LineState
from chora_catalog.model.verdict import Verdict
from chora_catalog.render import breaks_data
from chora_catalog.render.compat_files import compat_files
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.output import Output
from chora_catalog.render.records_data import RecordsData

ROOT = "data/v1"


def files(catalog: Catalog) -> Iterator[Output]:
    """Yield the API's files."""
    yield _output("index.json", partial(_index, catalog))
    yield _output("matrix.json", partial(_matrix, catalog))
    yield _output("breaks.json", partial(_breaks, catalog))
    yield _output("metrics.json", partial(_metrics, catalog))
    yield _output("findings.json", partial(_catalog_findings, catalog))
    for entry in catalog.entries:
        yield _output(f"capabilities/{file_name(entry.id)}.json", partial(_capability, entry))
    for view in catalog.sources:
        yield _output(f"sources/{file_name(view.spec.name)}.json", partial(_source, view))
        yield _output(f"findings/{view.spec.name}.json", partial(_findings, view))
    for owner in catalog.owners:
        yield _output(f"owners/{file_name(owner.name)}.json", partial(_owner, owner))
    records = RecordsData.of(catalog)
    for signal in catalog.signals:
        make = partial(records.signal, signal)
        yield _output(f"signals/{file_name(signal.id)}.json", partial(_record, "signal", make))
    for decision in catalog.decisions:
        make = partial(records.decision, decision)
        yield _output(f"decisions/{file_name(decision.id)}.json", partial(_record, "decision", make))
    for waiver in catalog.waivers:
        make = partial(records.waiver, waiver)
        yield _output(f"waivers/{file_name(waiver.id)}.json", partial(_record, "waiver", make))
    for name, rows in records.lists():
        yield _output(f"{name}.json", partial(_record, name, rows))
    yield from compat_files(catalog, ROOT)


def index(catalog: Catalog) -> bytes:
    """Return `index.json`."""
    return json_bytes(_index(catalog))


def _output(path: str, make: Callable[[], Any]) -> Output:
    return Output(path=f"{ROOT}/{path}", make=lambda: json_bytes(make()))


def _schema(name: str) -> dict[str, str]:
    return {"schema": f"chora.{name}/v1"}


def _index(catalog: Catalog) -> dict[str, Any]:
    rows = [
        {
            "id": entry.id,
            "version": entry.version,
            "owner": entry.owner,
            "verdict": entry.verdict.value,
            "source": entry.source,
            "page": f"capabilities/{file_name(entry.id)}.html",
        }
        for entry in sorted(catalog.entries, key=lambda entry: entry.id)
    ]
    gone = [
        {
            "id": item.manifest.id,
            "source": item.source,
            "why": item.why,
            "since": item.since,
            "page": f"capabilities/{file_name(item.manifest.id)}.html",
        }
        for item in catalog.gone
    ]
    return _schema("index") | {"title": catalog.registry.title, "capabilities": rows, "gone": gone}


def _matrix(catalog: Catalog) -> dict[str, Any]:
    return _schema("matrix") | {
        "basis": "head of each consumer against the newest version of each provider",
        "edges": [_edge(edge) for edge in catalog.edges],
    }


def _edge(edge: Edge) -> dict[str, Any]:
    data: dict[str, Any] = to_json(edge)
    return data


def _breaks(catalog: Catalog) -> dict[str, Any]:
    return _schema("breaks") | breaks_data.breaks(catalog)


def _metrics(catalog: Catalog) -> dict[str, Any]:
    severities = {"error": 0, "warning": 0, "notice": 0}
    for finding in catalog.findings:
        severities[finding.severity.value] += 1
    verdicts = {verdict.value: 0 for verdict in Verdict}
    for entry in catalog.entries:
        verdicts[entry.verdict.value] += 1
    return _schema("metrics") | {
        "capabilities": len(catalog.entries),
        "verdicts": verdicts,
        "findings": severities,
        "onboarding": {
            "targets": {"wall": WALL_TARGET, "business_p95": BUSINESS_TARGET},
            "seconds": asdict(onboarding(catalog.entries)),
        },
        "sources": {
            "registered": len(catalog.sources),
            "read": sum(view.outcome.value == "read" for view in catalog.sources),
            "kept": sum(view.outcome.value == "kept" for view in catalog.sources),
            "unread": sum(view.outcome.value == "unread" for view in catalog.sources),
        },
    }


def _capability(entry: Entry) -> dict[str, Any]:
    manifest = to_json(entry.manifest)
    original = json.loads(manifest.pop("original", "null"))
    return _schema("capability") | {
        "id": entry.id,
        "version": entry.version,
        "owner": entry.owner,
        "owner_from_registry": entry.owner_from_registry,
        "constellation": entry.constellation,
        "verdict": entry.verdict.value,
        "verdict_note": entry.verdict_note,
        "released_at": entry.released_at,
        "first": to_json(entry.first),
        "from": {
            "source": entry.source,
            "commit": entry.commit,
            "committed_at": entry.committed_at,
            "path": entry.manifest.path,
        },
        "manifest": manifest,
        "original": original,
        "versions": [_version(row) for row in entry.versions],
        "dependencies": [_edge(edge) for edge in entry.dependencies],
        "dependents": [_edge(edge) for edge in entry.dependents],
        "signals": list(entry.signals),
        "findings": [_finding(finding) for finding in entry.findings],
    }


def _version(row: VersionRow) -> dict[str, Any]:
    return {
        "version": row.version,
        "released_at": row.released_at,
        "tag": row.tag,
        "commit": row.commit,
        "step": row.step,
        "manifest_parses": row.manifest is not None,
        "manifest_says": row.declared or row.version,
        "changes": [to_json(change) for change in row.changes if change.kind != "same"],
    }


def _source(view: SourceView) -> dict[str, Any]:
    spec, harvest = view.spec, view.harvest
    return _schema("source") | {
        "name": spec.name,
        "url": spec.url,
        "ref": spec.ref,
        "versions": spec.versions,
        "claims": list(spec.claims),
        "aliases": [{"from": alias.old, "to": alias.new} for alias in spec.aliases],
        "outcome": view.outcome.value,
        "error": harvest.error,
        "last_ok_at": harvest.last_ok_at,
        "head": harvest.head_commit,
        "head_parses": view.head_is_good,
        "last_good": harvest.head.commit if harvest.head else "",
        "capabilities": list(view.capabilities),
        "releases": [
            {"tag": item.tag, "version": item.version, "released_at": item.released_at, "tombstone": item.tombstone}
            for item in harvest.releases
        ],
        "main_line": [_line_state(state) for state in harvest.line],
        "findings": len(view.findings),
    }


def _line_state(state: LineState) -> dict[str, Any]:
    return {
        "commit": state.commit,
        "at": state.at,
        "path": state.path,
        "removed": not state.blob,
        "declares": [
            {"id": item.id, "version": item.version, "requires": {need.id: need.version for need in item.dependencies}}
            for item in state.declares
        ],
    }


def _findings(view: SourceView) -> dict[str, Any]:
    return _schema("findings") | {
        "source": view.spec.name,
        "findings": [_finding(finding) for finding in view.findings],
    }


def _catalog_findings(catalog: Catalog) -> dict[str, Any]:
    """Return the findings that belong to no source: those of `decisions/`."""
    return _schema("findings") | {
        "source": "",
        "findings": [_finding(finding) for finding in catalog.findings if not finding.source],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    data: dict[str, Any] = to_json(finding)
    return data


def _owner(owner: OwnerView) -> dict[str, Any]:
    return _schema("owner") | {
        "name": owner.name,
        "contact": owner.contact,
        "capabilities": list(owner.capabilities),
        "sources": list(owner.sources),
        "breaks": [_edge(edge) for edge in owner.breaks],
        "breaks_others": [_edge(edge) for edge in owner.breaks_others],
        "signals": list(owner.signals),
        "waivers": list(owner.waivers),
    }


def _record(name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return _schema(name) | make()
