"""The page about offline copies: what signatures and bundles say of themselves, and how old that is when it is read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Watched
from tests.browser.test_pages import faults, wider_than

SIGNED = "2026-11-22T12:01:00Z"
TRUST = {
    "schema": "chora.trust/v1",
    "sequence": 57,
    "checked_at": SIGNED,
    "expires_at": "2026-11-29T12:01:00Z",
    "ttl_seconds": 3600,
    "alert_seconds": 5400,
    "profile": "keyless",
    "signer": "https://git.example.org/chora/catalog/.github/workflows/catalog.yml@refs/heads/main by https://oidc.example",
    "root_version": 3,
    "root_sha256": "ab12" * 16,
    "index_sha256": "5ce1" * 16,
    "timestamp_sha256": "77e0" * 16,
}


def bundle(number: int, **other: Any) -> dict[str, Any]:
    return {
        "sequence": number,
        "path": f"mirror/bundles/chora-mirror-{number}.tar.gz",
        "bytes": 4_123_456,
        "files": 1024,
        "sha256": f"{number:02d}" * 32,
        "checked_at": f"2026-11-22T{number - 45}:01:00Z",
        "expires_at": "2026-11-29T12:01:00Z",
        "profile": "keyless",
        "signer": "key a1350105",
        **other,
    }


def signed(site: Path, folder: Path, trust: Any = TRUST, bundles: Any = None) -> Path:
    """A copy of the site that was signed and exported."""
    made = folder / "signed"
    shutil.copytree(site, made)
    listed = [bundle(57), bundle(56), bundle(55)] if bundles is None else bundles
    (made / "mirror/trust.js").write_text(f"window.choraTrust = {json.dumps(trust)};\n")
    (made / "mirror/bundles.js").write_text(f"window.choraBundles = {json.dumps({'bundles': listed})};\n")
    return made


def says(watched: Watched, now: str) -> str:
    page = watched.open("mirror.html", now=now)
    page.wait_for_function("document.querySelector('[data-trust-say]').dataset.state")
    return str(page.inner_text("[data-trust-say]"))


@pytest.mark.parametrize(
    ("now", "word"),
    [
        ("2026-11-22T12:02:00Z", "fresh"),
        ("2026-11-22T13:01:00Z", "fresh"),
        ("2026-11-22T13:02:00Z", "past its TTL"),
        ("2026-11-22T13:31:00Z", "past its TTL"),
        ("2026-11-22T13:32:00Z", "counts as a pass"),
        ("2026-11-29T12:01:00Z", "as history"),
        ("2026-11-22T11:00:00Z", "clock is wrong"),
    ],
)
def test_the_age_of_the_signature_is_judged_when_it_is_read(
    site_dir: Path, tmp_path: Path, watch: Callable[..., Watched], now: str, word: str
) -> None:
    watched = watch(f"file://{signed(site_dir, tmp_path)}")
    assert word in says(watched, now)
    assert "57" in watched.page.inner_text("[data-trust]")
    assert watched.complaints() == []


def test_unsigned_or_built_again_is_said(site_dir: Path, tmp_path: Path, watch: Callable[..., Watched]) -> None:
    watched = watch(f"file://{site_dir}")
    assert "Not signed" in says(watched, SIGNED)
    assert not watched.page.locator("[data-trust]").is_visible()
    assert watched.page.locator("[data-bundle-none]").is_visible()
    older = TRUST | {"checked_at": "2026-11-22T11:59:00Z"}
    watched = watch(f"file://{signed(site_dir, tmp_path, older)}")
    assert "not signed again yet" in says(watched, SIGNED)
    assert watched.complaints() == []


def test_the_lines_to_paste_name_the_newest_bundle(
    site_dir: Path, tmp_path: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    watched = watch(serve(signed(site_dir, tmp_path)))
    says(watched, SIGNED)
    page = watched.page
    page.wait_for_selector("[data-bundles]:not([hidden])")
    assert "4.1 MB" in page.inner_text("[data-newest]")
    assert page.inner_text("#k-i") == "chora mirror import chora-mirror-57.tar.gz --root root.json --output catalog"
    assert page.inner_text("#k-d").endswith("/mirror/bundles/chora-mirror-57.tar.gz")
    assert page.inner_text("#k-s").endswith("sha256sum -c chora-mirror-57.tar.gz.sha256")
    assert page.inner_text("#k-x") == "mkdir catalog && tar -xzf chora-mirror-57.tar.gz -C catalog"
    assert page.locator("[data-bundle-list] li").count() == 3
    assert page.inner_text("[data-newest-hash]").replace(" ", "") == "sha256" + "57" * 32
    assert watched.complaints() == []


def test_a_list_that_leads_elsewhere_is_not_followed(
    site_dir: Path, tmp_path: Path, watch: Callable[..., Watched]
) -> None:
    hostile = [
        bundle(57, path="https://elsewhere.example/mirror/bundles/chora-mirror-57.tar.gz"),
        bundle(56, path="javascript:alert(1)"),
        bundle(55, sha256="<img src=x onerror=alert(1)>"),
        bundle(54, sequence="54; rm -rf ~"),
    ]
    watched = watch(f"file://{signed(site_dir, tmp_path, TRUST | {'signer': '<b>me</b>'}, hostile)}")
    says(watched, SIGNED)
    watched.page.wait_for_selector("[data-bundle-none]:not([hidden])")
    assert "<b>me</b>" in watched.page.inner_text("[data-trust]")
    assert watched.page.locator("[data-bundle-list] li").count() == 0
    assert watched.complaints() == []


def test_without_scripts_the_page_says_what_to_do(
    site_dir: Path, serve: Callable[[Path], str], watch: Callable[..., Watched]
) -> None:
    page = watch(serve(site_dir), scripts=False).open("mirror.html")
    text = page.inner_text("main")
    assert "Not read" in text
    assert "chora mirror import latest.tar.gz --root root.json --output catalog" in text
    assert "sha256sum -c chora-mirror-*.tar.gz.sha256" in text
    assert "ago" not in text


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_signed_catalogs_page_is_accessible(
    site_dir: Path,
    tmp_path: Path,
    serve: Callable[[Path], str],
    watch: Callable[..., Watched],
    axe: str,
    width: int,
    scheme: str,
) -> None:
    watched = watch(serve(signed(site_dir, tmp_path)), width=width, scheme=scheme)
    says(watched, "2026-11-22T12:12:00Z")
    watched.page.wait_for_selector("[data-bundles]:not([hidden])")
    assert faults(watched, axe) == []
    for narrow in (width, 320):
        watched.page.set_viewport_size({"width": narrow, "height": 900})
        assert wider_than(watched) == 0
    assert watched.complaints() == []
