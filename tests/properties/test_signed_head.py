"""Flip any byte of a signed head: refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chora_catalog.edge.signing import verify_metadata
from chora_catalog.edge.signing.roots import own_root
from chora_catalog.errors import ChoraError
from tests.local_sigstore import LocalSigstore
from tests.signed_head import FILES, NOON, Publisher, key_root, keyless_publisher

LATER = NOON + timedelta(minutes=30)


def publisher() -> Publisher:
    """A publisher with two roots and two heads, so that there is one of everything."""
    made = Publisher()
    made.sign()
    made.roots.append(key_root("root-2", after=own_root(made.root), old=("root",)))
    made.sign({**FILES, "more.html": b"more"}, as_of=LATER)
    return made


WHOLE = publisher()


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    root = data.draw(st.sampled_from(WHOLE.roots))
    assert verify_metadata(WHOLE.head, root=root, as_of=LATER).sequence == 2
    path = data.draw(st.sampled_from(sorted(WHOLE.head)))
    changed = bytearray(WHOLE.head[path])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ChoraError):
        verify_metadata({**WHOLE.head, path: bytes(changed)}, root=root, as_of=LATER)


@given(st.integers(0, 400), st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_sequence_grows_by_one_with_each_signing(days: int, changes: bool) -> None:
    made = Publisher(roots=[key_root(as_of=NOON + timedelta(days=days))])
    made.sign(as_of=NOON)
    made.sign({**FILES, "x": b"x"} if changes else FILES, as_of=NOON + timedelta(days=days))
    assert made.accepted is not None
    assert made.accepted.sequence == 2


@pytest.fixture(scope="module")
def keyless() -> Iterator[Publisher]:
    service = LocalSigstore(1)
    made = keyless_publisher(service)
    made.sign()
    yield made
    service.close()


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_changed_byte_is_refused_where_an_identity_signs(keyless: Publisher, data: st.DataObject) -> None:
    """With version 1 of the log; with version 2 the name of one algorithm stays unbound (edge/signing/bundles)."""
    path = data.draw(st.sampled_from(["metadata/timestamp.json", *sorted(keyless.head)]))
    changed = bytearray(keyless.head[path])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ChoraError):
        verify_metadata({**keyless.head, path: bytes(changed)}, root=keyless.root, as_of=NOON)
