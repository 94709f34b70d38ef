"""The form of a timestamp: what of it nobody signed has to be what follows from the authority's certificate."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.edge.signing.identities import public_good
from chora_catalog.edge.signing.timestamps import MOST, check_timestamp
from tests.signed_head import NOON

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Chain = tuple[bytes, ...]


def der(tag: int, *parts: bytes) -> bytes:
    """A value in DER (X.690, section 8.1)."""
    content = b"".join(parts)
    size = len(content)
    length = bytes((size,)) if size < 0x80 else bytes((0x81, size)) if size < 0x100 else b"\x82" + size.to_bytes(2)
    return bytes((tag,)) + length + content


def named(dotted: str, *parameters: bytes) -> bytes:
    """An AlgorithmIdentifier."""
    return der(0x30, oid(dotted), *parameters)


def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER (X.690, section 8.19)."""
    first, second, *others = map(int, dotted.split("."))
    content = bytearray((first * 40 + second,))
    for number in others:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(number & 0x7F | 0x80)
        content += bytes(reversed(digits))
    return der(0x06, bytes(content))


NULL = der(0x05)
DIGESTS = {name: named(f"2.16.840.1.101.3.4.2.{number}") for name, number in (("256", 1), ("384", 2), ("512", 3))}
WITH_NULL = {name: der(0x30, value[2:], NULL) for name, value in DIGESTS.items()}
PKCS1 = "1.2.840.113549.1.1"
ALGORITHMS = {
    "ecdsa-256": named("1.2.840.10045.4.3.2"),
    "ecdsa-384": named("1.2.840.10045.4.3.3"),
    "ecdsa-512": named("1.2.840.10045.4.3.4"),
    "ecdsa-1": named("1.2.840.10045.4.1"),
    "ecdsa-256-null": named("1.2.840.10045.4.3.2", NULL),
    "rsa-256": named(f"{PKCS1}.11", NULL),
    "rsa-384": named(f"{PKCS1}.12", NULL),
    "rsa-512": named(f"{PKCS1}.13", NULL),
    "rsa": named(f"{PKCS1}.1", NULL),
    "rsa-bare": named(f"{PKCS1}.1"),
    "rsa-1": named(f"{PKCS1}.5", NULL),
    "pss": named(f"{PKCS1}.10"),
    "ed25519": named("1.3.101.112"),
}
"""Names of algorithms of signatures: RFC 5754, sections 3.2 and 3.3, and some that are none of those."""


def chain_of(key: Key) -> Chain:
    """The certificates of an authority with `key`, its own first."""

    def certificate(common: str, number: int) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")]))
            .public_key(key.public_key())
            .serial_number(number)
            .not_valid_before(NOON)
            .not_valid_after(NOON + timedelta(days=1))
            .add_extension(x509.BasicConstraints(False, None), True)
        )
        how = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        return made.sign(key, how).public_bytes(Encoding.DER)

    return (certificate("authority", 300), certificate("root", 2))


def signer_of(chain: Chain, algorithm: bytes, digest: bytes = DIGESTS["256"], *, version: bytes = b"\2\1\1",
              number: int = 300, attributes: bytes = der(0xA0, der(0x30)), unsigned: bytes = b"") -> bytes:  # fmt: skip
    """A SignerInfo (RFC 5652, section 5.3). No signature in it is one, because the form alone is looked at."""
    issuer = x509.load_der_x509_certificate(chain[0]).issuer.public_bytes()
    by = der(0x30, issuer, der(0x02, number.to_bytes(2)))
    return der(0x30, version, by, digest, attributes, algorithm, der(0x04, b"signature"), unsigned)


def token(*signers: bytes, status: bytes = b"\x30\3\2\1\0", kind: str = "1.2.840.113549.1.7.2", version: int = 3,
          digests: tuple[bytes, ...] = (DIGESTS["256"],), said: str = "1.2.840.113549.1.9.16.1.4",
          certificates: bytes = b"", lists: bytes = b"") -> bytes:  # fmt: skip
    """A TimeStampResp (RFC 3161, section 2.4.2)."""
    content = der(0x30, oid(said), der(0xA0, der(0x04, der(0x30))))
    number = der(0x02, bytes((version,)))
    signed = der(0x30, number, der(0x31, *digests), content, certificates, lists, der(0x31, *signers))
    return der(0x30, status, der(0x30, oid(kind), der(0xA0, signed)))


