"""Signatures: the only door to tuf, securesystemslib and sigstore. Bytes in, bytes out; no clock, network or disk.

The one exception is signing with an identity (`keyless`), which asks the services that the trust configuration names.
Import it late: the libraries behind it take a quarter of a second.
"""

from __future__ import annotations

from chora_catalog.edge.signing.verifying import refuse_future, verify_metadata

__all__ = ["refuse_future", "verify_metadata"]
