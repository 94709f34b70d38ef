"""Roots of trust: who may sign what, read, made, and followed from one to the next.

A root is signed by its own keys and by those of the root before it (TUF specification, section 5.3). Exactly one
profile holds in a root: two side by side would be as weak as the weaker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from securesystemslib.signer import Key, Signer, SSlibKey
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import Metadata, Role, Root

from chora_catalog.edge.signing.pinned import PinnedKey
from chora_catalog.edge.signing.strict import AGAIN, EXTRA, extra_of, read, refuse_strangers, refused, write
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.instant_text import instant_text
from chora_catalog.model.trust import KEYLESS, PROFILES

ROOT_DAYS: Final = 365
ONLINE: Final = ("targets", "snapshot", "timestamp")
MOST_ROOTS: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustRoot:
    """A root that was read strictly, with what it says in words."""

    data: bytes = field(repr=False)
    metadata: Metadata[Root] = field(repr=False)
    profile: str
    signers: tuple[str, ...]
    """Who may sign the catalog, in words."""
    extra: Mapping[str, Any] = field(repr=False)

    @property
    def version(self) -> int:
        """Return its number, from 1."""
        return self.metadata.signed.version

    @property
    def root(self) -> Root:
        """Return what is signed."""
        return self.metadata.signed

    @property
    def sha256(self) -> str:
        """Return the digest of its bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def expires_at(self) -> str:
        """Return the end of its validity, RFC 3339 UTC."""
        return instant_text(self.root.expires)

    def keys_of(self, role: str) -> list[Key]:
        """Return the keys of `role`."""
        return [self.root.keys[keyid] for keyid in self.root.roles[role].keyids]


def own_root(data: bytes) -> TrustRoot:
    """Return the root that a reader brings; raise ChoraError (usage) where the file is none."""
    try:
        return read_root(data, name="the root of trust")
    except ChoraError as error:
        raise ChoraError(
            f"the file given as the root of trust is none: {error.what.removeprefix('rejected: ')}",
            hint="Get root.json from whoever runs the catalog, by another way than the catalog itself.",
        ) from error


def read_root(data: bytes, *, name: str) -> TrustRoot:
    """Return the root that `data` is, its signatures not yet verified; raise ChoraError (rejected) where it is none."""
    metadata = read(data, Root, name=name)
    root = metadata.signed
    extra = extra_of(root, name=name)
    profile = extra.get("profile")
    if profile not in PROFILES or not root.consistent_snapshot:
        raise refused(f"{name} was not written by this tool")
    keys = [key for role in root.roles.values() for keyid in role.keyids if (key := root.keys.get(keyid))]
    if any(keyid not in root.keys for role in root.roles.values() for keyid in role.keyids):
        raise refused(f"{name} names a key that it does not hold")
    if len({str(sorted(key.keyval.items())) for key in root.keys.values()}) != len(root.keys) or not keys:
        raise refused(f"{name} holds a key twice, which would count as two")
    online = PinnedKey if profile == KEYLESS else SSlibKey
    for role, kind in (("root", SSlibKey), *((role, online) for role in ONLINE)):
        if not all(
            isinstance(root.keys[keyid], kind) and _is_ours(root.keys[keyid]) for keyid in root.roles[role].keyids
        ):
            raise refused(f"{name} lets a kind of key sign ({role}) that its profile ({profile}) does not know")
    signers = tuple(sorted({spoken(root.keys[keyid]) for keyid in root.roles["timestamp"].keyids}))
    return TrustRoot(data=data, metadata=metadata, profile=profile, signers=signers, extra=extra)


def _is_ours(key: Key) -> bool:
    return isinstance(key, PinnedKey) or (key.keytype, key.scheme) == ("ed25519", "ed25519")


def spoken(key: Key) -> str:
    """Return who signs with `key`, in words."""
    if isinstance(key, PinnedKey):
        return f"{key.keyval['identity']} ({key.keyval['issuer']})"
    return f"key {key.keyid[:8]}"