CHAIN = chain_of(ec.derive_private_key(6, ec.SECP256R1()))
SIGNER = signer_of(CHAIN, ALGORITHMS["ecdsa-256"])
GOOD = token(SIGNER)


def is_accepted(data: bytes, *chains: Chain) -> bool:
    try:
        check_timestamp(data, chains or (CHAIN,))
    except ValueError:
        return False
    return True


def test_the_name_of_the_algorithm_is_the_one_of_the_key_and_the_digest() -> None:
    keys: dict[str, tuple[Key, ...]] = {
        "ecdsa": tuple(ec.derive_private_key(6, curve) for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())),
        "rsa": (rsa.generate_private_key(65537, 2048),),
        "": (ec.derive_private_key(6, ec.SECP256K1()), ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))),
    }
    for kind, of_kind in keys.items():
        for chain in map(chain_of, of_kind):
            for size, digest in [*DIGESTS.items(), *WITH_NULL.items()]:
                accepted = {
                    name
                    for name, algorithm in ALGORITHMS.items()
                    if is_accepted(token(signer_of(chain, algorithm, digest), digests=(digest,)), chain)
                }
                expected = {"ecdsa": {f"ecdsa-{size}"}, "rsa": {f"rsa-{size}", "rsa"}, "": set()}
                assert accepted == expected[kind], (kind, size)


