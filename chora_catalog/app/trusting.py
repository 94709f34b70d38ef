"""Trust folders: made, shown, and led on to a new root."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chora_catalog.edge import files, trust_folder
from chora_catalog.errors import ChoraError
from chora_catalog.model.trust import KEY, KEYLESS

if TYPE_CHECKING:
    from securesystemslib.signer import Key, Signer

    from chora_catalog.edge.signing.roots import TrustRoot

GITHUB_ISSUER: Final = "https://token.actions.githubusercontent.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who shall sign: a new key, or an identity of an issuer with what its certificate must say besides."""

    name: str
    identity: str = ""
    issuer: str = ""
    trust_config: Path | None = None
    """The configuration of a Sigstore client; None means the public one that came with the library."""
    policy: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A root of trust in words."""

    version: int
    profile: str
    signers: tuple[str, ...]
    sha256: str
    expires_at: str
    place: str


def init(folder: Path, profile: Profile, *, as_of: datetime, seeds: Mapping[str, bytes] | None = None) -> Shown:
    """Make the trust folder `folder` with the first root; nothing that is there is written over.

    `seeds` are the bytes (32 each) of the keys `root` and `online`, for a demonstration whose keys everybody may know;
    without them keys are drawn at random. Raise ChoraError (usage) where something of a trust folder is there already,
    or the profile lacks something.
    """
    from chora_catalog.edge.signing.keys import key_of_seed, new_key, signer_of
    from chora_catalog.edge.signing.roots import new_root

    if trust_folder.read(folder, trust_folder.ROOT) is not None:
        raise ChoraError(
            f"{folder} is a trust folder already", hint=f"Show it with: chora trust show {folder}; or name another."
        )
    fresh = {kind: key_of_seed(seed) for kind, seed in (seeds or {}).items()}
    root_key = fresh.get("root") or new_key()
    online_key = (fresh.get("online") or new_key()) if profile.name == KEY else b""
    online, extra, config = _online(profile, online_key)
    data = new_root(
        root_keys=[signer_of(root_key, name="the new root key")],
        online=online,
        profile=profile.name,
        extra=extra,
        as_of=as_of,
    )
    _write_keys(folder, 1, root_key=root_key, online_key=online_key)
    if config:
        trust_folder.write_new(folder, trust_folder.SIGSTORE, config)
    trust_folder.write_new(folder, trust_folder.ROOT, data)
    return _shown(data, folder / trust_folder.ROOT)


def rotate(
    folder: Path,
    *,
    as_of: datetime,
    new_root_key: bool = False,
    new_online_key: bool = False,
    to: Profile | None = None,
) -> Shown:
    """Write the next root into the trust folder, signed by the keys of the present one and by its own.

    It holds new keys where they are asked for, another profile with `to`, and is valid for another year in any case.
    Raise ChoraError where a key that has to sign is not in the folder.
    """
    from chora_catalog.edge.signing.keys import new_key, signer_of
    from chora_catalog.edge.signing.roots import new_root

    present = own(folder)
    number = present.version + 1
    old = _root_signers(folder, present)
    root_key = new_key() if new_root_key else b""
    online_key = b""
    config = b""
    if to is None and not new_online_key:
        online: list[Key] = present.keys_of("timestamp")
        profile, extra = present.profile, {name: value for name, value in present.extra.items() if name != "profile"}
    else:
        asked = to or Profile(name=present.profile)
        if asked.name == KEYLESS and to is None:
            raise ChoraError(
                "this catalog is signed by an identity, so there is no key to replace",
                hint="Say whose identity shall sign: chora trust rotate --profile keyless --identity ... --issuer ...",
            )
        online_key = new_key() if asked.name == KEY else b""
        online, extra, config = _online(asked, online_key)
        profile = asked.name
    roots: list[Signer] = [signer_of(root_key, name="the new root key")] if root_key else old
    data = new_root(
        root_keys=roots, online=online, profile=profile, extra=extra, as_of=as_of, before=present, old_keys=old
    )
    # What a stop in between leaves behind are keys that no root names: the next try draws others and numbers them so.
    _write_keys(folder, number, root_key=root_key, online_key=online_key)
    kept = trust_folder.root_path(present.version)
    if trust_folder.read(folder, kept) is None:
        trust_folder.write_new(folder, kept, present.data)
    if config:
        files.write_own(folder / trust_folder.SIGSTORE, config, what="the services to sign with")
    trust_folder.replace_root(folder, data)
    return _shown(data, folder / trust_folder.ROOT)


def show(place: Path) -> Shown:
    """Return what a trust folder, or a root by itself, says; raise ChoraError (usage) where it is none."""
    from chora_catalog.edge.signing.roots import own_root

    if place.is_dir():
        return _shown(own(place).data, place / trust_folder.ROOT)
    hint = "Name a trust folder, or its root.json."
    return _shown(own_root(files.read_own(place, what="the root of trust", hint=hint)).data, place)


def own(folder: Path) -> TrustRoot:
    """Return the newest root of a trust folder; raise ChoraError (usage) where there is none."""
    from chora_catalog.edge.signing.roots import own_root

    data = trust_folder.read(folder, trust_folder.ROOT)
    if data is None:
        raise ChoraError(
            f"{folder} is no trust folder: it holds no root.json",
            hint=f"Make one with: chora trust init --profile key --output {folder}",
        )
    return own_root(data)


def chain(folder: Path, newest: TrustRoot) -> dict[int, bytes]:
    """Return the roots in a trust folder by number, as far as they are there."""
    found = {newest.version: newest.data}
    for number in range(1, newest.version):
        data = trust_folder.read(folder, trust_folder.root_path(number))
        if data is not None:
            found[number] = data
    return found


def _online(profile: Profile, online_key: bytes) -> tuple[list[Key], dict[str, Any], bytes]:
    """Return who may sign the catalog, what the root says besides, and the services to sign with."""
    from chora_catalog.edge.signing.keys import public_of, signer_of

    if profile.name == KEY:
        return [public_of(signer_of(online_key, name="the new key"))], {}, b""
    from chora_catalog.edge.signing import identities
    from chora_catalog.edge.signing.pinned import PinnedKey

    if not profile.identity or not profile.issuer:
        raise ChoraError(
            "the profile keyless needs to know who signs: an identity and its issuer",
            hint="In GitHub Actions: --identity https://github.com/OWNER/REPO/.github/workflows/catalog.yml@refs/heads/"
            f"main --issuer {GITHUB_ISSUER}",
        )
    if profile.trust_config is None:
        config, name = identities.public_good(), "the library's own"
    else:
        name = str(profile.trust_config)
        config = files.read_own(profile.trust_config, what="the trust configuration", hint="Name its file.")
    identities.trust_config(config, name=name)
    policy = dict(profile.policy) or _policy_of(profile)
    unknown = sorted(policy.keys() - identities.POLICIES.keys())
    if unknown:
        raise ChoraError(
            f"{unknown[0]!a} is nothing that a certificate can be asked for",
            hint=f"There are: {', '.join(sorted(identities.POLICIES))}.",
        )
    extra = {identities.TRUSTED_ROOT: json.loads(config)["trustedRoot"], identities.POLICY: policy}
    return [PinnedKey.of(profile.identity, profile.issuer)], extra, config


def _policy_of(profile: Profile) -> dict[str, str]:
    """Return what an identity says by itself: for a workflow its repository and branch, else the issuer alone."""
    policy = {"issuer": profile.issuer}
    workflow, _, ref = profile.identity.partition("@")
    repository, inside, _ = workflow.partition("/.github/workflows/")
    if inside and ref and profile.issuer == GITHUB_ISSUER:
        policy |= {"build_signer_uri": profile.identity, "source_repository_uri": repository, "ref": ref}
    return policy


def _root_signers(folder: Path, root: TrustRoot) -> list[Signer]:
    """Return what signs for the root, out of the keys in the folder; raise ChoraError where too few are there."""
    from chora_catalog.edge.signing.keys import signer_of

    wanted = root.root.roles["root"].keyids
    found: list[Signer] = [
        signer
        for name, pem in trust_folder.private_keys(folder, "root").items()
        if (signer := signer_of(pem, name=name)).public_key.keyid in wanted
    ]
    if len(found) < root.root.roles["root"].threshold:
        raise ChoraError(
            f"the key that signs roots is not in {folder / 'keys'}",
            hint="Bring it there for as long as this takes: root.pem of the folder that `chora trust init` made.",
        )
    return found


def _write_keys(folder: Path, number: int, *, root_key: bytes, online_key: bytes) -> None:
    for kind, key in (("root", root_key), ("online", online_key)):
        if key:
            trust_folder.write_new(folder, trust_folder.key_path(kind, number), key, private=True)


def _shown(data: bytes, place: Path) -> Shown:
    from chora_catalog.edge.signing.roots import own_root

    root = own_root(data)
    return Shown(
        version=root.version,
        profile=root.profile,
        signers=root.signers,
        sha256=root.sha256,
        expires_at=root.expires_at,
        place=str(place),
    )
