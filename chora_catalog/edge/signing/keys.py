"""Private ed25519 keys: PKCS #8 in PEM, as `openssl genpkey -algorithm ed25519` writes them."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner, SSlibKey

from chora_catalog.errors import ChoraError

SHOWN: Final = 8
"""Digits of a key's id that are shown."""


def new_key() -> bytes:
    """Return a new private key."""
    return _pem(Ed25519PrivateKey.generate())


def key_of_seed(seed: bytes) -> bytes:
    """Return the private key that the 32 bytes `seed` are (RFC 8032, section 5.1.5); whoever knows them has it."""
    return _pem(Ed25519PrivateKey.from_private_bytes(seed))


def signer_of(pem: bytes, *, name: str) -> CryptoSigner:
    """Return what signs with the private key `pem`; raise ChoraError (usage) where it is none, `name` says which."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(name) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(name)
    return CryptoSigner(key)


def public_of(signer: CryptoSigner) -> SSlibKey:
    """Return the public key of `signer`."""
    key = signer.public_key
    return SSlibKey(key.keyid, key.keytype, key.scheme, dict(key.keyval))


def _no_key(name: str) -> ChoraError:
    return ChoraError(
        f"{name} is no private ed25519 key in PEM (PKCS #8, without a password)",
        hint="Make a trust folder with: chora trust init --profile key --output DIR",
    )


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
