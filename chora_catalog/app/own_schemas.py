"""The schemas that this tool publishes, compiled: what every door judges documents with."""

from __future__ import annotations

from chora_catalog.edge import files
from chora_catalog.parse.schema import Schemas, compile_schemas


def own_schemas() -> Schemas:
    """Return them; raise ChoraError when the installation is incomplete."""
    return compile_schemas(files.read_folder(files.data_folder("schemas"), "*.json"))
