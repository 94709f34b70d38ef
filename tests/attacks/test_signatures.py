"""What somebody may do to a signed head, and what a reader answers: each attack its own message, in both profiles."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.exceptions import UnverifiedSignatureError
from tuf.api.metadata import Metadata, Timestamp

from chora_catalog.edge.signing import verify_metadata
from chora_catalog.edge.signing.identities import services_of, verifier_of
from chora_catalog.edge.signing.pinned import PinnedKey
from chora_catalog.edge.signing.roots import own_root
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.trust import Freshness, Known, Trusted
from tests.local_sigstore import ISSUER, WORKFLOW, LocalSigstore
from tests.signed_head import (
    FILES,
    NOON,
    Publisher,
    digest,
    identity_root,
    identity_signer,
    key_root,
    key_signer,
    keyless_publisher,
)

Head = dict[str, bytes]
STAMP = "metadata/timestamp.json"
LATER = NOON + timedelta(minutes=30)
OTHER = {**FILES, "index.html": b"<p>Another</p>\n"}


@pytest.fixture(scope="module")
def services() -> Iterator[dict[int, LocalSigstore]]:
    """A Sigstore with each version of its log."""
    made = {version: LocalSigstore(version) for version in (1, 2)}
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
def sigstore(services: dict[int, LocalSigstore]) -> LocalSigstore:
    return services[2]


@pytest.fixture(params=["key", "keyless-1", "keyless-2"])
def publisher(request: pytest.FixtureRequest, services: dict[int, LocalSigstore]) -> Publisher:
    """A publisher of each profile that has signed once; `keyless` with each version of the log."""
    profile, _, version = str(request.param).partition("-")
    made = keyless_publisher(services[int(version)]) if profile == "keyless" else Publisher()
    made.sign()
    return made


def known(accepted: Trusted) -> Known:
    return Known(sequence=accepted.sequence, root=accepted.root, timestamp_sha256=accepted.timestamp_sha256)


def refusal(head: Head, root: bytes, **asked: Any) -> ChoraError:
    """What a reader answers who does not accept `head`."""
    with pytest.raises(ChoraError) as caught:
        verify_metadata(head, root=root, **{"as_of": NOON, **asked})
    assert caught.value.hint
    return caught.value


def path_of(head: Head, ending: str) -> str:
    return next(path for path in head if path.endswith(ending))


def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    value = json.loads(data)
    change(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def test_an_honest_head_is_accepted_with_what_it_says(publisher: Publisher) -> None:
    trusted = verify_metadata(publisher.head, root=publisher.root, as_of=NOON + timedelta(seconds=41))
    assert (trusted.sequence, trusted.root_version, trusted.checked_at) == (1, 1, "2026-11-26T12:00:00Z")
    assert trusted.freshness_at(NOON + timedelta(hours=1)) is Freshness.FRESH
    assert trusted.freshness_at(NOON + timedelta(hours=1, seconds=1)) is Freshness.STALE
    assert trusted.freshness_at(NOON + timedelta(minutes=91)) is Freshness.ALERT
    assert trusted.freshness_at(NOON + timedelta(days=7)) is Freshness.EXPIRED
    assert digest(trusted.index) == trusted.index_sha256
    assert trusted.signer


def test_an_unchanged_catalog_is_signed_anew_by_its_timestamp_alone(publisher: Publisher) -> None:
    before = dict(publisher.head)
    after = publisher.sign(as_of=LATER)
    assert {path for path in after if after[path] != before.get(path)} == {STAMP}
    assert publisher.accepted is not None
    assert publisher.accepted.sequence == 2


def test_what_soon_expires_is_signed_anew_although_nothing_changed(publisher: Publisher) -> None:
    after = publisher.sign(as_of=NOON + timedelta(days=61))
    assert {"metadata/2.targets.json", "metadata/2.snapshot.json"} <= after.keys()


def test_another_key_is_refused(publisher: Publisher) -> None:
    stranger = Publisher(roots=[key_root("stranger", "stranger")], signer=lambda: key_signer("stranger"))
    stranger.sign()
    said = refusal(stranger.head, publisher.root)
    assert said.code is Exit.NO
    assert "is not the one that you trust" in said.what
    # The same root, and the rest by somebody else.
    mixed = {**stranger.head, "metadata/1.root.json": publisher.root}
    said = refusal(mixed, publisher.root)
    assert said.code is Exit.NO
    assert "the timestamp is signed by a key that is not trusted" in said.what


def test_an_edited_expiry_is_refused(publisher: Publisher) -> None:
    stamp = edited(publisher.head[STAMP], lambda value: value["signed"].update(expires="2036-01-01T00:00:00Z"))
    said = refusal({**publisher.head, STAMP: stamp}, publisher.root)
    assert said.code is Exit.NO
    assert "the timestamp is not signed by whom you trust: expected" in said.what


def test_an_expired_head_cannot_be_judged_and_says_its_age(publisher: Publisher) -> None:
    said = refusal(publisher.head, publisher.root, as_of=NOON + timedelta(days=9, hours=3))
    assert said.code is Exit.CANNOT_TELL
    assert "it expired 2 d 3 h ago (it was valid until 2026-12-03T12:00:00Z)" in said.what
    assert verify_metadata(
        publisher.head, root=publisher.root, as_of=NOON + timedelta(days=9), allow_expired=True
    ).sequence


def test_an_expired_root_cannot_be_judged(publisher: Publisher) -> None:
    said = refusal(publisher.head, publisher.root, as_of=NOON + timedelta(days=366))
    assert said.code is Exit.CANNOT_TELL
    assert "its newest root expired 1 d ago" in said.what


def test_a_head_of_the_future_cannot_be_judged(publisher: Publisher) -> None:
    assert verify_metadata(publisher.head, root=publisher.root, as_of=NOON - timedelta(minutes=5))
    said = refusal(publisher.head, publisher.root, as_of=NOON - timedelta(minutes=6))
    assert said.code is Exit.CANNOT_TELL
    assert "6 min after the present time here" in said.what


def test_a_rolled_back_head_is_refused_by_who_remembers(publisher: Publisher) -> None:
    old = dict(publisher.head)
    publisher.sign(OTHER, as_of=LATER)
    assert publisher.accepted is not None
    said = refusal(old, publisher.root, as_of=LATER, known=known(publisher.accepted))
    assert said.code is Exit.NO
    assert "sequence 1 is older than 2" in said.what
    assert verify_metadata(publisher.head, root=publisher.root, as_of=LATER, known=known(publisher.accepted))


def test_two_heads_of_one_sequence_are_refused(publisher: Publisher) -> None:
    assert publisher.accepted is not None
    twin = Publisher(roots=list(publisher.roots), signer=publisher.signer)
    twin.sign(OTHER)
    said = refusal(twin.head, publisher.root, known=known(publisher.accepted))
    assert said.code is Exit.NO
    assert "sequence 1 was accepted before with another content" in said.what


def test_mixed_generations_are_refused(publisher: Publisher) -> None:
    old = dict(publisher.head)
    new = publisher.sign(OTHER, as_of=LATER)
    said = refusal({**old, STAMP: new[STAMP]}, publisher.root, as_of=LATER)
    assert said.code is Exit.NO
    assert "metadata/2.snapshot.json is missing, and the timestamp names it" in said.what
    for ending, name in ((".snapshot.json", "the snapshot"), (".targets.json", "the list of targets")):
        said = refusal({**new, path_of(new, ending): old[path_of(old, ending)]}, publisher.root, as_of=LATER)
        assert f"{name} is not the one that" in said.what
    for ending, name in ((".index.json", "the index"), (".provenance.json", "the statement of provenance")):
        said = refusal({**new, path_of(new, ending): old[path_of(old, ending)]}, publisher.root, as_of=LATER)
        assert f"{name} does not match what was signed" in said.what


def test_a_missing_part_is_refused(publisher: Publisher) -> None:
    for path in publisher.head:
        said = refusal({name: data for name, data in publisher.head.items() if name != path}, publisher.root)
        assert said.code is Exit.NO
        assert "missing" in said.what or "carries no root" in said.what


def test_an_extra_part_is_refused_and_what_a_killed_signing_left_is_not(publisher: Publisher) -> None:
    head = publisher.head
    for path in ("metadata/9.targets.json", f"targets/{'0' * 64}.index.json"):
        assert f"mirror/{path} is nothing that was signed" in refusal({**head, path: b"x"}, publisher.root).what
        assert verify_metadata({**head, path: b"x"}, root=publisher.root, as_of=NOON, exact=False)
    for path in ("metadata/x.json", "targets/evil.html", "metadata/../x", "x"):
        said = refusal({**head, path: b"x"}, publisher.root, exact=False)
        assert "is nothing that was signed" in said.what


def test_a_part_of_endless_length_is_refused(publisher: Publisher) -> None:
    said = refusal({**publisher.head, STAMP: publisher.head[STAMP] + b" " * 10**6}, publisher.root)
    assert "more than such a file ever has" in said.what


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[" * 60_000, b"\xff", b'{"signatures":[],"signed":{}}'])
def test_what_is_no_metadata_is_refused(publisher: Publisher, data: bytes) -> None:
    for path in ("metadata/1.root.json", STAMP):
        assert "is no signed metadata" in refusal({**publisher.head, path: data}, publisher.root).what
    with pytest.raises(ChoraError) as caught:
        verify_metadata(publisher.head, root=data, as_of=NOON)
    assert caught.value.code is Exit.USAGE


def test_another_spelling_of_the_same_metadata_is_refused(publisher: Publisher) -> None:
    stamp = publisher.head[STAMP]
    signature = json.loads(stamp)["signatures"][0]
    spelled = signature["sig"]
    other = spelled.upper() if "bundle" not in signature else spelled.replace("=", "")
    if other == spelled:
        other = spelled + "===="

    def stranger(value: Any) -> None:
        value["signatures"].append({"keyid": "0" * 64, "sig": "0" * 128})

    spellings = [
        stamp + b"\n",
        stamp.replace(b'"signed":', b'"signed": ', 1),
        stamp.replace(spelled.encode(), other.encode()),
        edited(stamp, lambda value: value.update(more=1)),
        edited(stamp, stranger),
    ]
    for spelling in spellings:
        assert refusal({**publisher.head, STAMP: spelling}, publisher.root).code is Exit.NO


def rotated(publisher: Publisher, new: bytes) -> Head:
    publisher.roots.append(new)
    return publisher.sign(OTHER, as_of=LATER)


def test_a_legitimate_rotation_of_the_online_key_is_accepted() -> None:
    publisher = Publisher()
    publisher.sign()
    publisher.signer = lambda: key_signer("online-2")
    head = rotated(publisher, key_root("root", "online-2", after=own_root(publisher.root)))
    trusted = verify_metadata(head, root=publisher.root, as_of=LATER)
    assert (trusted.sequence, trusted.root_version) == (2, 2)
    assert trusted.root == publisher.roots[1]
    # Who trusts the new root accepts it as well, and who trusts it no longer accepts what came before.
    assert verify_metadata(head, root=publisher.roots[1], as_of=LATER)


def test_a_rotation_of_the_root_key_needs_both_signatures() -> None:
    publisher = Publisher()
    old = publisher.sign()
    first = own_root(publisher.root)
    with pytest.raises(ChoraError, match="the new root would be refused"):
        key_root("root-2", after=first)
    head = rotated(publisher, key_root("root-2", after=first, old=("root",)))
    assert verify_metadata(head, root=publisher.root, as_of=LATER).root_version == 2
    assert "its newest root is 1, and you trust root 2" in refusal(old, publisher.roots[1]).what
    for one in (0, 1):
        half = edited(publisher.roots[1], lambda value, one=one: value["signatures"].pop(one))
        said = refusal({**head, "metadata/2.root.json": half}, publisher.root, as_of=LATER)
        assert said.code is Exit.NO
        assert "root 2 is not signed as" in said.what
        assert "0/1 keys" in said.what


def test_a_chain_of_roots_with_a_gap_or_a_wrong_number_is_refused() -> None:
    publisher = Publisher()
    publisher.sign()
    head = rotated(publisher, key_root(after=own_root(publisher.root)))
    twice = {**head, "metadata/2.root.json": publisher.root}
    assert "root 2 calls itself root 1" in refusal(twice, publisher.root, as_of=LATER).what
    late = {path: data for path, data in head.items() if path != "metadata/1.root.json"}
    assert "carries no root" in refusal(late, publisher.roots[1], as_of=LATER).what


def test_who_remembers_a_root_is_not_led_back_to_the_one_before() -> None:
    publisher = Publisher()
    old = publisher.sign()
    rotated(publisher, key_root("root", "online", after=own_root(publisher.root)))
    assert publisher.accepted is not None
    remembered = Known(sequence=1, root=publisher.roots[1], timestamp_sha256=digest(old[STAMP]))
    assert "you trust root 2" in refusal(old, publisher.root, known=remembered).what


def test_time_does_not_go_back_for_who_signs(publisher: Publisher) -> None:
    with pytest.raises(ChoraError, match="after the present time here"):
        publisher.sign(as_of=NOON - timedelta(seconds=1))


REF = "https://github.com/o/r/.github/workflows/catalog.yml@refs/heads/"


def signed_by(sigstore: LocalSigstore, root: bytes, identity: str, **claims: str) -> Head:
    """A head that claims to be of `root` and is signed by another identity."""
    made = Publisher(roots=[root], signer=lambda: identity_signer(sigstore, root, identity, **claims))
    with pytest.raises(ChoraError):
        made.sign()
    return made.head


def test_another_identity_branch_or_workflow_is_refused_and_named(sigstore: LocalSigstore) -> None:
    root = identity_root(sigstore)
    others = [f"{REF}feature", f"{REF}main/x", WORKFLOW.replace("catalog.yml", "other.yml"), "https://github.com/x/y"]
    for other in others:
        said = refusal(signed_by(sigstore, root, other), root)
        assert said.code is Exit.NO
        assert f"expected {WORKFLOW} ({ISSUER}), found {other}" in said.what


def test_another_issuer_does_not_sign(sigstore: LocalSigstore) -> None:
    root = identity_root(sigstore)
    with pytest.raises(ChoraError, match="the identity token is of https://accounts"):
        identity_signer(sigstore, root, WORKFLOW, iss="https://accounts.example.org")
    with pytest.raises(ChoraError, match="the identity token is none that counts now"):
        identity_signer(sigstore, root, WORKFLOW, aud="other")


def test_the_statement_must_be_of_the_workflow_that_the_root_names(sigstore: LocalSigstore) -> None:
    """The identity is right each time; what else the certificate says is not."""
    policy = {"issuer": ISSUER, "build_signer_uri": WORKFLOW, "source_repository_uri": "https://github.com/o/r",
              "ref": "refs/heads/main", "source_repository_id": "1", "runner_environment": "github-hosted"}  # fmt: skip
    root = identity_root(sigstore, policy=policy)
    good = Publisher(roots=[root], signer=lambda: identity_signer(sigstore, root))
    assert good.sign()
    claims = {
        "job_workflow_ref": "o/r/.github/workflows/other.yml@refs/heads/main",
        "repository": "x/y",
        "ref": "refs/pull/1/merge",
        "repository_id": "9",
        "runner_environment": "self-hosted",
    }
    for claim, value in claims.items():
        said = refusal(signed_by(sigstore, root, WORKFLOW, **{claim: value}), root)
        assert said.code is Exit.NO
        assert "the statement of provenance is not signed as root 1 asks" in said.what, claim
    unknown = identity_root(sigstore, policy={"phase_of_the_moon": "full"})
    assert "what this tool does not know" in refusal(signed_by(sigstore, unknown, WORKFLOW), unknown).what


def test_another_sigstore_is_refused_and_a_new_one_comes_with_the_next_root(services: dict[int, LocalSigstore]) -> None:
    one, two = services[1], services[2]
    publisher = keyless_publisher(one)
    publisher.sign()
    stolen = signed_by(two, publisher.root, WORKFLOW)
    assert "the timestamp is not signed by whom you trust" in refusal(stolen, publisher.root).what
    publisher.signer = lambda: identity_signer(two, publisher.roots[-1])
    head = rotated(publisher, identity_root(two, after=own_root(publisher.root)))
    assert verify_metadata(head, root=publisher.root, as_of=LATER).root_version == 2


def test_a_profile_is_changed_by_the_next_root_alone(sigstore: LocalSigstore) -> None:
    publisher = Publisher()
    publisher.sign()
    assert "expected" in refusal(signed_by_key_over(sigstore), identity_root(sigstore)).what
    publisher.signer = lambda: identity_signer(sigstore, publisher.roots[-1])
    head = rotated(publisher, identity_root(sigstore, after=own_root(publisher.root)))
    assert verify_metadata(head, root=publisher.root, as_of=LATER).profile == "keyless"


def signed_by_key_over(sigstore: LocalSigstore) -> Head:
    """A head of the profile keyless whose timestamp bears a bundle of another file."""
    publisher = keyless_publisher(sigstore)
    head = dict(publisher.sign())
    snapshot = json.loads(head[path_of(head, ".snapshot.json")])["signatures"]
    head[STAMP] = edited(head[STAMP], lambda value: value.update(signatures=snapshot))
    return {**head, "metadata/1.root.json": identity_root(sigstore)}


def test_a_trusted_root_in_the_cache_of_the_user_does_not_matter(
    sigstore: LocalSigstore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own offline mode believes that file; whoever can write it would be believed in everything."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    forger = LocalSigstore(2)
    for folder in ("", ".local/share/", ".cache/"):
        cache = tmp_path / folder / "sigstore-python/tuf/https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"
        cache.mkdir(parents=True)
        (cache / "trusted_root.json").write_text(json.dumps(json.loads(forger.config())["trustedRoot"]))
    before = sorted(tmp_path.rglob("*"))
    publisher = keyless_publisher(sigstore)
    assert publisher.sign()
    forged = signed_by(forger, publisher.root, WORKFLOW)
    assert refusal(forged, publisher.root).code is Exit.NO
    assert sorted(tmp_path.rglob("*")) == before
    forger.close()


def test_an_outage_of_the_services_is_said_in_words() -> None:
    gone = LocalSigstore(2)
    publisher = keyless_publisher(gone)
    before = dict(publisher.sign())
    late = publisher.signer()
    gone.close()
    for files, signer in ((OTHER, publisher.signer), (OTHER, lambda: late), (FILES, lambda: late)):
        publisher.signer = signer
        with pytest.raises(ChoraError, match="the signing services did not sign") as caught:
            # The statement is the first to be signed; where it is kept, the timestamp is.
            publisher.sign(files, as_of=LATER)
        assert caught.value.code is Exit.CANNOT_TELL
    assert publisher.head == before


def test_a_log_entry_of_another_signature_proves_nothing(sigstore: LocalSigstore) -> None:
    """CVE-2022-36056: a bundle whose signature is good and whose log entry is of something else."""
    publisher = keyless_publisher(sigstore)
    head = publisher.sign()
    other = json.loads(head[path_of(head, ".snapshot.json")])["signatures"][0]["bundle"]["verificationMaterial"]

    def swap(value: Any) -> None:
        value["signatures"][0]["bundle"]["verificationMaterial"]["tlogEntries"] = other["tlogEntries"]

    stamp = edited(head[STAMP], swap)
    assert "the signature does not fit" in refusal({**head, STAMP: stamp}, publisher.root).what


def test_what_proves_nothing_in_a_bundle_is_refused(services: dict[int, LocalSigstore]) -> None:
    """Fields that nobody knows, a second signature under the log's root, another name of the log."""

    def entry(value: Any) -> Any:
        return value["signatures"][0]["bundle"]["verificationMaterial"]["tlogEntries"][0]

    def witness(value: Any) -> None:
        entry(value)["inclusionProof"]["checkpoint"]["envelope"] += "\u2014 witness AAAAAAAA\n"

    def name(value: Any) -> None:
        entry(value)["logId"]["keyId"] = "A" * 43 + "="

    def unknown(value: Any) -> None:
        entry(value)["more"] = 1

    def algorithm(value: Any) -> None:
        value["signatures"][0]["bundle"]["messageSignature"]["messageDigest"]["algorithm"] = "SHA2_384"

    def spelled(value: Any) -> None:
        """The same bytes in another spelling of base64, whose last letter before `=` has two bits that say nothing."""
        proof = entry(value)["inclusionProof"]
        text = proof["rootHash"]
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        proof["rootHash"] = text[:-2] + letters[letters.index(text[-2]) ^ 1] + "="

    def second_time(value: Any) -> None:
        material = value["signatures"][0]["bundle"]["verificationMaterial"]
        stamps = material.setdefault("timestampVerificationData", {}).setdefault("rfc3161Timestamps", [])
        stamps.append(other_stamp)

    newer = json.loads(keyless_publisher(services[2]).sign()[STAMP])["signatures"][0]["bundle"]
    other_stamp = newer["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"][0]
    for service in services.values():
        publisher = keyless_publisher(service)
        head = publisher.sign()
        for change in (witness, name, unknown, algorithm, spelled, second_time):
            stamp = edited(head[STAMP], change)
            assert refusal({**head, STAMP: stamp}, publisher.root).code is Exit.NO, change


