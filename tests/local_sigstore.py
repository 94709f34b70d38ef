"""A Sigstore on this machine: issuer of tokens, Fulcio, certificate log, Rekor (v1 or v2) and a timestamp authority.

The unmodified client signs with it and verifies against it, over http on a loopback address. Its keys are drawn when it
starts and are worth nothing. Formats: RFC 6962 (trees and certificate timestamps), RFC 3161 (timestamps), the API of
Rekor and Fulcio as sigstore-python asks them, github.com/sigstore/fulcio docs/oid-info.md (what a certificate says).
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import jwt
import rfc8785
from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

ISSUER: Final = "https://token.actions.githubusercontent.com"
WORKFLOW: Final = "https://github.com/o/r/.github/workflows/catalog.yml@refs/heads/main"
_ECDSA: Final = ec.ECDSA(hashes.SHA256())
_FULCIO: Final = "1.3.6.1.4.1.57264.1"
_EMBEDDED_SCT: Final = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_POLICY: Final = "1.3.6.1.4.1.57264.2"
_GITHUB: Final = "https://github.com/"
_RAW: Final = {"event_name": 2, "sha": 3, "workflow": 4, "repository": 5, "ref": 6}
"""Claims by the last number of their extension in the first form, which is bare text."""
_UTF8: Final = {"event_name": 20, "sha": 13, "ref": 14, "runner_environment": 11, "repository_id": 15,
                "repository_owner_id": 17}  # fmt: skip
"""The same in the present form, DER text."""

Answer = tuple[int, str, bytes]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "chora-test"),
                      x509.NameAttribute(NameOID.COMMON_NAME, common)])  # fmt: skip


def _signs_only() -> x509.KeyUsage:
    return x509.KeyUsage(True, False, False, False, False, False, False, False, False)


class Tree:
    """A Merkle tree of RFC 6962, section 2.1."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []

    def append(self, leaf: bytes) -> int:
        """Add a leaf and return its number."""
        self.leaves.append(sha256(b"\0" + leaf))
        return len(self.leaves) - 1

    def root(self, low: int = 0, high: int | None = None) -> bytes:
        """Return the hash over the leaves from `low` to before `high`."""
        high = len(self.leaves) if high is None else high
        if high - low == 1:
            return self.leaves[low]
        half = 1 << ((high - low - 1).bit_length() - 1)
        return sha256(b"\1" + self.root(low, low + half) + self.root(low + half, high))

    def proof(self, number: int, low: int = 0, high: int | None = None) -> list[bytes]:
        """Return the hashes beside the way from a leaf to the root."""
        high = len(self.leaves) if high is None else high
        if high - low == 1:
            return []
        half = 1 << ((high - low - 1).bit_length() - 1)
        if number < low + half:
            return [*self.proof(number, low, low + half), self.root(low + half, high)]
        return [*self.proof(number, low + half, high), self.root(low, low + half)]


