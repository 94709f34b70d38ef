"""The run record of a publication, wherever it stands: a folder, an address, or the place that the registry names."""

from __future__ import annotations

from pathlib import Path

from chora_catalog.app.own_schemas import own_schemas
from chora_catalog.app.previous import PUBLISHED
from chora_catalog.edge import files, http
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.finding import Severity
from chora_catalog.model.run import Run
from chora_catalog.parse.kept import UnreadableError
from chora_catalog.parse.registry import load_registry
from chora_catalog.parse.run_record import load_run
from chora_catalog.render import report

RECORD = "run.json"
RECORD_LIMIT = 16 * 2**20
_WEB = ("https://", "http://")


def is_address(where: str) -> bool:
    """Tell whether `where` is an address and not a path."""
    return where.lower().startswith(_WEB)


def published_at(sources: Path) -> str:
    """Return the address of the catalog whose registry is the file `sources`: its site, else its previous publication.

    Raise ChoraError (usage) when the registry cannot be read or names no address.
    """
    data = files.read_own(sources, what="the registry", hint="Name it with --sources FILE.")
    schemas = own_schemas()
    registry, findings = load_registry(data, file=sources.name, schemas=schemas)
    if registry is None:
        raise ChoraError(
            f"the registry {sources} is malformed, so nobody knows where the catalog is published",
            detail=report.frames(findings, worst=Severity.ERROR),
            hint="Correct the marked lines, then run the same command again.",
        )
    address = registry.url or registry.previous
    if not is_address(address):
        raise ChoraError(
            f"`{PUBLISHED}` needs an address, and the registry {sources} names none",
            hint="Set catalog.url in the registry.",
        )
    return address


def record_bytes(where: str) -> bytes:
    """Return the bytes of the run record of the publication at `where`: an address, its folder, or its `run.json`.

    Raise ChoraError: exit 2 when nothing is named, exit 3 when the record cannot be had.
    """
    if not where:
        raise ChoraError("no publication is named", hint="Name its folder or its address.")
    try:
        if is_address(where):
            base = where.removesuffix(RECORD)
            return http.get(base + ("" if base.endswith("/") else "/") + RECORD, limit=RECORD_LIMIT)
        path = Path(where)
        data = files.read_bounded(path / RECORD if path.is_dir() else path, RECORD_LIMIT)
    except http.HttpFailed as error:
        hint = "Is that the address of a catalog?" if error.missing else "Run the same command again when it answers."
        raise _unreadable(str(error), hint) from error
    except OSError as error:
        raise _unreadable(f"{where}: {error.strerror}", "Name its folder or its address.") from error
    if data is None:
        raise _unreadable(f"there is no {where}, or it is no publication", "Name its folder or its address.")
    return data


def read_run(where: str) -> Run:
    """Return the run record of the publication at `where`; raise ChoraError as `record_bytes` does."""
    try:
        return load_run(record_bytes(where))
    except UnreadableError as error:
        hint = "Was it written by another version of this tool? Build with this one."
        raise _unreadable(f"{where}: {error}", hint) from error


def _unreadable(what: str, hint: str) -> ChoraError:
    return ChoraError(f"the run record cannot be read: {what}", hint=hint, code=Exit.CANNOT_TELL)
