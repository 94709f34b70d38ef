"""Timestamps of an authority in one form: what of them no signature covers, compared with what it has to be.

The library verifies what the authority signed. Around that stand names and numbers that it passes over, the name of the
signature's algorithm among them. Here they are read byte by byte, and each has to be what follows from the certificate
of the authority in the trusted root. Form: RFC 3161, section 2.4.2, and RFC 5652, sections 5.1 and 5.3, in DER (X.690).

Where authorities write one thing in two ways, both are accepted, and nobody signed which: certificates of the chain are
there, in any order, or not; SHA-2 has NULL for parameters or none; and the algorithm of an RSA key has its name with
its digest or without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import load_der_x509_certificate

MOST: Final = 16 * 2**10
"""Bytes of the largest timestamp that is looked at; those of the public authority have at most 1.3 KiB."""
_INTEGER: Final = 0x02
_OCTETS: Final = 0x04
_NAME: Final = 0x06
_SEQUENCE: Final = 0x30
_SET: Final = 0x31
_FIRST: Final = 0xA0
_CONSTRUCTED: Final = 0x20
_LONG_TAG: Final = 0x1F
_GRANTED: Final = bytes.fromhex("3003020100")
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_TST_INFO: Final = bytes.fromhex("060b2a864886f70d0109100104")
_VERSIONS: Final = (b"\x02\x01\x03", b"\x02\x01\x01")
"""Of SignedData that holds no plain data, and of a SignerInfo that names its certificate by issuer and number."""
_NO_PARAMETERS: Final = bytes.fromhex("0500")
_SHA2: Final = {bytes.fromhex(f"060960864801650304020{number}"): number - 1 for number in (1, 2, 3)}
"""SHA-256, SHA-384 and SHA-512 (RFC 5754, section 2)."""
_ECDSA: Final = tuple(bytes.fromhex(f"300a06082a8648ce3d04030{number}") for number in (2, 3, 4))
"""ecdsa-with-SHA256, -SHA384 and -SHA512, without parameters (RFC 5754, section 3.3)."""
_RSA: Final = tuple(bytes.fromhex(f"300d06092a864886f70d01010{letter}0500") for letter in "bcd")
_RSA_PLAIN: Final = bytes.fromhex("300d06092a864886f70d0101010500")
"""sha256-, sha384- and sha512WithRSAEncryption, or rsaEncryption for each of them (RFC 5754, section 3.2)."""
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_OTHER: Final = "the timestamp is not in the form that its authority writes"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """One value in DER: its tag, all its bytes, and those without tag and length."""

    tag: int
    whole: bytes
    content: bytes


def check_timestamp(data: bytes, chains: Iterable[Sequence[bytes]]) -> None:
    """Raise ValueError unless `data` is a TimeStampResp of one of `chains`, in the form that is accepted.

    A chain is the certificates (DER) of an authority in the trusted root, its own first. No signature is verified. One
    SignerInfo, no attributes that are not signed, no revocation lists; certificates only those of the chain.
    """
    if len(data) > MOST:
        raise ValueError(_OTHER)
    _walk(data)
    (response,) = _read(data, _SEQUENCE)
    status, info = _read(response.content, _SEQUENCE, _SEQUENCE)
    kind, explicit = _read(info.content, _NAME, _FIRST)
    (signed,) = _read(explicit.content, _SEQUENCE)
    fields = _values(signed.content)
    has_certificates = len(fields) == 5 and fields[3].tag == _FIRST
    certificates = [one.whole for one in _values(fields.pop(3).content)] if has_certificates else []
    version, digests, said, signers = _of_tags(fields, _INTEGER, _SET, _SEQUENCE, _SET)
    said_kind, wrapped = _read(said.content, _NAME, _FIRST)
    _read(wrapped.content, _OCTETS)
    (signer,) = _read(signers.content, _SEQUENCE)
    signer_version, by, digest, _, algorithm, _ = _read(
        signer.content, _INTEGER, _SEQUENCE, _SEQUENCE, _FIRST, _SEQUENCE, _OCTETS
    )
    is_plain = (
        (status.whole, kind.whole, said_kind.whole) == (_GRANTED, _SIGNED_DATA, _TST_INFO)
        and (version.whole, signer_version.whole) == _VERSIONS
        and digests.content == digest.whole
        and len(set(certificates)) == len(certificates)
    )
    if not is_plain or not any(
        by.content == _issuer_and_number(chain[0])
        and algorithm.whole in _algorithms(chain[0], digest.content)
        and set(certificates) <= set(chain)
        for chain in chains
        if chain
    ):
        raise ValueError(_OTHER)


def _algorithms(certificate: bytes, digest: bytes) -> tuple[bytes, ...]:
    """Return the names (DER) that the algorithm of a signature with the key of `certificate` over `digest` may have."""
    number = _SHA2.get(digest.removesuffix(_NO_PARAMETERS))
    key = load_der_x509_certificate(certificate).public_key()
    if number is None:
        return ()
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return (_ECDSA[number],)
    if isinstance(key, rsa.RSAPublicKey):
        return (_RSA[number], _RSA_PLAIN)
    return ()


def _issuer_and_number(certificate: bytes) -> bytes:
    """Return how a SignerInfo names `certificate`, which has extensions and so a version (RFC 5280, section 4.1)."""
    (whole,) = _read(certificate, _SEQUENCE)
    _, number, _, issuer = _values(_values(whole.content)[0].content)[:4]
    return issuer.whole + number.whole


def _walk(data: bytes) -> None:
    """Raise ValueError unless `data` is DER down to its last value."""
    left = [data]
    while left:
        left += [value.content for value in _values(left.pop()) if value.tag & _CONSTRUCTED]


def _read(data: bytes, *tags: int) -> list[_Value]:
    """Return the values that `data` is; raise ValueError unless they have exactly these tags."""
    return _of_tags(_values(data), *tags)


def _of_tags(values: list[_Value], *tags: int) -> list[_Value]:
    if tuple(value.tag for value in values) != tags:
        raise ValueError(_OTHER)
    return values


def _values(data: bytes) -> list[_Value]:
    """Return the values that `data` is, in order; raise ValueError where a length is not exact or not minimal."""
    found = []
    at = 0
    while at < len(data):
        head = data[at : at + 2]
        if len(head) < 2 or head[0] & _LONG_TAG == _LONG_TAG:
            raise ValueError(_OTHER)
        more = max(0, head[1] - 0x80)  # how many bytes the length has, where it does not fit into one
        start = at + 2 + more
        length = int.from_bytes(data[at + 2 : start]) if more else head[1]
        # Two bytes are enough for `MOST`. A length of 0x80 itself is of a value whose end comes later, which is no DER.
        if head[1] == 0x80 or more > 2 or (more and length < (0x80, 0x100)[more - 1]) or start + length > len(data):
            raise ValueError(_OTHER)
        found.append(_Value(tag=head[0], whole=data[at : start + length], content=data[start : start + length]))
        at = start + length
    return found