def follow(files: Mapping[str, bytes], pins: Sequence[TrustRoot]) -> TrustRoot:
    """Return the newest root below `metadata/` in `files`, after its whole chain was verified.

    `pins` are the roots that the reader trusts: the chain must hold each of them as it is. Roots before the first of
    them prove nothing to the reader; their signatures are verified all the same, so that each byte counts. Raise
    ChoraError (rejected).
    """
    chain = [read_root(files[path], name=f"root {n}") for n, path in _paths(files)]
    if not chain:
        raise refused("it is not signed: it carries no root", hint="Sign it with: chora sign SITE --trust DIR")
    newest = chain[-1]
    for pin in pins:
        if pin.version > newest.version:
            raise refused(
                f"its newest root is {newest.version}, and you trust root {pin.version}: it is older than that",
                hint="Get a newer copy.",
            )
        if chain[pin.version - 1].data != pin.data:
            raise refused(
                f"its root {pin.version} (sha256 {chain[pin.version - 1].sha256[:16]}) is not the one that you trust "
                f"(sha256 {pin.sha256[:16]})",
                hint="Is it the catalog you mean? If so, ask whoever runs it for its root, by another way.",
            )
    before: TrustRoot | None = None
    for n, item in enumerate(chain, 1):
        if item.version != n:
            raise refused(f"root {n} calls itself root {item.version}")
        _verify(item, before)
        before = item
    return newest


def _paths(files: Mapping[str, bytes]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    while len(found) < MOST_ROOTS and (path := f"metadata/{len(found) + 1}.root.json") in files:
        found.append((len(found) + 1, path))
    return found


def _verify(item: TrustRoot, before: TrustRoot | None) -> None:
    name = f"root {item.version}"
    allowed = {key.keyid for root in (before, item) if root for key in root.keys_of("root")}
    refuse_strangers(item.metadata, allowed, name=name)
    for judge, whose in ((before, f"root {item.version - 1}"), (item, "itself")):
        if judge is None:
            continue
        try:
            judge.root.verify_delegate("root", item.metadata.signed_bytes, item.metadata.signatures)
        except UnsignedMetadataError as error:
            raise refused(
                f"{name} is not signed as {whose} asks: {str(error).removeprefix('root was ')}",
                hint="A new root needs the signatures of the old root's keys and of its own. " + AGAIN,
            ) from error
        except Exception as error:  # a signature that cannot even be tried is none
            raise refused(f"{name} is not signed as {whose} asks: a signature in it cannot be read") from error


def new_root(
    *,
    root_keys: Sequence[Signer],
    online: Sequence[Key],
    profile: str,
    extra: Mapping[str, Any],
    as_of: datetime,
    before: TrustRoot | None = None,
    old_keys: Sequence[Signer] = (),
) -> bytes:
    """Return a root valid for a year from `as_of` on: number one, or the one after `before`.

    It is signed by `root_keys`, which may sign the next, and by `old_keys`, those of the root before. Raise ChoraError
    where that does not meet what the root before asks.
    """
    roots = {signer.public_key.keyid: signer for signer in root_keys}
    online_ids = [key.keyid for key in online]
    root = Root(
        version=before.version + 1 if before else 1,
        expires=as_of.astimezone(UTC) + timedelta(days=ROOT_DAYS),
        keys={key.keyid: key for key in (*(signer.public_key for signer in root_keys), *online)},
        roles={"root": Role(list(roots), len(roots)), **{role: Role(online_ids, 1) for role in ONLINE}},
        consistent_snapshot=True,
        unrecognized_fields={EXTRA: {"profile": profile, **extra}},
    )
    metadata = Metadata(root)
    for signer in {**{signer.public_key.keyid: signer for signer in old_keys}, **roots}.values():
        metadata.sign(signer, append=True)
    made = read_root(write(metadata), name="the new root")
    try:
        _verify(made, before)
    except ChoraError as error:
        raise ChoraError(
            f"the new root would be refused: {error.what.removeprefix('rejected: ')}",
            hint="Name the keys of the root before: they sign their successor.",
            code=Exit.USAGE,
        ) from error
    return made.data