def test_no_bit_of_a_signature_with_a_timestamp_changes_unseen(sigstore: LocalSigstore) -> None:
    """A share of the whole file, and every byte of what the authority wrote, which no signature covers as a whole."""
    publisher = keyless_publisher(sigstore)
    head = publisher.sign()
    stamp = head[STAMP]
    draw = random.Random(6)

    def flipped(data: bytes, at: int) -> bytes:
        return data[:at] + bytes((data[at] ^ 1 << draw.randrange(8),)) + data[at + 1 :]

    for at in draw.sample(range(len(stamp)), 100):
        refusal({**head, STAMP: flipped(stamp, at)}, publisher.root)

    trust = own_root(publisher.root)
    (key,) = trust.keys_of("timestamp")
    assert isinstance(key, PinnedKey)
    key.pin(verifier_of(trust), services_of(trust))
    metadata = Metadata[Timestamp].from_bytes(stamp)
    signature, signed = metadata.signatures[key.keyid], metadata.signed_bytes
    key.verify_signature(signature, signed)
    data = signature.unrecognized_fields["bundle"]["verificationMaterial"]["timestampVerificationData"]
    (written,) = data["rfc3161Timestamps"]
    token = base64.b64decode(written["signedTimestamp"])
    for at in range(len(token)):
        written["signedTimestamp"] = base64.b64encode(flipped(token, at)).decode()
        with pytest.raises(UnverifiedSignatureError):
            key.verify_signature(signature, signed)


def test_a_stolen_key_that_ran_ahead_is_left_behind_by_the_next_root() -> None:
    """Fast-forward: no sequence could pass that of the thief, unless new keys make it count no more."""
    publisher = Publisher()
    publisher.sign()
    assert publisher.accepted is not None
    publisher.accepted = replace(publisher.accepted, sequence=2**63 - 2)
    publisher.sign(OTHER)
    far = known(publisher.accepted)
    assert far.sequence == 2**63 - 1
    fresh = Publisher(roots=list(publisher.roots), signer=lambda: key_signer("online-2"))
    fresh.roots.append(key_root("root", "online-2", after=own_root(publisher.root)))
    head = fresh.sign(as_of=LATER)
    assert verify_metadata(head, root=publisher.root, as_of=LATER, known=far).sequence == 1
    # A new root with the old keys is no way back.
    same = Publisher(roots=[publisher.root, key_root(after=own_root(publisher.root))])
    assert "is older than" in refusal(same.sign(as_of=LATER), publisher.root, as_of=LATER, known=far).what
