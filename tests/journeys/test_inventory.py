"""`chora inventory`: what a scan sees, with its evidence; what it cannot see stays a question that people answer."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.cli.main import main
from chora_catalog.parse.anchors import anchors_of
from chora_catalog.render.anchors import answers_in, page

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = """\
on: push
permissions:
  contents: read
jobs:
  release:
    permissions:
      id-token: write
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: arn:aws:iam::1:role/s3cret
      - uses: sigstore/cosign-installer@v3
      - uses: anchore/sbom-action@v0
        env: {TOKEN: "ghp_0123456789"}
  all:
    permissions: write-all
    uses: slsa-framework/slsa-github-generator/.github/workflows/generic.yml@v2
"""
GITLAB = "job:\n  id_tokens:\n    A:\n      aud: https://x\n  script: [a]\n"


def seen(files: dict[str, str], url: str = "https://git.example.org/a/b.git") -> set[tuple[str, str, str]]:
    found = anchors_of(files, lambda path: files[path].encode(), url=url)
    return {(anchor.topic.value, anchor.value, anchor.evidence) for anchor in found}


def test_a_workflow_is_read_with_its_lines() -> None:
    path = ".github/workflows/release.yml"
    found = seen({path: WORKFLOW})
    assert ("code host", "git.example.org", "") in found
    assert ("CI", "GitHub Actions", path) in found
    assert ("OIDC grant", "id-token: write", f"{path}:7") in found
    assert ("OIDC grant", "id-token: write, by write-all", f"{path}:17") in found
    assert ("OIDC issuer", "https://token.actions.githubusercontent.com", f"{path}:7") in found
    assert ("OIDC grant", "login to AWS", f"{path}:10") in found
    assert ("signing", "Sigstore", f"{path}:13") in found
    assert ("signing", "Sigstore", f"{path}:18") in found
    assert ("SBOM", "made in CI", f"{path}:14") in found
    assert "s3cret" not in str(found)
    assert "ghp_" not in str(found)


def test_a_grant_of_reading_is_no_grant() -> None:
    path = ".github/workflows/a.yml"
    kinds = {
        topic for topic, _, _ in seen({path: "permissions: {id-token: read}\njobs: {a: {permissions: read-all}}\n"})
    }
    assert "OIDC grant" not in kinds
    torn = seen({path: "jobs: [\n"})
    assert ("OIDC grant", "not known: the workflow cannot be read", path) in torn, "unread is not none"


def test_other_hosts_and_ecosystems() -> None:
    files = {".gitlab-ci.yml": GITLAB, "go.mod": "", "web/package-lock.json": "", "a/b/c/Cargo.toml": "",
             "Jenkinsfile": "", "dist/app.cdx.json": "", "app.tar.sigstore.json": "", "policy/a.rego": ""}  # fmt: skip
    found = seen(files, "git@gitlab.example.org:a/b.git")
    assert ("code host", "gitlab.example.org", "") in found
    assert ("OIDC grant", "id_tokens", ".gitlab-ci.yml:2") in found
    assert ("OIDC issuer", "https://gitlab.example.org", ".gitlab-ci.yml:2") in found
    assert {value for topic, value, _ in found if topic == "ecosystem"} == {"Go", "npm"}, "deep inside is not looked at"
    assert {value for topic, value, _ in found if topic == "CI"} == {"GitLab CI", "Jenkins"}
    assert ("SBOM", "a file", "dist/app.cdx.json") in found
    assert ("policy as code", "Open Policy Agent", "policy/a.rego") in found


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_bytes_raise(data: bytes, url: str) -> None:
    for path in (".github/workflows/a.yml", ".gitlab-ci.yml"):
        anchors_of([path, "a|b`c\n/package.json"], lambda _: data, url=url)


# --- as a person meets it ---------------------------------------------------------------------------------------------


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    one = tmp_path / "one"
    for name, text in ((".github/workflows/release.yml", WORKFLOW), ("go.mod", ""), ("web|x`/package.json", "")):
        (one / name).parent.mkdir(parents=True, exist_ok=True)
        (one / name).write_text(text)
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message=First"]):
        subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *words], cwd=one, check=True)
    lines = ["sources:", '  - name: "one"', '    url: "one"', '  - name: "gone"', '    url: "gone.git"', ""]
    (tmp_path / "catalog-sources.yaml").write_text("\n".join(lines))
    return tmp_path / "catalog-sources.yaml"


def run(registry: Path, *words: str) -> int:
    return main(["inventory", "--sources", str(registry), "--allow-local", *words])


def test_the_page_keeps_what_people_wrote(registry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "anchors.md"
    assert run(registry, "--output", str(target)) == 3, "a source that could not be looked through is no empty one"
    said = capsys.readouterr()
    assert "gone could not be looked through" in said.err
    first = target.read_text()
    assert re.search(r"\| gone \| all of it \| not known \|", first)
    assert "1 of them could not be read" in first
    assert "| one | ecosystem | npm | `web\\|x'/package.json` | medium |  |" in first

    written = re.sub(
        r"(\| one \| OIDC grant \| login to AWS \|.*\|) +\|$", r"\1 Kim, 2026-11-01 \\| asked |", first, flags=re.M
    )
    written = re.sub(r"^(\| Connectivity[^|]*\|) unknown \|  \|$", r"\1 VPN, *partly* | Kim |", written, flags=re.M)
    written = written.replace(
        "| one | ecosystem | Go | `go.mod` | high |  |", "| one | ecosystem | Rust | `x` | high | Lee |"
    )
    assert written.count("Kim") == 2
    target.write_text(written)
    run(registry, "--output", str(target))
    again = target.read_text()
    assert again.count("Kim") == 2
    assert "Kim, 2026-11-01 \\| asked |" in again
    assert "VPN, *partly* | Kim |" in again
    assert "| one | ecosystem | Go | `go.mod` | high |  |" in again
    gone = again.partition("## Confirmed earlier, not seen now")[2]
    assert "| one | ecosystem | Rust | Lee |" in gone, "what was confirmed and is gone is said, not dropped"
    capsys.readouterr()
    run(registry, "--output", str(target))
    assert target.read_text() == again
    assert "stands as it was" in capsys.readouterr().out


def test_the_same_as_json(registry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(registry, "--format", "json") == 3
    report = json.loads(capsys.readouterr().out)
    assert report["schema"] == "chora.inventory/v1"
    assert [item["source"] for item in report["sources"]] == ["gone", "one"]
    assert report["sources"][0]["error"]
    assert {"topic": "ecosystem", "value": "Go", "path": "go.mod"} in report["sources"][1]["anchors"]


def test_a_hostile_value_makes_no_row_of_its_own() -> None:
    from chora_catalog.model.anchor import Anchor, Inventory, Topic

    hostile = "x | y |\n| one | code host | evil | e | high | Mallory |"
    anchors = (Anchor(topic=Topic.CI, value=hostile, path=hostile), Anchor(topic=Topic.HOST, value="h", path="`|"))
    text = page((Inventory(source="one", anchors=anchors, error=hostile),), answers_in(""))
    assert answers_in(text).confirmed == {}
    assert "\n| one | code host | evil" not in text


def test_the_page_of_this_project_names_what_is_there() -> None:
    text = (ROOT / "docs" / "reference" / "environment-anchors.md").read_text(encoding="utf-8")
    paths = [place.partition(":")[0] for place in re.findall(r"\| `([^`]+)`", text)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []
    assert text.count("| unknown |  |") == 4, "nobody has answered yet, and no scan may"
