"""What stands behind a vote or a signature: SSH signatures, review lists, timestamp tokens. The first byte chooses.

Judges: of SSH signatures only those that OpenSSH made over that message, whatever surrounds their base64; of review
lists what the JSON reader of Python reads.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from chora_catalog.edge.signing.timestamps import check_timestamp
from chora_catalog.edge.ssh_signature import verify
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.signal import VOTE_NAMESPACE
from chora_catalog.parse.reviews import load_reviews
from tests.fuzz.promises import ROOT, in_time, texts_of

LONGEST = 8192
FILES = ROOT / "tests" / "properties" / "ssh_signatures"
MESSAGE = (FILES / "message.txt").read_bytes()
BEGIN, END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
WORDS = (
    *("sSSHSIG", "rsa-sha2-512", "ssh-ed25519", "nistp256", "sha512", "\n", "====", BEGIN.decode(), END.decode()),
    *('{"head": "', '"reviews": [', '"user": "', '"state": "APPROVED"', '"commit": "', "[]", "{}", "null", "1e999"),
    *("\x30\x82", "\x30\x80", "\x02\x01", "\x04", "\x31", "\x06\x09"),
)


def seeds() -> Iterator[bytes]:
    for file in sorted(FILES.glob("*.sig")):
        armored = file.read_bytes()
        yield b"s" + armored
        yield b"s" + armored.replace(b"\n", b"\n\n")
        yield b"b" + _blob(armored)
    opinion = {
        "id": 1,
        "user": "ann-h",
        "state": "APPROVED",
        "commit": "a" * 40,
        "submitted_at": "2026-10-12T00:00:00Z",
    }
    page = json.dumps({"head": "b" * 40, "pull_request": "7", "reviews": [opinion]}).encode()
    for text in (page, page + b"\n" + page, page.replace(b"7", b""), b"[]", b"{}", b"", b'{"reviews": 1}'):
        yield b"r" + text
    for text in texts_of("tests/attacks/test_gate.py", 400):
        yield b"r" + text
    yield b"t" + bytes.fromhex("30050203010203")
    yield b"t" + bytes.fromhex("3003020101") * 3


def check(data: bytes) -> None:
    kind, rest = data[:1], data[1:]
    if kind == b"s":
        _signature(rest.decode("utf-8", "replace"))
    elif kind == b"b":
        # Past the armor, which most changes would only break.
        _signature(b"\n".join((BEGIN, base64.b64encode(rest), END)).decode())
    elif kind == b"r":
        _reviews(rest)
    else:
        _timestamp(rest)


def _signature(armored: str) -> None:
    proof = in_time(verify, armored, MESSAGE, namespace=VOTE_NAMESPACE)
    assert bool(proof.key) != bool(proof.problem)
    assert proof.problem.isprintable()
    if proof.key:
        known = {_blob((FILES / f"{name}.sig").read_bytes()) for name in ("ed25519", "ecdsa", "rsa")}
        assert _blob(armored.encode()) in known, "nobody signed it"


def _blob(armored: bytes) -> bytes:
    return base64.b64decode(b"".join(armored.strip().split(b"\n")[1:-1]))


def _reviews(data: bytes) -> None:
    try:
        found = in_time(load_reviews, data, file="reviews")
    except ChoraError as error:
        assert error.code is Exit.USAGE  # noqa: PT017 - its kind is known
        return
    pages = [json.loads(line) for line in data.split(b"\n") if line.strip()] if b"\n{" in data.strip() else []
    assert found.head
    assert all(isinstance(one.user, str) and one.state == one.state.upper() for one in found.given)
    assert all(one.commit == "" or len(one.commit) in (40, 64) for one in found.given)
    assert not pages or len(found.given) == sum(len(page["reviews"]) for page in pages if isinstance(page, dict))


def _timestamp(data: bytes) -> None:
    try:
        in_time(check_timestamp, data, ())
    except ValueError as error:
        assert str(error).isprintable()  # noqa: PT017 - its kind is known
    else:
        raise AssertionError("a timestamp of no authority is accepted")
