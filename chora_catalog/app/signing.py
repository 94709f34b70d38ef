"""Signing a built site: the index of what lies there, and the head over it, put into place with the timestamp last."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from chora_catalog.app import trusting
from chora_catalog.app.signed_site import HEAD_FOLDERS, head_in, index_of_files, listed, read_index
from chora_catalog.edge import files, publication, site_files, trust_folder
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.mirror_index import FileEntry, ManifestEntry, MirrorIndex, NotAnIndexError
from chora_catalog.model.run import Run
from chora_catalog.model.source import SourceHead
from chora_catalog.model.trust import KEY, Trusted
from chora_catalog.parse.kept import UnreadableError, load_heads
from chora_catalog.parse.run_record import load_run
from chora_catalog.render.provenance import statement
from chora_catalog.render.trust import trust_files

if TYPE_CHECKING:
    from chora_catalog.edge.signing.heads import OnlineSigner
    from chora_catalog.edge.signing.roots import TrustRoot

KEY_VARIABLE = "CHORA_SIGNING_KEY"
RUN_FILES = ("run.json", "run.js")
_TIMESTAMP = "metadata/timestamp.json"


def sign(
    site: Path, folder: Path, *, as_of: datetime, environ: Mapping[str, str], token: Path | None = None
) -> Trusted:
    """Sign the publication in the folder `site` with the trust folder `folder`, and return what a reader will see.

    What is signed there already is verified first: its sequence goes on by one, and what is not changed is kept. A
    stop in between leaves the old signatures or the new ones; running it again repairs.

    Raise ChoraError: exit 2 where something is not what it should be; exit 1 where the present signatures do not hold;
    exit 3 where the services of a keyless signing do not answer, or the disk refuses.
    """
    from chora_catalog.edge.signing import verify_metadata
    from chora_catalog.edge.signing.heads import Facts, sign_head

    trust = trusting.own(folder)
    with publication.locked(site):
        found = listed(site)
        run = {name: _record(site, name) for name in RUN_FILES}
        record = _run(run["run.json"], site)
        before, accepted = _standing(site, trust, trusting.chain(folder, trust), as_of)
        roots = _roots(folder, trust, before)
        catalog, heads = _heads(site)
        index = _index(index_of_files(site, found), heads)
        signer = _signer(folder, trust, environ, token)
        head = sign_head(
            trust=trust,
            roots=roots,
            signer=signer,
            index=index,
            statement=lambda: statement(
                index_sha256=hashlib.sha256(index).hexdigest(),
                catalog=catalog,
                tool=version("chora-catalog"),
                trace=record.trace,
                sources=heads,
                environ=environ,
            ),
            facts=Facts(
                as_of=as_of,
                ttl_seconds=record.ttl,
                alert_seconds=record.alert,
                run={name: hashlib.sha256(data).hexdigest() for name, data in run.items()},
            ),
            before=before,
            accepted=accepted,
        )
        # Nobody is given what a reader would refuse.
        trusted = verify_metadata(head, root=trust.data, as_of=as_of)
        _place(site, head, trusted, found)
    return trusted


def _place(site: Path, head: Mapping[str, bytes], trusted: Trusted, found: site_files.Listed) -> None:
    """Put the head into the site: first what nothing names yet, then the timestamp, then what follows from it."""
    placed = {f"mirror/{path}": data for path, data in head.items()}
    # A new root counts from when it is there, so it comes at the same moment as the timestamp that it allows.
    last = {path for path in placed if path.endswith((".root.json", "/timestamp.json"))}
    fresh = {path: data for path, data in placed.items() if not _stands(site, path, data, found)}
    first = {path: data for path, data in fresh.items() if path not in last}
    if first:
        publication.rewrite(site, apart=first)
    facts = trust_files(trusted)
    for path in facts:
        # In between pages say that they know of no signature, which is never false.
        (site / path).unlink(missing_ok=True)
    publication.rewrite(site, apart={path: data for path, data in fresh.items() if path in last})
    publication.rewrite(site, apart=facts)
    for path in found.sizes:
        if path.startswith(HEAD_FOLDERS) and path not in placed:
            with contextlib.suppress(OSError):
                (site / path).unlink()


def _stands(site: Path, path: str, data: bytes, found: site_files.Listed) -> bool:
    return found.sizes.get(path) == len(data) and files.read_bounded(site / path, len(data)) == data


def _record(site: Path, name: str) -> bytes:
    try:
        data = files.read_bounded(site / name, 64 * 2**20)
    except OSError:
        data = None
    if data is None:
        raise ChoraError(
            f"{site} is no publication: it holds no {name}", hint="Build it first: chora build --output DIR"
        )
    return data


def _run(data: bytes, site: Path) -> Run:
    try:
        return load_run(data)
    except UnreadableError as error:
        raise ChoraError(f"{site}/run.json: {error}", hint="Build the site anew with this version.") from error


def _heads(site: Path) -> tuple[str, tuple[SourceHead, ...]]:
    try:
        return load_heads(files.Folder(site))
    except UnreadableError as error:
        raise ChoraError(f"{site} is no publication of this tool: {error}", hint="Build it anew.") from error


def _index(entries: Mapping[str, FileEntry], heads: tuple[SourceHead, ...]) -> bytes:
    manifests = {
        head.name: {path: ManifestEntry(head.commit, digest) for path, digest in head.digests}
        for head in heads
        if head.digests
    }
    data = MirrorIndex(files=entries, manifests=manifests).to_bytes()
    try:
        MirrorIndex.from_bytes(data)
    except NotAnIndexError as error:
        raise ChoraError(f"the site cannot be signed: {error}", hint="Rename that file, and build again.") from error
    return data


def _standing(
    site: Path, trust: TrustRoot, chain: Mapping[int, bytes], as_of: datetime
) -> tuple[dict[str, bytes], Trusted | None]:
    """Return the head that stands in the site and what it says, verified; nothing where the site is not signed."""
    from chora_catalog.edge.signing import verify_metadata

    head = head_in(site)
    if not head:
        return {}, None
    newest = max((number for number in chain if f"metadata/{number}.root.json" in head), default=0)
    if not newest:
        raise ChoraError(
            "rejected: the site is signed, and carries none of the roots in this trust folder",
            hint="Use the trust folder of this catalog; to begin anew remove mirror/metadata and mirror/targets.",
            code=Exit.NO,
        )
    accepted = verify_metadata(head, root=chain[newest], as_of=as_of, allow_expired=True)
    if accepted.root_version > trust.version:
        raise ChoraError(
            f"rejected: the site carries root {accepted.root_version}, and this trust folder ends with {trust.version}",
            hint="Get the newest root.json into the trust folder.",
            code=Exit.NO,
        )
    read_index(accepted)
    return head, accepted


def _roots(folder: Path, trust: TrustRoot, before: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return every root from the first on, by its path below `mirror/`."""
    known = trusting.chain(folder, trust)
    found = {}
    for number in range(1, trust.version + 1):
        path = f"metadata/{number}.root.json"
        data = known.get(number) or before.get(path)
        if data is None:
            raise ChoraError(
                f"root {number} is neither in the trust folder nor in the site",
                hint=f"Bring it to {folder / trust_folder.root_path(number)}: readers follow all roots from the first.",
            )
        found[path] = data
    return found


