"""The previous publication as an input: which one it is, and when there is none.

Rules (DESIGN section 2, "Previous publication"): by default it is what stands at the output. One that is named and
cannot be read, or belongs to another catalog, is exit 3. None at all needs `--first`, implied only when nothing is
named and the output is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from chora_catalog.edge import files, http
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.parse.kept import Previous, UnreadableError, load_previous


def find_previous(named: str, output: Path, *, first: bool, catalog: str) -> Previous:
    """Return the previous publication of the catalog named `catalog` (its url, else its title)."""
    if first:
        if named:
            raise ChoraError(
                "--first and --previous contradict each other",
                hint="Leave out --previous for a first build, or --first for every other.",
            )
        _refuse_foreign(output)
        return Previous()
    if not named:
        _refuse_foreign(output)
        if not _is_publication(output):
            return Previous()
    where = named or str(output)
    try:
        previous = load_previous(_gather(named, output))
    except (UnreadableError, http.HttpFailed, OSError) as error:
        raise ChoraError(
            f"the previous publication {where} cannot be read: {error}",
            hint="Name a good one with --previous, or start anew with --first (what only it knew is lost then).",
            code=Exit.CANNOT_TELL,
        ) from error
    if previous.catalog != catalog:
        raise ChoraError(
            f"the previous publication {where} belongs to another catalog ({previous.catalog}, not {catalog})",
            hint="Name this catalog's own with --previous, another --output, or start anew with --first.",
            code=Exit.CANNOT_TELL,
        )
    return previous


def _gather(named: str, output: Path) -> Mapping[str, bytes]:
    if named.startswith(("https://", "http://")):
        return http.read_publication(named)
    folder = Path(named) if named else output
    record = folder / "run.json"
    kept = files.read_folder(folder / "data" / "v1", "*.json")
    return {f"data/v1/{path}": data for path, data in kept.items()} | {"run.json": record.read_bytes()}


def _is_publication(folder: Path) -> bool:
    return (folder / "data" / "v1" / "harvest.json").is_file()


def _refuse_foreign(output: Path) -> None:
    """Never replace a folder that is not ours: a mistyped --output must cost nothing."""
    if not output.exists() or _is_publication(output):
        return
    if not output.is_dir():
        raise ChoraError(f"{output} is a file, not a folder", hint="Name another folder with --output.")
    inside = sorted(path.name for path in output.iterdir())
    if inside and inside != ["README.md"]:
        raise ChoraError(
            f"{output} holds files that are no publication of this tool ({', '.join(inside[:3])}), so it is left alone",
            hint="Name an empty or new folder with --output.",
        )
