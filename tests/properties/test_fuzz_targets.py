"""What `make fuzz` holds for random bytes holds for the examples it starts from, and each target can fail."""

from __future__ import annotations

import pytest

from chora_catalog.model.signal import Proof
from chora_catalog.model.versions import Version
from chora_catalog.parse.reading import Reading
from tests.fuzz import __main__ as fuzz
from tests.fuzz import bundles, evidence, features, manifests, names, ranges, reader


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_every_promise_holds_for_every_example(target: str) -> None:
    module = fuzz.load(target)
    tried = 0
    for data in module.seeds():
        module.check(data)
        tried += 1
    assert tried > 40
    module.check(b"")


def raising(*_: object, **__: object) -> None:
    raise RecursionError


ONE_VERSION = type("OneVersion", (), {"parse": lambda _: Version.parse("1.0.0")})
BROKEN = {
    "the-reader-raises": (reader, "read", raising, "a: 1"),
    "the-reader-takes-nothing": (reader, "read", lambda _, file: Reading(file=file, value=1, ok=True, text=None), "[]"),
    "a-range-raises": (ranges, "range_problem", raising, "1\0" * 3),
    "a-version-is-another": (ranges, "Version", ONE_VERSION, "\0\x003.0.0"),
    "a-name-stays-as-it-is": (names, "file_name", str, "CON"),
    "every-text-is-an-id": (names, "id_problem", lambda _: None, "A"),
    "a-manifest-raises": (manifests, "load_manifests", raising, "\0id: a"),
    "a-rule-raises": (manifests, "check_tree", raising, "\0id: a.b.c"),
    "a-correction-loses-a-value": (manifests, "fixed_text", lambda *_, **__: (b"a: 1", ("edit",)), "\0id: a.b.c"),
    "a-feature-raises": (features, "read_features", raising, "Feature: a"),
    "a-signature-raises": (evidence, "verify", raising, "sSSHSIG"),
    "every-signature-proves": (evidence, "verify", lambda *_, **__: Proof(key="ssh-ed25519 A"), "bSSHSIG"),
    "a-review-list-raises": (evidence, "load_reviews", raising, "r[]"),
    "every-timestamp-is-good": (evidence, "check_timestamp", lambda *_: None, "t0"),
    "an-index-raises": (bundles.MirrorIndex, "from_bytes", raising, "i{}"),
    "every-header-is-one": (bundles, "read_header", lambda _: ("a", 0), "hx"),
    "a-bundle-raises": (bundles.bundle, "opened", raising, "bx"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_seen_when_the_input_is_run_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, attribute, broken, text = BROKEN[name]
    name = "bundles" if module in (bundles.MirrorIndex, bundles.bundle) else module.__name__.rpartition(".")[2]
    words = ["--replay", name, text.encode().hex()]
    assert fuzz.main(words) == 0
    monkeypatch.setattr(module, attribute, broken)
    with pytest.raises((AssertionError, RecursionError, AttributeError)):
        fuzz.main(words)


def test_a_target_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        fuzz.main(["nothing"])
    assert ended.value.code == 2
    assert "there is no target nothing; there are reader, ranges" in capsys.readouterr().err
