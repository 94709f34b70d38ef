"""Keys of the people in the examples: made from a fixed phrase, so known to everybody, and good for nothing else."""

from __future__ import annotations

import hashlib

_PHRASE = "chora demo key, known to everybody, of "


def seed(name: str) -> bytes:
    """Return the 32 bytes that the key of `name` is made from."""
    return hashlib.sha256((_PHRASE + name).encode()).digest()


def private_key(name: str) -> bytes:
    """Return the private key of `name`, as the OpenSSH key file that `chora signal vote --key` takes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.from_private_bytes(seed(name))
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def public_key(name: str) -> str:
    """Return the public key of `name`, as `decisions/stewards.yaml` lists it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PrivateKey.from_private_bytes(seed(name)).public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def signature(name: str, message: bytes, *, namespace: str) -> str:
    """Return the armored signature of `name` over `message`: the same bytes every time, because ed25519 draws none."""
    from chora_catalog.edge import ssh_signature

    return ssh_signature.sign(private_key(name), message, namespace=namespace)[0]
