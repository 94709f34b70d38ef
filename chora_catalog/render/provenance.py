"""The statement of where a catalog comes from: in-toto Statement v1 with a SLSA provenance v1 predicate.

Formats: github.com/in-toto/attestation, spec/v1/statement.md; slsa.dev/spec/v1.0/provenance.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from chora_catalog.model.source import SourceHead

BUILD_TYPE: Final = "urn:chora:catalog-build:v1"


def statement(
    *,
    index_sha256: str,
    catalog: str,
    tool: str,
    trace: str,
    sources: Sequence[SourceHead],
    environ: Mapping[str, str],
) -> bytes:
    """Return the statement about the index of that digest, in canonical JSON.

    `sources` become its resolved dependencies: what was read of whom. The builder is the workflow that `environ` of a
    CI job names, else the tool by itself.
    """
    server, workflow = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_WORKFLOW_REF", "")
    value = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "index.json", "digest": {"sha256": index_sha256}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"catalog": catalog},
                "internalParameters": {"tool": f"chora-catalog {tool}"},
                "resolvedDependencies": [
                    {"name": source.name, "uri": f"git+{source.url}", "digest": {"gitCommit": source.commit}}
                    for source in sources
                    if source.commit
                ],
            },
            "runDetails": {
                "builder": {"id": f"{server}/{workflow}" if server and workflow else f"pkg:pypi/chora-catalog@{tool}"},
                "metadata": {"invocationId": trace},
            },
        },
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")
