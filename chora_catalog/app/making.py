"""Outputs become bytes: on all processors where there are many, and not at all where they are known to stand.

What is known is a memory in the cache: for each path the key of the view that was rendered last, and the digest of what
came of it. A file that stands with that digest is what would be made again. The memory saves work and decides nothing:
without it everything is rendered, with the same result.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from chora_catalog.edge import files, forks
from chora_catalog.errors import ChoraError
from chora_catalog.render.json_out import json_bytes
from chora_catalog.render.output import Output

MEMORY: Final = "pages.json"
_FORMAT: Final = "chora.pages/v1"
_LIMIT: Final = 256 * 2**20
MANY: Final = 400
"""Outputs from which on it pays to start other processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An output with its bytes; `data` is None where what stands at `path` is it. `key` is empty for what has none."""

    path: str
    data: bytes | None
    sha256: str
    size: int
    key: str = ""

    def make(self) -> bytes | None:
        """Return the bytes, None where they stand."""
        return self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What came of a page when its view had this key."""

    key: str
    sha256: str
    size: int


@dataclass(slots=True, kw_only=True)
class Memory:
    """The pages that were made last: `before` by path as the last build left them, `now` as this one does."""

    before: Mapping[str, Known] = field(default_factory=dict)
    now: dict[str, Known] = field(default_factory=dict)

    @classmethod
    def load(cls, cache: Path) -> Memory:
        """Return what the cache remembers; nothing where it cannot be read or understood."""
        try:
            record = json.loads(files.read_bounded(cache / MEMORY, _LIMIT) or b"{}")
            if record.get("schema") != _FORMAT:
                return cls()
            rows = record["pages"].items()
            return cls(before={path: Known(key=str(a), sha256=str(b), size=int(c)) for path, (a, b, c) in rows})
        except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return cls()

    @staticmethod
    def sweep(cache: Path) -> None:
        """Remove what a build that was ended while it saved has left: one without a change never writes over it."""
        with contextlib.suppress(OSError):
            files.beside(cache / MEMORY).unlink(missing_ok=True)

    def save(self, cache: Path) -> None:
        """Leave what this build made to the next. A cache that cannot be written costs time alone."""
        if self.now == self.before:
            return
        pages = {path: [item.key, item.sha256, item.size] for path, item in sorted(self.now.items())}
        with contextlib.suppress(ChoraError, OSError):
            cache.mkdir(parents=True, exist_ok=True)
            files.write_own(cache / MEMORY, json_bytes({"schema": _FORMAT, "pages": pages}), what="the cache")


def make_all(outputs: Sequence[Output], memory: Memory, site: Path) -> Iterator[Made]:
    """Yield what comes of each output, in order; `site` is the folder whose files may stand.

    Whatever an output raises when it is made is raised here.
    """
    make = partial(_answer, outputs, memory.before, site)
    children = forks.processors() if len(outputs) >= MANY else 1
    for index, answer in enumerate(forks.in_order(make, len(outputs), children=children)):
        made = _made(outputs[index], answer if answer is not None else make(index), memory.before)
        if made.key:
            memory.now[made.path] = Known(key=made.key, sha256=made.sha256, size=made.size)
        yield made


def make_each(outputs: Iterable[Output]) -> Iterator[Made]:
    """Yield what comes of each output, one after the other, here."""
    for output in outputs:
        yield _of_bytes(output.path, output.make(), "")


# An answer is bytes, because that is all that comes back from another process: `=` and a key for what stands, else `+`,
# the length of the key in one byte, the key, and the bytes made.
def _answer(outputs: Sequence[Output], before: Mapping[str, Known], site: Path, index: int) -> bytes:
    output = outputs[index]
    if output.look is None:
        return b"+\0" + output.make()
    look = output.look()
    known = before.get(output.path)
    if known is not None and known.key == look.key and _stands(site / output.path, known):
        return b"=" + look.key.encode()
    return b"+" + bytes([len(look.key)]) + look.key.encode() + look.make()


def _made(output: Output, answer: bytes, before: Mapping[str, Known]) -> Made:
    if answer[:1] == b"=":
        known = before[output.path]
        return Made(path=output.path, data=None, sha256=known.sha256, size=known.size, key=known.key)
    end = 2 + answer[1]
    return _of_bytes(output.path, answer[end:], answer[2:end].decode())


def _of_bytes(path: str, data: bytes, key: str) -> Made:
    return Made(path=path, data=data, sha256=hashlib.sha256(data).hexdigest(), size=len(data), key=key)


def _stands(path: Path, known: Known) -> bool:
    """Tell whether `path` is a regular file with the bytes that are known."""
    try:
        data = files.read_bounded(path, known.size)
    except OSError:
        return False
    return data is not None and len(data) == known.size and hashlib.sha256(data).hexdigest() == known.sha256
