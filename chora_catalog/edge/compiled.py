"""Templates compiled once for each version of this tool, kept where Python keeps its own compiled modules.

What is kept there is run when it is read, as those modules are, and whoever may write there may change the tool itself:
so nobody gains anything by it. It is an accelerator. What is missing, damaged, or of another version is compiled anew;
where nothing may be written (or `PYTHONDONTWRITEBYTECODE` is set) nothing is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import marshal
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType

Compiled = Mapping[tuple[str, str], CodeType]
"""The code of each template by its name and the digest of its text, as Jinja2 asks for it."""
_DIGEST = 32


def read(tool: str) -> Compiled:
    """Return what is kept for the version with the digest `tool`; nothing where that cannot be used."""
    try:
        data = _place(tool).read_bytes()
    except OSError:
        return {}
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        return {}
    return {(name, text): code for name, text, code in marshal.loads(data[_DIGEST:])}  # noqa: S302 - see above


def write(tool: str, compiled: Compiled) -> None:
    """Keep `compiled` for the version with the digest `tool` in place of what other versions left; never fail."""
    if sys.dont_write_bytecode:
        return
    body = marshal.dumps([(name, text, code) for (name, text), code in sorted(compiled.items())])
    place = _place(tool)
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        try:
            fresh.write_bytes(hashlib.sha256(body).digest() + body)
            os.replace(fresh, place)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        for other in place.parent.glob(f"templates.{sys.implementation.cache_tag}.*"):
            if other != place:
                other.unlink()


def _place(tool: str) -> Path:
    # The code depends on these three, and on nothing else of the machine.
    digest = hashlib.sha256(f"{tool}\0{sys.version}\0{version('jinja2')}".encode()).hexdigest()
    return Path(cache_from_source(__file__)).with_name(f"templates.{sys.implementation.cache_tag}.{digest[:32]}")
