"""The run record as `run.json`, and its classic-script twin `run.js` for pages opened from a disk."""

from __future__ import annotations

from typing import Any

from chora_catalog.model.record import to_json
from chora_catalog.model.run import Run
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.script import script_json

SCHEMA = "chora.run/v1"


def run_files(run: Run) -> dict[str, bytes]:
    """Return `run.json` (whole) and `run.js` (what pages need, as `window.choraRun`)."""
    record: dict[str, Any] = {"schema": SCHEMA, **to_json(run)}
    page = {
        "as_of": run.as_of,
        "trace": run.trace,
        "tool": run.tool,
        "ttl": run.ttl,
        "alert": run.alert,
        "sources": {
            item.name: {
                "outcome": item.outcome.value,
                "last_ok_at": item.last_ok_at,
                "ttl": item.ttl,
                "alert": item.alert,
            }
            for item in run.sources
        },
        "counts": {
            "capabilities": run.capabilities,
            "errors": run.errors,
            "warnings": run.warnings,
            "notices": run.notices,
        },
        # What is fresh now is the reader's clock to judge, from the sources above.
        "metrics": [to_json(metric) for metric in run.metrics if metric.id != "sources-fresh"],
    }
    script = f"window.choraRun = {script_json(page, indent=1)};\n"
    return {"run.json": json_bytes(record), "run.js": script.encode()}
