"""The key of an identity: who signed is proved by Sigstore, against the trusted root that our own root carries.

`securesystemslib` has such a key; on every verification it asks Sigstore's services, or believes a file in the cache of
the user. This one believes nothing that was not signed into the root (research/signing, sections 1 and 3c).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import KEY_FOR_TYPE_AND_SCHEME, Signature, SigstoreKey

if TYPE_CHECKING:
    from sigstore.verify import Verifier

    from chora_catalog.edge.signing.bundles import Services


class PinnedKey(SigstoreKey):
    """An identity and its issuer. It verifies nothing until `pin` gave it what to verify against."""

    _verifier: Verifier | None = None
    _services: Services | None = None

    @classmethod
    def of(cls, identity: str, issuer: str) -> PinnedKey:
        """Return the key of `identity` (as in the certificate) with the OIDC `issuer`."""
        keyval = {"identity": identity, "issuer": issuer}
        words = {"keytype": cls.DEFAULT_KEY_TYPE, "scheme": cls.DEFAULT_SCHEME, "keyval": keyval}
        keyid = hashlib.sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        return cls(keyid, cls.DEFAULT_KEY_TYPE, cls.DEFAULT_SCHEME, keyval)

    def pin(self, verifier: Verifier, services: Services) -> None:
        """Verify with `verifier` from now on, and know the `services` in its trusted root."""
        self._verifier, self._services = verifier, services

    def verify_signature(self, signature: Signature, data: bytes) -> None:
        """Raise UnverifiedSignatureError unless this identity signed `data`."""
        from sigstore.verify.policy import Identity

        from chora_catalog.edge.signing.bundles import read_bundle

        if self._verifier is None or self._services is None:
            raise UnverifiedSignatureError("nothing to verify against")
        try:
            bundle = read_bundle(signature.unrecognized_fields["bundle"], self._services)
            policy = Identity(identity=self.keyval["identity"], issuer=self.keyval["issuer"])
            self._verifier.verify_artifact(data, bundle, policy)
        except Exception as error:  # the library raises more than its own errors on hostile bundles
            raise UnverifiedSignatureError(str(error)) from error


def register() -> None:
    """Let tuf read such keys as ours and never as the library's own."""
    table: dict[tuple[str, str], Any] = KEY_FOR_TYPE_AND_SCHEME
    table[SigstoreKey.DEFAULT_KEY_TYPE, SigstoreKey.DEFAULT_SCHEME] = PinnedKey


register()
