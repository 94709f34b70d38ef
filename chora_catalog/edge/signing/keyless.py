"""Signing with an identity of an OIDC issuer, through Sigstore: the only part of signatures that asks a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from securesystemslib.signer import Key, Signature, Signer
from sigstore.dsse import Statement
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.oidc import IdentityToken, detect_credential
from sigstore.sign import SigningContext

from chora_catalog.edge.signing.bundles import tidy
from chora_catalog.edge.signing.heads import OnlineSigner
from chora_catalog.edge.signing.identities import first_line
from chora_catalog.edge.signing.pinned import PinnedKey
from chora_catalog.edge.signing.roots import TrustRoot
from chora_catalog.errors import ChoraError, Exit

T = TypeVar("T")


class _IdentitySigner(Signer):
    """Signs metadata with a certificate for one identity, held for as long as one signing takes."""

    def __init__(self, key: PinnedKey, sign: Callable[[bytes], Bundle]) -> None:
        self._key = key
        self._sign = sign

    @property
    def public_key(self) -> Key:
        """Return the identity."""
        return self._key

    @classmethod
    def from_priv_key_uri(cls, priv_key_uri: str, public_key: Key, secrets_handler: Any = None) -> Signer:
        """Raise NotImplementedError: the interface asks for this, and nothing here calls it."""
        raise NotImplementedError("an identity is proven by a token; no address leads to its key")

    def sign(self, payload: bytes) -> Signature:
        """Return the signature over `payload`, with its bundle."""
        bundle = tidy(json.loads(self._sign(payload).to_json()))
        raw = bundle["messageSignature"]["signature"]
        return Signature(self._key.keyid, raw, {"bundle": bundle})


def online_signer(trust: TrustRoot, config: ClientTrustConfig, token: str) -> OnlineSigner:
    """Return what signs with the identity that `token` (a JSON web token) proves, asking the services of `config`.

    Raise ChoraError: usage where the token is none; exit 3 where a service refuses or does not answer.
    """
    key = next((key for key in trust.keys_of("timestamp") if isinstance(key, PinnedKey)), None)
    if key is None:
        raise ChoraError("this catalog's root asks for a key and knows no identity", hint="Sign it with its key.")
    try:
        identity = IdentityToken(token)
    except Exception as error:
        raise ChoraError(
            f"the identity token is none that counts now: {first_line(error)}",
            hint="Ask for a new one, with the audience `sigstore`.",
        ) from error
    if identity.federated_issuer != key.keyval["issuer"]:
        raise ChoraError(
            f"the identity token is of {identity.federated_issuer}, and the root asks for {key.keyval['issuer']}",
            hint="Sign where that issuer gives tokens, or change the root with: chora trust rotate",
        )

    def asked(part: Callable[[], T]) -> T:
        try:
            return part()
        except Exception as error:  # each service and its client have errors of their own
            raise ChoraError(
                f"the signing services did not sign: {first_line(error)}",
                hint="Nothing was changed. Run the same command again when they answer.",
                code=Exit.CANNOT_TELL,
            ) from error

    # The library caches one certificate for its ten minutes, which covers a signing of four parts.
    signer = asked(lambda: SigningContext.from_trust_config(config).signer(identity).__enter__())

    def state(payload: bytes) -> bytes:
        bundle = asked(lambda: signer.sign_dsse(Statement(payload)))
        return (json.dumps(tidy(json.loads(bundle.to_json())), sort_keys=True, separators=(",", ":")) + "\n").encode()

    return OnlineSigner(
        metadata=_IdentitySigner(key, lambda payload: asked(lambda: signer.sign_artifact(payload))),
        statement=state,
    )


def ambient_token() -> str:
    """Return the identity token of the CI job this runs in; raise ChoraError (usage) where there is none."""
    try:
        token = detect_credential()
    except Exception as error:
        raise _no_token(first_line(error)) from error
    if not token:
        raise _no_token("this runs in no CI job that gives one")
    return token


def _no_token(why: str) -> ChoraError:
    return ChoraError(
        f"it cannot be signed without a key: there is no identity token ({why})",
        hint="In GitHub Actions add `permissions: id-token: write` to the job; elsewhere name one with "
        "--identity-token FILE, or use the profile key.",
    )
