"""A signature proves what OpenSSH would say it proves, and every changed byte of it proves nothing.

The files beside this test were written by `ssh-keygen -Y sign` of OpenSSH 9.2 over `message.txt`.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.edge.ssh_signature import sign, verify
from chora_catalog.errors import ChoraError
from chora_catalog.model.signal import VOTE_NAMESPACE, Proof, vote_text
from examples import demo_keys

FILES = Path(__file__).parent / "ssh_signatures"
MESSAGE = (FILES / "message.txt").read_bytes()
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


def made(name: str) -> str:
    return (FILES / f"{name}.sig").read_text(encoding="ascii")


def check(armored: str, message: bytes = MESSAGE) -> Proof:
    return verify(armored, message, namespace=VOTE_NAMESPACE)


def opened(armored: str) -> bytes:
    return base64.b64decode("".join(armored.strip().split("\n")[1:-1]))


def closed(blob: bytes) -> str:
    return f"{BEGIN}\n{base64.b64encode(blob).decode()}\n{END}\n"


def test_the_message_is_the_one_that_a_vote_signs() -> None:
    assert vote_text("SIG-a", "sha256:" + "0" * 64, "team-a", "approve") == MESSAGE


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_what_ssh_keygen_signed_is_of_its_key(kind: str) -> None:
    public = (FILES / f"{kind}.pub").read_text(encoding="ascii").strip()
    assert check(made(kind)) == Proof(key=public)
    assert check(made(kind), MESSAGE.replace(b"approve", b"reject")).problem.startswith("it is not a signature of")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ecdsa384", "keys of its kind are not admitted"),
        ("rsa1024", "an RSA key has 2048 to 16384 bits"),
        ("namespace", "its namespace differs"),
        ("sha256", "another hash than sha512"),
    ],
)
def test_what_is_refused_is_refused_by_its_own_words(name: str, why: str) -> None:
    proof = check(made(name))
    assert proof.key == ""
    assert why in proof.problem


@pytest.mark.parametrize(
    ("armored", "why"),
    [
        ("", "not one armored block"),
        ("ssh-ed25519 AAAA", "not one armored block"),
        (f"{BEGIN}\n!!!!\n{END}\n", "no base64"),
        (f"{BEGIN}\nAAAA\n{END}\n", "ends too early"),
        (f"{BEGIN}\n{'A' * 9000}\n{END}\n", "not one armored block"),
        (f"{BEGIN}\näää\n{END}\n", "no base64"),
        (made("ed25519") + made("ed25519"), "no base64"),
        (closed(opened(made("ed25519")) + b"\0"), "something stands behind its end"),
        (closed(b"SSHSIG" + b"\0\0\0\2" + opened(made("ed25519"))[10:]), "another version"),
        (closed(b"PGPSIG" + opened(made("ed25519"))[6:]), "no SSH signature"),
        (closed(b"SSHSIG\0\0\0\1" + b"\xff" * 8), "ends too early"),
    ],
)
def test_what_is_no_signature_is_told_so(armored: str, why: str) -> None:
    assert why in check(armored).problem


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_with_a_byte_changed_proves_nothing(kind: str) -> None:
    blob = opened(made(kind))
    key = check(made(kind)).key
    for at in range(len(blob)):
        changed = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
        assert check(closed(changed)).key != key, at
        assert check(closed(changed)).key == "", at


@settings(derandomize=True, deadline=None, database=None, max_examples=200)
@given(data=st.binary(max_size=80), at=st.integers(0, 200))
def test_any_bytes_are_an_answer(data: bytes, at: int) -> None:
    blob = opened(made("ecdsa"))
    for bent in (data, blob[:at] + data + blob[at + len(data) :], blob[:at]):
        proof = check(closed(bent))
        assert bool(proof.key) is not bool(proof.problem)


def test_what_is_signed_here_is_checked_here_and_is_the_same_every_time() -> None:
    armored, public = sign(demo_keys.private_key("Ann"), MESSAGE, namespace=VOTE_NAMESPACE)
    assert public == demo_keys.public_key("Ann")
    assert check(armored) == Proof(key=public)
    assert sign(demo_keys.private_key("Ann"), MESSAGE, namespace=VOTE_NAMESPACE)[0] == armored
    assert max(map(len, armored.split("\n"))) <= 70
    assert re.fullmatch(rf"{BEGIN}\n[A-Za-z0-9+/=\n]+\n{END}\n", armored)


def test_a_key_with_a_passphrase_and_what_is_no_key_are_told_so() -> None:
    locked = (FILES / "locked-key-body.txt").read_bytes()
    kind = b"OPENSSH PRIVATE KEY-----"
    for key, why in (
        (b"-----BEGIN " + kind + b"\n" + locked + b"-----END " + kind + b"\n", "has a passphrase"),
        (b"nothing", "holds no private key"),
    ):
        with pytest.raises(ChoraError, match=why) as caught:
            sign(key, MESSAGE, namespace=VOTE_NAMESPACE)
        assert "ssh-keygen -Y sign" in caught.value.hint