class LocalSigstore:
    """All of it in one server. `now` is its clock; version 2 of Rekor needs the timestamp authority."""

    def __init__(self, rekor: int = 1, *, timestamps: bool = True,
                 now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:  # fmt: skip
        self.rekor, self.timestamps, self.now = rekor, timestamps, now
        self._lock, self._tree = threading.Lock(), Tree()
        self._issuer, self._ca_key, self._ct_key, self._log_key, self._tsa_key, self._tsa_root_key = (
            new_key() for _ in range(6)
        )
        self._ca = self._authority("fulcio", self._ca_key)
        self._tsa_root = self._authority("tsa-root", self._tsa_root_key)
        self._tsa = self._timestamper()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._host = self.url.removeprefix("http://")
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()

    def token(self, subject: str = WORKFLOW, **claims: str) -> str:
        """Return an identity token as GitHub Actions gives one, with the `claims` in place of the usual ones."""
        now = int(self.now().timestamp())
        usual = {
            "iss": ISSUER, "sub": subject, "aud": "sigstore", "iat": now, "nbf": now - 5, "exp": now + 600,
            "repository": "o/r", "ref": "refs/heads/main", "event_name": "schedule", "sha": "a" * 40,
            "workflow": "catalog", "job_workflow_ref": subject.removeprefix(_GITHUB),
            "runner_environment": "github-hosted", "repository_id": "1", "repository_owner_id": "2",
        }  # fmt: skip
        return jwt.encode({**usual, **claims}, self._issuer, algorithm="ES256")

    def config(self) -> bytes:
        """Return the client's trust configuration: what to believe, and where to sign."""
        start = (self.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

        def log(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
            public = {"rawBytes": b64(spki(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": {"start": start}}
            return {"baseUrl": self.url, "hashAlgorithm": "SHA2_256", "publicKey": public,
                    "logId": {"keyId": b64(sha256(spki(key)))}}  # fmt: skip

        def authority(*chain: x509.Certificate) -> dict[str, Any]:
            listed = [{"rawBytes": b64(one.public_bytes(Encoding.DER))} for one in chain]
            return {"subject": {"organization": "chora-test", "commonName": "x"}, "uri": self.url,
                    "certChain": {"certificates": listed}, "validFor": {"start": start}}  # fmt: skip

        def service(version: int, path: str = "") -> dict[str, Any]:
            return {
                "url": self.url + path,
                "majorApiVersion": version,
                "validFor": {"start": start},
                "operator": "test",
            }

        value = {
            "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
            "trustedRoot": {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [log(self._log_key)],
                "ctlogs": [log(self._ct_key)],
                "certificateAuthorities": [authority(self._ca)],
                "timestampAuthorities": [authority(self._tsa, self._tsa_root)],
            },
            "signingConfig": {
                "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
                "caUrls": [service(1)],
                "oidcUrls": [service(1)],
                "rekorTlogUrls": [service(self.rekor)],
                "tsaUrls": [service(1, "/api/v1/timestamp")] if self.timestamps else [],
                "rekorTlogConfig": {"selector": "ANY"},
                "tsaConfig": {"selector": "ANY"},
            },
        }
        return json.dumps(value).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ways: dict[str, Callable[[bytes, str], Answer]] = {
            "/api/v2/signingCert": self._certify,
            "/api/v1/log/entries": self._log_v1,
            "/api/v2/log/entries": self._log_v2,
            "/api/v1/timestamp": self._timestamp,
        }

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, *args: object) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                way = ways.get(self.path, lambda body, token: (404, "text/plain", b"no"))
                try:
                    status, kind, answer = way(body, self.headers.get("authorization", ""))
                except Exception as error:  # what a service does not like it answers with 400
                    status, kind, answer = 400, "application/json", json.dumps({"message": repr(error)}).encode()
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        return Handler

    def _authority(self, common: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(_name(common))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now() - timedelta(days=1))
            .not_valid_after(self.now() + timedelta(days=3650))
            .add_extension(x509.BasicConstraints(True, 1), True)
            .add_extension(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .sign(key, hashes.SHA256())
        )

    def _timestamper(self) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(_name("tsa"))
            .issuer_name(self._tsa_root.subject)
            .public_key(self._tsa_key.public_key())
            .serial_number(7)
            .not_valid_before(self.now() - timedelta(days=1))
            .not_valid_after(self.now() + timedelta(days=365))
            .add_extension(_signs_only(), True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._tsa_root_key.public_key()), False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._tsa_key.public_key()), False)
            .sign(self._tsa_root_key, hashes.SHA256())
        )

    def _certify(self, body: bytes, token: str) -> Answer:
        """Fulcio: a certificate of ten minutes for whom the token names, logged before it is given."""
        claims = jwt.decode(
            token.removeprefix("Bearer "), self._issuer.public_key(), algorithms=["ES256"], audience="sigstore"
        )
        asked = x509.load_pem_x509_csr(base64.b64decode(json.loads(body)["certificateSigningRequest"]))
        if not asked.is_signature_valid:
            raise ValueError("the request is not signed by its key")
        now = self.now().replace(microsecond=0)
        subject: x509.GeneralName = (
            x509.RFC822Name(claims["email"]) if "email" in claims else x509.UniformResourceIdentifier(claims["sub"])
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self._ca.subject)
            .public_key(asked.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + timedelta(minutes=10))
            .add_extension(_signs_only(), True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)
            .add_extension(x509.SubjectAlternativeName([subject]), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(asked.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._ca_key.public_key()), False)
        )
        for number, value in _said(claims):
            extension = x509.UnrecognizedExtension(ObjectIdentifier(f"{_FULCIO}.{number}"), value)
            builder = builder.add_extension(extension, False)
        embedded = self._sct(builder.sign(self._ca_key, hashes.SHA256()).tbs_certificate_bytes, now)
        certificate = builder.add_extension(x509.UnrecognizedExtension(_EMBEDDED_SCT, embedded), False).sign(
            self._ca_key, hashes.SHA256()
        )
        chain = [one.public_bytes(Encoding.PEM).decode() for one in (certificate, self._ca)]
        answer = {"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}
        return 200, "application/json", json.dumps(answer).encode()

    def _sct(self, certificate: bytes, now: datetime) -> bytes:
        """Return the certificate log's promise (RFC 6962, section 3.2) as the extension holds it."""
        moment = int(now.timestamp() * 1000)
        entry = sha256(spki(self._ca_key)) + len(certificate).to_bytes(3, "big") + certificate
        signature = self._ct_key.sign(struct.pack("!BBQH", 0, 0, moment, 1) + entry + b"\0\0", _ECDSA)
        promise = struct.pack("!B32sQH", 0, sha256(spki(self._ct_key)), moment, 0)
        promise += b"\x04\x03" + struct.pack("!H", len(signature)) + signature
        listed = struct.pack("!HH", len(promise) + 2, len(promise)) + promise
        return bytes(core.OctetString(listed).dump())

    def _logged(self, body: bytes) -> tuple[int, int, bytes, list[bytes], str]:
        """Add an entry; return its number, the size, the root, the proof, and the signed checkpoint."""
        with self._lock:
            number = self._tree.append(body)
            size, root, proof = len(self._tree.leaves), self._tree.root(), self._tree.proof(number)
        note = f"{self._host}\n{size}\n{b64(root)}\n"
        signature = sha256(spki(self._log_key))[:4] + self._log_key.sign(note.encode(), _ECDSA)
        return number, size, root, proof, f"{note}\n\u2014 {self._host} {b64(signature)}\n"

    def _log_v1(self, body: bytes, token: str) -> Answer:
        entry = json.loads(body)
        if entry["kind"] == "dsse":
            entry = _canonical_dsse(entry["spec"]["proposedContent"])
        canonical = rfc8785.dumps(entry)
        number, size, root, proof, checkpoint = self._logged(canonical)
        log_id = sha256(spki(self._log_key)).hex()
        said = {"body": b64(canonical), "integratedTime": int(self.now().timestamp()), "logID": log_id,
                "logIndex": number}  # fmt: skip
        inclusion = {"checkpoint": checkpoint, "hashes": [one.hex() for one in proof], "logIndex": number,
                     "rootHash": root.hex(), "treeSize": size}  # fmt: skip
        promise = b64(self._log_key.sign(rfc8785.dumps(said), _ECDSA))
        verification = {"signedEntryTimestamp": promise, "inclusionProof": inclusion}
        return 201, "application/json", json.dumps({f"{number:064x}": {**said, "verification": verification}}).encode()

    def _log_v2(self, body: bytes, token: str) -> Answer:
        asked = json.loads(body)["hashedRekordRequestV002"]
        data = {"algorithm": "SHA2_256", "digest": asked["digest"]}
        spec = {"hashedRekordV002": {"data": data, "signature": asked["signature"]}}
        canonical = rfc8785.dumps({"apiVersion": "0.0.2", "kind": "hashedrekord", "spec": spec})
        number, size, root, proof, checkpoint = self._logged(canonical)
        answer = {
            "logIndex": str(number),
            "logId": {"keyId": b64(sha256(spki(self._log_key)))},
            "kindVersion": {"kind": "hashedrekord", "version": "0.0.2"},
            "canonicalizedBody": b64(canonical),
            "inclusionProof": {
                "logIndex": str(number),
                "treeSize": str(size),
                "rootHash": b64(root),
                "hashes": [b64(one) for one in proof],
                "checkpoint": {"envelope": checkpoint},
            },
        }
        return 201, "application/json", json.dumps(answer).encode()

    def _timestamp(self, body: bytes, token: str) -> Answer:
        """The timestamp authority: a signed word about when it saw a digest (RFC 3161, RFC 5816)."""
        asked = tsp.TimeStampReq.load(body)
        said: dict[str, Any] = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": asked["message_imprint"],
            "serial_number": x509.random_serial_number() >> 96,
            "gen_time": self.now().replace(microsecond=0),
        }
        if asked["nonce"].native is not None:
            said["nonce"] = asked["nonce"].native
        info = tsp.TSTInfo(said)
        der = self._tsa.public_bytes(Encoding.DER)
        certificate = asn1_x509.Certificate.load(der)
        by = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": sha256(der)})]})
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [sha256(info.dump())]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [by]}),
            ]
        )
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}}
            ),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": self._tsa_key.sign(attributes.dump(), _ECDSA),
        }
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [{"algorithm": "sha256"}],
                "encap_content_info": {
                    "content_type": "tst_info",
                    "content": cms.ParsableOctetString(info.dump()),
                },
                "certificates": [certificate] if asked["cert_req"].native else None,
                "signer_infos": [signer],
            }
        )
        token_info = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        answer = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token_info})
        return 200, "application/timestamp-reply", answer.dump()


