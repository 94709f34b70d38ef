"""Ids, and the one encoder from names to file names: two names, apart from each other by a NUL.

Judges: the grammar said a second time without a regular expression, and what Windows reserves, by its own list.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from string import ascii_lowercase, digits

from chora_catalog.model.ids import MAX_ID_BYTES, MAX_NAME_BYTES, file_name, fold, id_problem, kind_of
from tests.fuzz.promises import in_time, texts_of

LONGEST = 400
WORDS = (
    *("con", "nul", "aux", "prn", "com1", "lpt9", "con.", ".v1", ".v12", "..", "/", "\\", "%2e", "~", ".", "-", "_"),
    *("capability.", "contract.", "\u0130", "\u00df", "e\u0301", "\u0430", "\u200b", "\x00", "A", "\n"),
)
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LETTERS = set(ascii_lowercase + digits)


def seeds() -> Iterator[bytes]:
    texts = [
        *texts_of("tests/attacks/test_documents.py", 140),
        *texts_of("tests/attacks/test_registry.py", 140),
        *(b"con", b"con.x", b"CON", b"nul.a.b", b"a.b.c", b"a~b", b"a" * 100, b"a" * 101, b".a", b"a.", b"\xc4\xb0"),
    ]
    for at, text in enumerate(texts):
        yield b"\0".join((text, texts[at - 1]))


def check(data: bytes) -> None:
    left, right = [*data.decode("utf-8", "surrogateescape").split("\0", 1), ""][:2]
    _id(left)
    names = {left, right, f"{left}.", f"{left}~", f".{left}", left.upper(), left.lower(), left.swapcase()}
    names |= {left.casefold(), left.title(), file_name(left), file_name(right), file_name(left).upper()}
    names |= {unicodedata.normalize(form, left) for form in ("NFC", "NFD", "NFKC")}
    made: dict[str, str] = {}
    for name in sorted(names):
        encoded = in_time(file_name, name)
        _is_a_safe_file_name(encoded)
        # Windows and macOS fold case and compose accents: of two names that differ, no two may meet there.
        other = made.setdefault(unicodedata.normalize("NFC", encoded.casefold()), name)
        assert other == name or _collide(other, name), (other, name, encoded)


def _is_a_safe_file_name(encoded: str) -> None:
    assert encoded
    assert set(encoded) <= _LETTERS | set("._-~"), encoded
    assert len(encoded.encode()) <= MAX_NAME_BYTES
    assert encoded[0] != "."
    assert encoded[-1] != "."
    # Windows opens a device whatever follows its first dot.
    assert f"{encoded}.html".split(".")[0] not in _DEVICES, encoded
    assert encoded.count("~") <= 1


def _collide(one: str, other: str) -> bool:
    """Tell whether the 32 bits of two digests are equal by chance, which is the one exception that is written down."""
    digests = [hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8] for name in (one, other)]
    return digests[0] == digests[1]


def _id(text: str) -> None:
    problem = in_time(id_problem, text)
    segments = text.split(".")
    versioned = len(segments) > 1 and segments[-1][:1] == "v" and set(segments[-1][1:]) <= set(digits)
    versioned = versioned and len(segments[-1]) > 1
    is_id = (
        len(text) <= MAX_ID_BYTES
        and all(map(_is_segment, segments))
        and (len(segments) <= 6 or (len(segments) == 7 and versioned))
    )
    assert (problem is None) == is_id, problem
    assert problem is None or problem.isprintable()
    folded = in_time(fold, text)
    assert fold(folded) == folded or not text.isascii()
    assert fold(text.replace("_", "-")) == folded
    if is_id:
        assert kind_of(text) == ("contract" if segments[0] == "contract" and len(segments) > 1 else "capability")
        kept = len(text) <= MAX_NAME_BYTES and segments[0] not in _DEVICES and text != "index"
        assert (file_name(text) == text) == kept, "a list page is named index"


def _is_segment(segment: str) -> bool:
    return bool(segment) and set(segment) <= _LETTERS | set("-_") and segment[0] in _LETTERS and segment[-1] in _LETTERS