def test_the_form_of_the_public_authority_is_accepted_with_its_certificates_and_without() -> None:
    authorities = json.loads(public_good())["trustedRoot"]["timestampAuthorities"]
    for authority in authorities:
        chain = tuple(base64.b64decode(one["rawBytes"]) for one in authority["certChain"]["certificates"])
        serial = x509.load_der_x509_certificate(chain[0]).serial_number
        issuer = x509.load_der_x509_certificate(chain[0]).issuer.public_bytes()
        by = der(0x30, issuer, der(0x02, serial.to_bytes(serial.bit_length() // 8 + 1)))
        for name, is_right in (("ecdsa-256", True), ("ecdsa-384", False)):
            parts = (b"\2\1\1", by, DIGESTS["256"], der(0xA0, der(0x30)), ALGORITHMS[name], der(0x04, b"signature"))
            for certificates in (b"", der(0xA0), der(0xA0, chain[0]), der(0xA0, *chain)):
                made = token(der(0x30, *parts), certificates=certificates)
                assert is_accepted(made, CHAIN, chain) is is_right
                assert not is_accepted(made, CHAIN)
    assert authorities


def test_what_nobody_signed_is_refused() -> None:
    """Most of these the library verifies: nothing that it looks at is changed by them."""
    stranger = chain_of(ec.derive_private_key(7, ec.SECP256R1()))[0]
    good = ALGORITHMS["ecdsa-256"]
    sha1 = named("1.3.14.3.2.26")
    assert is_accepted(GOOD)
    assert not is_accepted(GOOD, ())
    refused = {
        "no signer": token(),
        "two signers": token(SIGNER, SIGNER),
        "attributes that are not signed": token(signer_of(CHAIN, good, unsigned=der(0xA1, der(0x30)))),
        "none of them, and room for them": token(signer_of(CHAIN, good, unsigned=der(0xA1))),
        "no attributes that are signed": token(signer_of(CHAIN, good, attributes=b"")),
        "revocation lists": token(SIGNER, lists=der(0xA1, der(0x30))),
        "none of them and room": token(SIGNER, lists=der(0xA1)),
        "lists after certificates": token(SIGNER, certificates=der(0xA0), lists=der(0xA1)),
        "a certificate of a stranger": token(SIGNER, certificates=der(0xA0, CHAIN[0], stranger)),
        "a certificate twice": token(SIGNER, certificates=der(0xA0, CHAIN[0], CHAIN[0])),
        "another number": token(signer_of(CHAIN, good, number=301)),
        "two digests": token(SIGNER, digests=(DIGESTS["256"], DIGESTS["512"])),
        "no digest": token(SIGNER, digests=()),
        "another digest": token(SIGNER, digests=(DIGESTS["512"],)),
        "another spelling of the digest": token(SIGNER, digests=(WITH_NULL["256"],)),
        "a weak digest": token(signer_of(CHAIN, good, sha1), digests=(sha1,)),
        "another version": token(SIGNER, version=1),
        "another version of the signer": token(signer_of(CHAIN, good, version=b"\2\1\3")),
        "another kind": token(SIGNER, kind="1.2.840.113549.1.7.1"),
        "another kind of content": token(SIGNER, said="1.2.840.113549.1.7.1"),
        "granted with changes": token(SIGNER, status=der(0x30, der(0x02, b"\1"))),
        "a word with the status": token(SIGNER, status=der(0x30, der(0x02, b"\0"), der(0x30, der(0x0C, b"hello")))),
    }
    assert [name for name, made in refused.items() if is_accepted(made)] == []


def test_another_spelling_of_the_same_values_is_refused() -> None:
    """Lengths and tags in more bytes than they need: the library writes anew what it reads, and verifies that."""
    good = ALGORITHMS["ecdsa-256"]
    entry = der(0x30, der(0x04, bytes(200)))
    long = token(signer_of(CHAIN, good, attributes=der(0xA0, entry, entry)))
    content = long[4:]
    assert long[:2] == b"\x30\x82"
    assert is_accepted(long)
    spellings = {
        "a byte after it": long + b"\0",
        "a value after it": long + NULL,
        "three bytes of length": b"\x30\x83\0" + long[2:],
        "an end instead of a length": b"\x30\x80" + content + b"\0\0",
        "a tag in two bytes": b"\x3f\x10" + long[1:],
        "one byte too long": b"\x30\x82" + (len(content) + 1).to_bytes(2) + content,
        "one byte too short": b"\x30\x82" + (len(content) - 1).to_bytes(2) + content,
    }
    inside = {
        "one byte of length more": b"\xa0\x81\x02" + der(0x30),
        "two bytes of length more": b"\xa0\x82\0\x02" + der(0x30),
        "two for one": b"\xa0\x82\0\xce" + entry,
        "deeper": der(0xA0, b"\x30\x81\0"),
        "a tag in two bytes": der(0xA0, b"\x3f\x10\0"),
        "an end instead of a length": der(0xA0, b"\x30\x80\0\0"),
        "an end after 128 bytes": b"\xa0\x80" + der(0x30, der(0x04, bytes(124))),
        "a tag of 31": der(0xA0, b"\x1f\x1f\x1e" + bytes(30)),
    }
    assert is_accepted(token(signer_of(CHAIN, good, attributes=der(0xA0, entry))))
    spellings |= {f"inside: {name}": token(signer_of(CHAIN, good, attributes=one)) for name, one in inside.items()}
    assert [name for name, made in spellings.items() if is_accepted(made)] == []


def test_no_bit_outside_of_what_is_signed_is_free() -> None:
    signed = [GOOD.index(b"\xa0\2\x30\0") + 2, GOOD.index(b"\4\2\x30\0") + 2, GOOD.index(b"signature")]
    free = {at + more for at, size in zip(signed, (2, 2, len(b"signature")), strict=True) for more in range(size)}
    accepted = {
        at
        for at in range(len(GOOD))
        for bit in range(8)
        if is_accepted(GOOD[:at] + bytes((GOOD[at] ^ 1 << bit,)) + GOOD[at + 1 :])
    }
    assert accepted <= free


def test_hostile_bytes_end_soon_and_in_one_way() -> None:
    for end in range(len(GOOD)):
        assert not is_accepted(GOOD[:end])
    deep = b""
    while len(deep) < MOST - 4:
        deep = der(0x30, deep)
    assert not is_accepted(deep)
    assert not is_accepted(b"\x30\x00" * (MOST // 2))
    assert not is_accepted(b"\x30" + b"\xff" * 200)
    large = signer_of(CHAIN, ALGORITHMS["ecdsa-256"], attributes=der(0xA0, der(0x04, bytes(MOST))))
    assert not is_accepted(token(large))


@given(st.binary(max_size=64), st.integers(0, len(GOOD)), st.integers(0, 64))
def test_whatever_is_put_into_a_timestamp_ends_in_yes_or_no(put: bytes, at: int, over: int) -> None:
    changed = GOOD[:at] + put + GOOD[at + over :]
    is_accepted(changed)
    is_accepted(put)
