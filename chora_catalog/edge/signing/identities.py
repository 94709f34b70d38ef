"""Identities of an OIDC issuer, verified through Sigstore against the trusted root that our own root carries.

The library is used as it is, with one thing it is never asked for: its own defaults. `Verifier.production` believes a
file in the user's cache (research/signing, section 1), so what is believed comes out of the root alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, Final

from sigstore.models import Bundle, ClientTrustConfig, TrustedRoot
from sigstore.verify import Verifier, policy
from tuf.api.metadata import Metadata

from chora_catalog.edge.signing.bundles import Services, read_bundle
from chora_catalog.edge.signing.roots import TrustRoot
from chora_catalog.edge.signing.strict import refused
from chora_catalog.errors import ChoraError

TRUSTED_ROOT: Final = "sigstore_trusted_root"
POLICY: Final = "provenance"
POLICIES: Final[dict[str, Callable[[str], policy.VerificationPolicy]]] = {
    "issuer": policy.OIDCIssuerV2,
    "build_signer_uri": policy.OIDCBuildSignerURI,
    "source_repository_uri": policy.OIDCSourceRepositoryURI,
    "source_repository_id": policy.OIDCSourceRepositoryIdentifier,
    "ref": policy.OIDCSourceRepositoryRef,
    "runner_environment": policy.OIDCRunnerEnvironment,
}
"""What a root may ask of the certificate behind the statement, by the names of Fulcio's extensions (oid-info.md)."""
_NAME: Final = "the statement of provenance"


def trust_config(data: bytes, *, name: str) -> ClientTrustConfig:
    """Return the client's trust configuration that `data` is; raise ChoraError (usage), `name` says which file."""
    try:
        config = ClientTrustConfig.from_json(data.decode())
        Verifier(trusted_root=config.trusted_root)
    except Exception as error:  # pydantic, sigstore and others each raise their own
        raise ChoraError(
            f"{name} is no trust configuration of a Sigstore client: {type(error).__name__}",
            hint="It is JSON of the kind application/vnd.dev.sigstore.clienttrustconfig.v0.1+json.",
        ) from error
    return config


def public_good() -> bytes:
    """Return the trust configuration of the public Sigstore that came with the library, and no cache's."""
    from importlib.resources import files
    from urllib.parse import quote

    store = files("sigstore._store").joinpath(quote("https://tuf-repo-cdn.sigstore.dev", safe=""))
    return json.dumps(
        {
            "mediaType": ClientTrustConfig.ClientTrustConfigType.CONFIG_0_1.value,
            "trustedRoot": json.loads(store.joinpath("trusted_root.json").read_bytes()),
            "signingConfig": json.loads(store.joinpath("signing_config.v0.2.json").read_bytes()),
        },
        indent=1,
        sort_keys=True,
    ).encode()


def verifier_of(trust: TrustRoot) -> Verifier:
    """Return what verifies identities against the trusted root in `trust`; raise ChoraError (rejected)."""
    # The library reads a trusted root from a file or as a part of a trust configuration; this is the latter, in memory.
    config = {
        "mediaType": ClientTrustConfig.ClientTrustConfigType.CONFIG_0_1.value,
        "trustedRoot": trust.extra.get(TRUSTED_ROOT),
        "signingConfig": {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json"},
    }
    try:
        root: TrustedRoot = ClientTrustConfig.from_json(json.dumps(config)).trusted_root
        return Verifier(trusted_root=root)
    except Exception as error:  # see above
        raise refused(f"root {trust.version} carries no trusted root of Sigstore that can be read") from error


def services_of(trust: TrustRoot) -> Services:
    """Return the services in the trusted root of `trust`, which `verifier_of` could read."""
    root = trust.extra[TRUSTED_ROOT]
    chains = [
        authority.get("certChain", {}).get("certificates", ()) for authority in root.get("timestampAuthorities", ())
    ]
    return Services(
        log_ids=frozenset(str(log.get("logId", {}).get("keyId", "")) for log in root.get("tlogs", ())),
        authorities=tuple(tuple(base64.b64decode(one.get("rawBytes", "")) for one in chain) for chain in chains),
    )


def policy_of(trust: TrustRoot) -> policy.VerificationPolicy:
    """Return what the certificate behind the statement must say; raise ChoraError (rejected) for unknown demands."""
    asked = trust.extra.get(POLICY)
    if not isinstance(asked, dict) or not all(isinstance(value, str) for value in asked.values()):
        raise refused(f"root {trust.version} does not say whose provenance is accepted")
    unknown = sorted(asked.keys() - POLICIES.keys())
    if unknown:
        raise refused(
            f"root {trust.version} asks of the provenance what this tool does not know ({unknown[0]})",
            hint="Install a newer version of this tool.",
        )
    identities: list[policy.VerificationPolicy] = [
        policy.Identity(identity=key.keyval["identity"], issuer=key.keyval["issuer"])
        for key in trust.keys_of("targets")
    ]
    return policy.AllOf([policy.AnyOf(identities), *(POLICIES[name](value) for name, value in sorted(asked.items()))])


def verified_payload(data: bytes, trust: TrustRoot, verifier: Verifier) -> bytes:
    """Return the statement in the Sigstore bundle `data`, once its signer was verified; raise ChoraError (rejected)."""
    rules = policy_of(trust)
    try:
        kind, payload = verifier.verify_dsse(read_bundle(json.loads(data), services_of(trust)), rules)
    except Exception as error:  # hostile bundles raise more than the library's own errors
        raise refused(
            f"{_NAME} is not signed as root {trust.version} asks: {first_line(error)}",
            hint="Was the catalog built by another workflow, repository or branch than its root names?",
        ) from error
    if kind != "application/vnd.in-toto+json":
        raise refused(f"{_NAME} is a statement of another kind")
    return payload


def identity_in(metadata: Metadata[Any]) -> str:
    """Return whose certificate stands in the first signature of `metadata`, in words; empty where none can be read."""
    from cryptography.x509 import RFC822Name, SubjectAlternativeName, UniformResourceIdentifier

    try:
        signature = next(iter(metadata.signatures.values()))
        certificate = Bundle.from_json(json.dumps(signature.unrecognized_fields["bundle"])).signing_certificate
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
        found = [*names.get_values_for_type(UniformResourceIdentifier), *names.get_values_for_type(RFC822Name)]
    except Exception:  # it is for a message alone; what is wrong is said there
        return ""
    return ", ".join(str(name)[:200] for name in found[:3])


def first_line(error: Exception) -> str:
    """Return the first line of what `error` says, its kind where it says nothing."""
    return next(iter(str(error).splitlines()), "")[:200] or type(error).__name__
