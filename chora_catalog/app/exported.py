"""What a site says of the bundles that were exported into it: unsigned, and therefore only what an export writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from chora_catalog.edge import bundle_writing, files
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.render.bundle_list import LIST, SCRIPT, SCRIPT_END, SCRIPT_START, bundle_files

BUNDLES: Final = "mirror/bundles"
_LARGEST_LIST: Final = 2**20
_TEXTS: Final = ("sha256", "checked_at", "expires_at", "profile", "signer")
_NAME: Final = re.compile(r"chora-mirror-[1-9][0-9]{0,18}\.tar\.gz(?:\.sha256)?")


def bundles_of(site: Path) -> list[dict[str, Any]]:
    """Return the bundles that the list of the site names and that are there, newest first; what is unsound is left."""
    found = [line for line in _lines(_read(site, LIST) or b"") if _is_sound(line) and _stands(site, line)]
    return sorted(found, key=lambda line: -int(line["sequence"]))


def refuse_false_list(site: Path, paths: Iterable[str]) -> None:
    """Raise ChoraError (rejected) where the list of bundles, or their folder, holds what no export writes.

    Pages run the script of the list, and nobody signs it: of `paths`, what lies in the site, it is read and made anew.
    """
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        if f"{folder}/".startswith(f"{BUNDLES}/") and not (folder == BUNDLES and _NAME.fullmatch(name)):
            raise _rejected(f"{path} is there and was not signed")
        if path in (LIST, SCRIPT):
            data = _read(site, path) or b""
            start, end = (SCRIPT_START, SCRIPT_END) if path == SCRIPT else (b"", b"")
            lines = _lines(data[len(start) : len(data) - len(end)])
            if not all(map(_is_sound, lines)) or bundle_files(lines)[path] != data:
                raise _rejected(f"{path} is no list of bundles as an export writes it")


def _read(site: Path, path: str) -> bytes | None:
    try:
        return files.read_bounded(site / path, _LARGEST_LIST)
    except OSError:
        return None


def _lines(data: bytes) -> list[Any]:
    try:
        lines = json.loads(data)["bundles"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return []
    return lines if isinstance(lines, list) else []


def _is_sound(line: Any) -> bool:
    numbers = ("sequence", "bytes", "files")
    return (
        isinstance(line, dict)
        and line.keys() == {*numbers, *_TEXTS, "path"}
        and all(type(line[name]) is int for name in numbers)
        and all(isinstance(line[name], str) and len(line[name]) <= 1_000 for name in _TEXTS)
        and re.fullmatch(r"[0-9a-f]{64}", line["sha256"]) is not None
        and line["path"] == f"{BUNDLES}/chora-mirror-{line['sequence']}{bundle_writing.COMPRESSED}"
    )


def _stands(site: Path, line: Mapping[str, Any]) -> bool:
    return files.same_sizes(site, {str(line["path"]): int(line["bytes"])})


def _rejected(why: str) -> ChoraError:
    hint = "Remove it; an export writes the list anew: chora mirror export SITE --root ROOT"
    return ChoraError(f"rejected: {why}", hint=hint, code=Exit.NO)