def _signer(folder: Path, trust: TrustRoot, environ: Mapping[str, str], token: Path | None) -> OnlineSigner:
    if trust.profile == KEY:
        if token is not None:
            raise ChoraError("this catalog is signed with a key, and needs no identity token", hint="Leave it out.")
        return _key_signer(folder, trust, environ)
    from chora_catalog.edge.signing import identities, keyless

    config = trust_folder.read(folder, trust_folder.SIGSTORE)
    if config is None:
        raise ChoraError(
            f"{folder / trust_folder.SIGSTORE} is missing: it names the services to sign with",
            hint="Bring it there from the folder that `chora trust init` made.",
        )
    services = identities.trust_config(config, name=str(folder / trust_folder.SIGSTORE))
    if token is None:
        return keyless.online_signer(trust, services, keyless.ambient_token())
    text = files.read_own(token, what="the identity token", hint="Name the file that holds it.")
    return keyless.online_signer(trust, services, text.decode("ascii", "replace").strip())


def _key_signer(folder: Path, trust: TrustRoot, environ: Mapping[str, str]) -> OnlineSigner:
    from chora_catalog.edge.signing.heads import OnlineSigner
    from chora_catalog.edge.signing.keys import signer_of
    from chora_catalog.edge.signing.provenance import sign_statement

    given = environ.get(KEY_VARIABLE, "")
    pems = {KEY_VARIABLE: given.encode()} if given else trust_folder.private_keys(folder, "online")
    if not pems:
        raise ChoraError(
            f"there is no key to sign with: {folder / 'keys'} holds none, and {KEY_VARIABLE} is not set",
            hint=f"Set {KEY_VARIABLE} to the text of keys/online.pem, as a secret of the job.",
        )
    signers = [signer_of(pem, name=name) for name, pem in pems.items()]
    wanted = trust.root.roles["timestamp"].keyids
    signer = next((one for one in signers if one.public_key.keyid in wanted), signers[-1])
    return OnlineSigner(metadata=signer, statement=lambda payload: sign_statement(payload, signer))
