"""Sigstore bundles, read strictly."""

from __future__ import annotations

import json
from typing import Any

from sigstore.models import Bundle


def read_bundle(value: Any) -> Bundle:
    """Return the Sigstore bundle of the JSON `value`; raise ValueError where it is not exactly what is written of it.

    The library reads base64 and numbers in more than one spelling and passes over what it does not know.
    """
    bundle = Bundle.from_json(json.dumps(value))
    if json.loads(bundle.to_json()) != value:
        raise ValueError("the bundle was changed after it was written")
    return bundle
