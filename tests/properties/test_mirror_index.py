"""The index of a publication: one way to write it, and nothing else is read."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.model.mirror_index import FileEntry, ManifestEntry, MirrorIndex, NotAnIndexError, is_indexed

WORDS = st.sampled_from(["a", "b", "index.html", "data", "v1", "x~y", "z z", "Q", "0"])
PATHS = st.lists(WORDS, min_size=1, max_size=3).map("/".join).filter(is_indexed)
DIGESTS = st.integers(0, 2**256 - 1).map("{:064x}".format)
ENTRIES = st.builds(FileEntry, DIGESTS, st.integers(0, 10**6))


def is_placeable(paths: list[str]) -> bool:
    return not any(other.startswith(f"{path}/") for path in paths for other in paths)


INDEXES = st.builds(
    lambda files, commit, digest, path: MirrorIndex(
        files=files, manifests={"some-source": {path: ManifestEntry(commit, digest)}}
    ),
    st.dictionaries(PATHS, ENTRIES, max_size=6).filter(lambda files: is_placeable(list(files))),
    st.integers(0, 2**160 - 1).map("{:040x}".format),
    DIGESTS,
    st.text(max_size=10),
)
ONE = MirrorIndex(files={"a/b.html": FileEntry("0" * 64, 5)}).to_bytes()


@settings(deadline=None)
@given(INDEXES)
def test_what_is_written_is_read_back_in_order_of_paths(index: MirrorIndex) -> None:
    read = MirrorIndex.from_bytes(index.to_bytes())
    assert read == index
    assert list(read.files) == sorted(index.files, key=str.encode)
    assert index.to_bytes().isascii()


@settings(deadline=None)
@given(INDEXES, st.data())
def test_no_other_bytes_are_read_as_the_same_index(index: MirrorIndex, data: st.DataObject) -> None:
    whole = index.to_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(NotAnIndexError):
        assert MirrorIndex.from_bytes(bytes(changed)) != index


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "./a",
        "../a",
        "a/../b",
        "a\\b",
        "a\x00b",
        "a\nb",
        "ä",
        " a",
        "a ",
        "a.",
        "a/b./c",
        "a" * 101,
        "/".join("abcdefghijklmnopq"),
        "/".join(["a" * 90] * 3),
        "run.json",
        "mirror/trust.js",
        "mirror/metadata/x",
        "mirror/targets/x",
        "mirror/bundles/x",
    ],
)
def test_an_unsafe_path_is_no_path_of_an_index(path: str) -> None:
    with pytest.raises(NotAnIndexError):
        MirrorIndex.from_bytes(MirrorIndex(files={path: FileEntry("0" * 64, 1)}).to_bytes())


@pytest.mark.parametrize("two", [("a/B", "a/b"), ("A/x", "a/y"), ("a", "a/b")])
def test_two_paths_that_meet_on_some_disk_are_no_index(two: tuple[str, str]) -> None:
    with pytest.raises(NotAnIndexError):
        MirrorIndex.from_bytes(MirrorIndex(files=dict.fromkeys(two, FileEntry("0" * 64, 1))).to_bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]\n",
        b"{}\n",
        b"\xff\n",
        ONE[:-1],
        ONE + b"\n",
        ONE.replace(b":", b": ", 1),
        b"[" * 100_000,
        ONE.replace(b",5]", b",5.0]"),
        ONE.replace(b",5]", b",-5]"),
        ONE.replace(b",5]", b",true]"),
        ONE.replace(b",5]", b",NaN]"),
        ONE.replace(b"index/v1", b"index/v2"),
        ONE.replace(b'"manifests":{}', b'"manifests":{"s":{"p":{"commit":"x","sha256":"' + b"0" * 64 + b'"}}}'),
        json.dumps(json.loads(ONE) | {"more": 1}, sort_keys=True, separators=(",", ":")).encode() + b"\n",
    ],
)
def test_what_no_writer_of_ours_makes_is_no_index(data: bytes) -> None:
    assert MirrorIndex.from_bytes(ONE).files
    with pytest.raises(NotAnIndexError):
        MirrorIndex.from_bytes(data)


def test_signatures_bundles_and_the_run_record_stand_outside_of_the_index() -> None:
    outside = (
        "run.json",
        "run.js",
        "mirror/trust.json",
        "mirror/trust.js",
        "mirror/bundles.json",
        "mirror/bundles.js",
        "mirror/latest.tar.gz",
        "mirror/metadata/1.root.json",
        "mirror/targets/x",
        "mirror/bundles/chora-mirror-1.tar.gz",
    )
    assert not any(is_indexed(path) for path in outside)
    assert all(is_indexed(path) for path in ("index.html", "mirror/index.html", "data/run.json", "mirror.js"))
