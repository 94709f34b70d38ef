"""SSH signatures: the armored form that `ssh-keygen -Y sign` writes, checked and made.

The format is that of PROTOCOL.sshsig of OpenSSH, version 1. Strict: one armored block, every byte accounted for, the
hash that was agreed on, and only the kinds of key and signature named below. Nothing else of OpenSSH is needed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from chora_catalog.errors import ChoraError
from chora_catalog.model.signal import Proof

_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_HASH = b"sha512"
_LONGEST = 8000
_RSA_LEAST_BITS = 2048
_RSA_MOST_BITS = 16384
_USER_PRESENT = 0x01
_ALGORITHMS = {
    b"ssh-ed25519": b"ssh-ed25519",
    b"ecdsa-sha2-nistp256": b"ecdsa-sha2-nistp256",
    b"ssh-rsa": b"rsa-sha2-512",
    b"sk-ssh-ed25519@openssh.com": b"sk-ssh-ed25519@openssh.com",
}
"""Kind of key: the one kind of signature that it may make."""


class _WrongError(ValueError):
    """What is wrong with a signature, as a sentence."""


def verify(armored: str, message: bytes, *, namespace: str) -> Proof:
    """Return the public key whose signature over `message` in `namespace` this is, or why it proves nothing."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        return Proof(key=_verified(armored, message, namespace.encode()))
    except _WrongError as error:
        return Proof(problem=str(error))
    except InvalidSignature:
        return Proof(problem="it is not a signature of that key over this vote")
    except (ValueError, UnsupportedAlgorithm):
        return Proof(problem="its key is no key of its kind")


def sign(private_key: bytes, message: bytes, *, namespace: str) -> tuple[str, str]:
    """Return the armored signature over `message`, and the public key (`<type> <base64>`) of the OpenSSH key file.

    Raise ChoraError (usage) for a key that has a passphrase, cannot be read, or is of another kind.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_ssh_private_key

    hint = "Sign with `ssh-keygen -Y sign` and name its file with --signature; a locked key stays locked that way."
    try:
        key = load_ssh_private_key(private_key, None)
    except TypeError as error:
        raise ChoraError("that key has a passphrase, and none is asked for here", hint=hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ChoraError("that file holds no private key in the OpenSSH format", hint=hint) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ChoraError("that key is not of the kind ed25519, the one kind that is signed with here", hint=hint)
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    public = _string(b"ssh-ed25519") + _string(raw)
    signature = _string(b"ssh-ed25519") + _string(key.sign(_signed(message, namespace.encode())))
    blob = _MAGIC + (1).to_bytes(4, "big") + _string(public) + _string(namespace.encode()) + _string(b"")
    blob += _string(_HASH) + _string(signature)
    text = base64.b64encode(blob).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    armored = "\n".join([_BEGIN, *lines, _END]) + "\n"
    return armored, f"ssh-ed25519 {base64.b64encode(public).decode()}"


def _verified(armored: str, message: bytes, namespace: bytes) -> str:
    blob = _Bytes(_dearmored(armored))
    if blob.take(len(_MAGIC)) != _MAGIC:
        raise _WrongError("it is no SSH signature")
    if blob.number() != 1:
        raise _WrongError("it is an SSH signature of another version than 1")
    public, space, reserved, digest, signature = (blob.string() for _ in range(5))
    blob.end()
    if space != namespace:
        raise _WrongError("it was made for another purpose: its namespace differs")
    if reserved:
        raise _WrongError("its reserved field is not empty")
    if digest != _HASH:
        raise _WrongError("it is over another hash than sha512")
    key = _Bytes(public)
    kind = key.string()
    if kind not in _ALGORITHMS:
        raise _WrongError(
            f"keys of its kind are not admitted; there are: {', '.join(sorted(_name(k) for k in _ALGORITHMS))}"
        )
    made = _Bytes(signature)
    if made.string() != _ALGORITHMS[kind]:
        raise _WrongError(f"a key of the kind {_name(kind)} signs with {_name(_ALGORITHMS[kind])}, and this does not")
    _check(kind, key, made, _signed(message, namespace))
    return f"{_name(kind)} {base64.b64encode(public).decode()}"


def _check(kind: bytes, key: _Bytes, made: _Bytes, data: bytes) -> None:
    """Raise unless `made` is a signature of `key` over `data`."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

    if kind == b"ecdsa-sha2-nistp256":
        curve, point = key.string(), key.string()
        key.end()
        pair = _Bytes(made.string())
        made.end()
        first, second = pair.integer(), pair.integer()
        pair.end()
        if curve != b"nistp256":
            raise _WrongError("its key names another curve than its kind")
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        public.verify(utils.encode_dss_signature(first, second), data, ec.ECDSA(hashes.SHA256()))
    elif kind == b"ssh-rsa":
        exponent, modulus = key.integer(), key.integer()
        key.end()
        signature = made.string()
        made.end()
        if not _RSA_LEAST_BITS <= modulus.bit_length() <= _RSA_MOST_BITS:
            raise _WrongError(f"an RSA key has {_RSA_LEAST_BITS} to {_RSA_MOST_BITS} bits, and this one has not")
        rsa.RSAPublicNumbers(exponent, modulus).public_key().verify(
            signature, data, padding.PKCS1v15(), hashes.SHA512()
        )
    else:
        raw = key.string()
        application = key.string() if kind.startswith(b"sk-") else b""
        key.end()
        signature = made.string()
        if kind.startswith(b"sk-"):
            flags, counter = made.take(1), made.take(4)
            if not flags[0] & _USER_PRESENT:
                raise _WrongError("nobody touched the security key that made it")
            hashed = hashlib.sha256(data).digest()
            data = hashlib.sha256(application).digest() + flags + counter + hashed
        made.end()
        ed25519.Ed25519PublicKey.from_public_bytes(raw).verify(signature, data)


def _dearmored(armored: str) -> bytes:
    lines = armored.strip("\n").split("\n")
    if len(armored) > _LONGEST or len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        raise _WrongError("it is not one armored block from BEGIN SSH SIGNATURE to END SSH SIGNATURE")
    try:
        return base64.b64decode("".join(lines[1:-1]).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise _WrongError("its armored text is no base64") from error


def _signed(message: bytes, namespace: bytes) -> bytes:
    """Return the bytes that a signature in `namespace` is over."""
    return _MAGIC + _string(namespace) + _string(b"") + _string(_HASH) + _string(hashlib.sha512(message).digest())


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _name(kind: bytes) -> str:
    return kind.decode("ascii")


@dataclass(slots=True)
class _Bytes:
    """Bytes that are read from the front; every one of them has to be."""

    data: bytes
    at: int = 0

    def take(self, count: int) -> bytes:
        found = self.data[self.at : self.at + count]
        if len(found) < count:
            raise _WrongError("it ends too early")
        self.at += count
        return found

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def integer(self) -> int:
        """Return a positive integer in the one form that SSH admits (RFC 4251, mpint)."""
        found = self.string()
        if not found or found[0] & 0x80 or (found[0] == 0 and (len(found) == 1 or not found[1] & 0x80)):
            raise _WrongError("a number in it is not written as SSH writes numbers")
        return int.from_bytes(found, "big")

    def end(self) -> None:
        if self.at != len(self.data):
            raise _WrongError("something stands behind its end")