def _said(claims: dict[str, Any]) -> list[tuple[int, bytes]]:
    """Return what a certificate says of a token, by the last number of its extension."""

    def utf8(text: str) -> bytes:
        return bytes(core.UTF8String(text).dump())

    found = [(1, claims["iss"].encode()), (8, utf8(claims["iss"]))]
    found += [(number, claims[name].encode()) for name, number in _RAW.items() if name in claims]
    found += [(number, utf8(claims[name])) for name, number in _UTF8.items() if name in claims]
    if "repository" in claims:
        found.append((12, utf8(_GITHUB + claims["repository"])))
    if "job_workflow_ref" in claims:
        found.append((9, utf8(_GITHUB + claims["job_workflow_ref"])))
    return found


def _canonical_dsse(proposed: dict[str, Any]) -> dict[str, Any]:
    """Return what Rekor v1 keeps of an envelope: its digests and signatures, never itself."""
    envelope = json.loads(proposed["envelope"])
    pairs = zip(envelope["signatures"], proposed["verifiers"], strict=True)
    payload = sha256(base64.b64decode(envelope["payload"])).hex()
    spec = {
        "envelopeHash": {"algorithm": "sha256", "value": sha256(proposed["envelope"].encode()).hex()},
        "payloadHash": {"algorithm": "sha256", "value": payload},
        "signatures": [{"signature": one["sig"], "verifier": verifier} for one, verifier in pairs],
    }
    return {"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}
