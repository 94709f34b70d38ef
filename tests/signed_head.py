"""Signed heads as values: a publisher with keys that anyone can compute, worth nothing, and what it signs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chora_catalog.edge.signing import verify_metadata
from chora_catalog.edge.signing.heads import Facts, OnlineSigner, sign_head
from chora_catalog.edge.signing.identities import POLICY, TRUSTED_ROOT, trust_config
from chora_catalog.edge.signing.keyless import online_signer
from chora_catalog.edge.signing.keys import key_of_seed, public_of, signer_of
from chora_catalog.edge.signing.pinned import PinnedKey
from chora_catalog.edge.signing.provenance import PREDICATE_TYPE, STATEMENT_TYPE, sign_statement
from chora_catalog.edge.signing.roots import TrustRoot, new_root, own_root
from chora_catalog.model.mirror_index import FileEntry, MirrorIndex
from chora_catalog.model.trust import Trusted
from tests.local_sigstore import ISSUER, WORKFLOW, LocalSigstore

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
RUN = {"run.json": b'{"run": 1}\n', "run.js": b"window.choraRun = 1;\n"}
FILES = {"index.html": b"<p>Catalog</p>\n", "data/v1/index.json": b'{"entries": []}\n'}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def index_of(files: Mapping[str, bytes]) -> bytes:
    return MirrorIndex(files={path: FileEntry(digest(data), len(data)) for path, data in files.items()}).to_bytes()


def statement_of(index: bytes) -> bytes:
    value = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "index.json", "digest": {"sha256": digest(index)}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {},
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def key(word: str) -> bytes:
    """The private key of a word, in PEM."""
    return key_of_seed(hashlib.sha256(word.encode()).digest())


def key_signer(word: str) -> OnlineSigner:
    signer = signer_of(key(word), name=word)
    return OnlineSigner(metadata=signer, statement=lambda payload: sign_statement(payload, signer))


def key_root(
    root: str = "root",
    online: str = "online",
    *,
    as_of: datetime = NOON,
    after: TrustRoot | None = None,
    old: tuple[str, ...] = (),
) -> bytes:
    """A root of the profile `key`, whose keys are those of words; signed by the words `old` as well."""
    return new_root(
        root_keys=[signer_of(key(root), name=root)],
        online=[public_of(signer_of(key(online), name=online))],
        profile="key",
        extra={},
        as_of=as_of,
        before=after,
        old_keys=[signer_of(key(word), name=word) for word in old],
    )


@dataclass
class Publisher:
    """Signs one head after another; `roots` are its roots in order, `signer` makes what signs."""

    roots: list[bytes] = field(default_factory=lambda: [key_root()])
    signer: Callable[[], OnlineSigner] = lambda: key_signer("online")
    head: dict[str, bytes] = field(default_factory=dict)
    accepted: Trusted | None = None

    @property
    def root(self) -> bytes:
        return self.roots[0]

    def sign(
        self, files: Mapping[str, bytes] = FILES, *, as_of: datetime = NOON, run: Mapping[str, bytes] = RUN
    ) -> dict[str, bytes]:
        """Sign `files` at `as_of`, and return the head below `mirror/`."""
        index = index_of(files)
        self.head = sign_head(
            trust=own_root(self.roots[-1]),
            roots={f"metadata/{number}.root.json": data for number, data in enumerate(self.roots, 1)},
            signer=self.signer(),
            index=index,
            statement=lambda: statement_of(index),
            facts=Facts(
                as_of=as_of,
                ttl_seconds=3600,
                alert_seconds=5400,
                run={path: digest(data) for path, data in run.items()},
            ),
            before=self.head,
            accepted=self.accepted,
        )
        self.accepted = verify_metadata(self.head, root=self.root, as_of=as_of)
        return self.head


def identity_root(
    sigstore: LocalSigstore,
    identity: str = WORKFLOW,
    *,
    policy: Mapping[str, str] | None = None,
    as_of: datetime = NOON,
    after: TrustRoot | None = None,
) -> bytes:
    """A root of the profile `keyless`, which trusts a Sigstore on this machine and one identity in it."""
    return new_root(
        root_keys=[signer_of(key("root"), name="root")],
        online=[PinnedKey.of(identity, ISSUER)],
        profile="keyless",
        extra={
            TRUSTED_ROOT: json.loads(sigstore.config())["trustedRoot"],
            POLICY: {"issuer": ISSUER} if policy is None else dict(policy),
        },
        as_of=as_of,
        before=after,
        old_keys=[signer_of(key("root"), name="root")] if after else [],
    )


def identity_signer(sigstore: LocalSigstore, root: bytes, identity: str = WORKFLOW, **claims: str) -> OnlineSigner:
    config = trust_config(sigstore.config(), name="local")
    return online_signer(own_root(root), config, sigstore.token(identity, **claims))


def keyless_publisher(sigstore: LocalSigstore) -> Publisher:
    """A publisher that signs with the identity of a workflow."""
    root = identity_root(sigstore)
    return Publisher(roots=[root], signer=lambda: identity_signer(sigstore, root))
