"""`chora validate` at its doors: folders, files, a pipe, a published catalog; each says what it could not see."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chora_catalog.cli.main import main
from tests.two_repositories import make_world

CANONICAL = """\
id: "capability.example.build.validate-release"
version: "1.0.0"
owner: "team-alpha"
lifecycle_stage: "validate"
inputs:
  - name: artifact
    type: oci-image
outputs:
  - name: report
    type: sarif
dependencies:
  - id: "contract.example.release-policy"
    version: ">=1 <2"
security_tier: "medium"
stability: "stable"
adr_links:
  - "adr/0012-release-policy.md"
validation_status: "passing"
"""
GOOD = 'id: "example.own.say"\nversion: "1.0.0"\nowner: "team-a"\ncontact: "#team-a"\nlifecycle_stage: "operate"\n'
BAD = GOOD.replace('"1.0.0"', '"1.0"')


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_GLOBAL": "/dev/null"}
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=folder, env=env, check=True)
    return folder


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["validate", *words])
    out, err = capsys.readouterr()
    return code, out, err


def piped(text: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()))


def rules(text: str) -> list[str]:
    return sorted(finding["rule"] for finding in json.loads(text)["findings"])


# --- what is looked at ------------------------------------------------------------------------------------------------


def test_a_file_is_judged_in_its_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The paths that a manifest names are relative to the top of its repository, wherever the manifest stands."""
    top = repository(tmp_path / "repo")
    (top / "manifests").mkdir()
    (top / "docs").mkdir()
    (top / "docs" / "adr.md").write_text("x")
    (top / "manifests" / "star.yaml").write_text(
        'id: a.b.c\nversion: 1.0.0\nowner: o\nadr_links: ["docs/adr.md", "docs/none.md"]\n'
    )
    _, out, _ = said(capsys, str(top / "manifests" / "star.yaml"), "--format", "json")
    missing = [finding for finding in json.loads(out)["findings"] if finding["rule"] == "reference-missing"]
    assert ["docs/none.md" in finding["message"] for finding in missing] == [True]
    assert missing[0]["place"]["file"] == "manifests/star.yaml"


def test_what_git_ignores_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The catalog reads commits: a file that is never committed is no reference, and no manifest."""
    top = repository(tmp_path / "repo")
    (top / ".gitignore").write_text("out/\n")
    for folder in ("out", "docs"):
        (top / folder).mkdir()
        (top / folder / "a.md").write_text("x")
    (top / "chora.yaml").write_text(GOOD + 'adr_links: ["docs/a.md", "out/a.md"]\n')
    _, out, _ = said(capsys, str(top), "--format", "json")
    missing = [finding for finding in json.loads(out)["findings"] if finding["rule"] == "reference-missing"]
    assert len(missing) == 1
    assert "out/a.md" in missing[0]["message"]
    (top / "out" / "chora.yaml").write_text(GOOD)
    assert said(capsys, str(top / "out"))[0] == 0, "named by itself it is meant"


def test_a_file_whose_name_looks_like_a_pattern(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a[1].yaml").write_text(BAD)
    (tmp_path / "a1.yaml").write_text(GOOD)
    code, out, _ = said(capsys, str(tmp_path / "a[1].yaml"), "--format", "json")
    assert code == 1
    assert rules(out) == ["version-semver"]


def test_several_paths_are_one_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("one", GOOD), ("two", BAD.replace("own", "other"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "chora.yaml").write_text(text)
    code, out, _ = said(capsys, str(tmp_path / "one"), str(tmp_path / "two"))
    assert code == 1
    assert "2 capabilities in 1 manifest" not in out
    assert "version-semver" in out


def test_a_piped_manifest_is_a_document_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What needs the files beside it is not evaluated, so nothing is said to be missing."""
    monkeypatch.setattr("sys.stdin", piped(CANONICAL))
    code, out, err = said(capsys, "-", "--format", "json")
    assert code == 0
    assert "reference-missing" not in rules(out)
    assert "reference-missing" in json.loads(out)["not_evaluated"]
    assert "Not evaluated here:" in err
    monkeypatch.setattr("sys.stdin", piped(BAD))
    code, out, _ = said(capsys, "-", "--format", "json", "--stdin-name", "some/where/chora.yaml")
    assert (code, rules(out)) == (1, ["version-semver"])
    assert json.loads(out)["findings"][0]["place"]["file"] == "some/where/chora.yaml"
    monkeypatch.setattr("sys.stdin", piped(""))
    assert said(capsys, "-")[0] == 1, "an empty pipe is no pass"


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        (("-", "x"), 2, "`-` stands alone"),
        (("no/such",), 2, "there is no no/such"),
        (("--source", "x"), 2, "none is in view"),
    ],
)
def test_wrong_words(
    words: tuple[str, ...], code: int, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _, err = said(capsys, *words)
    assert found == code
    assert what in err
    assert "next: " in err


def test_nothing_to_judge_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, str(tmp_path))
    assert code == 2
    assert "nothing to validate" in err


# --- what is in view --------------------------------------------------------------------------------------------------


@pytest.fixture
def published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, Path]:
    """A world of two repositories, and its publication."""
    world = make_world(tmp_path)
    words = ["build", "--sources", str(world / "catalog-sources.yaml"), "--output", str(tmp_path / "site")]
    assert main([*words, "--allow-local", "--quiet", "--as-of", "2026-11-01T00:00:00Z"]) == 0
    capsys.readouterr()
    return world, tmp_path / "site"


def held_by(site: Path) -> dict[str, str]:
    held: dict[str, str] = json.loads((site / "data/v1/harvest.json").read_text())["held"]
    return held


def test_with_a_catalog_its_rules_run(
    published: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, site = published
    there, source = sorted(held_by(site).items())[0]
    mine = tmp_path / "mine"
    mine.mkdir()
    needs = f'dependencies:\n  - id: "{there}"\n  - id: "no.such.thing"\n'
    (mine / "chora.yaml").write_text(GOOD + needs)
    code, out, err = said(capsys, str(mine), "--catalog", str(site), "--format", "json")
    assert code == 0
    found = {finding["rule"]: finding for finding in json.loads(out)["findings"]}
    assert "no.such.thing" in found["dependency-missing"]["message"]
    assert found["dependency-missing"]["place"]["line"] == 8
    assert "dependency-missing" not in json.loads(out)["not_evaluated"]
    assert "Judged in the catalog of 2026-11-01T00:00:00Z, as a source that it does not register yet." in err

    (mine / "chora.yaml").write_text(GOOD.replace("example.own.say", there))
    code, out, _ = said(capsys, str(mine), "--catalog", str(site), "--format", "json")
    assert code == 1
    assert "id-contested" in rules(out), "what another source holds cannot be taken"
    code, out, err = said(capsys, str(mine), "--catalog", str(site), "--source", source, "--format", "json")
    assert "id-contested" not in rules(out), "the source that holds it may"
    assert f"as source {source}." in err


def test_the_source_is_found_by_its_address(
    published: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, site = published
    there, source = sorted(held_by(site).items())[0]
    url = json.loads((site / f"data/v1/sources/{source}.json").read_text())["url"]
    mine = repository(tmp_path / "mine")
    (mine / "chora.yaml").write_text(GOOD.replace("example.own.say", there))
    subprocess.run(["git", "remote", "add", "origin", f"{url}/"], cwd=mine, check=True)
    _, out, err = said(capsys, str(mine), "--catalog", str(site), "--format", "json")
    assert "id-contested" not in rules(out)
    assert f"as source {source}." in err


@pytest.mark.parametrize("hurt", ["absent", "empty", "torn"])
def test_a_catalog_that_cannot_be_read_is_no_pass(
    hurt: str, published: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, site = published
    if hurt == "absent":
        site = tmp_path / "nowhere"
    elif hurt == "empty":
        (site / "data/v1/harvest.json").write_text("{}")
    else:
        listed = json.loads((site / "data/v1/harvest.json").read_text())["objects"][0]
        (site / f"data/v1/objects/{listed}.json").write_text("{")
    (tmp_path / "chora.yaml").write_text(GOOD)
    code, _, err = said(capsys, str(tmp_path / "chora.yaml"), "--catalog", str(site))
    assert code == 3
    assert "cannot be read" in err


def test_what_is_required_and_not_in_view_cannot_be_told(
    published: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, site = published
    (tmp_path / "chora.yaml").write_text(GOOD)
    path = str(tmp_path / "chora.yaml")
    assert said(capsys, path, "--require", "tree")[0] == 0
    assert said(capsys, path, "--require", "catalog")[0] == 3
    assert said(capsys, path, "--require", "catalog", "--catalog", str(site))[0] == 0
    (tmp_path / "chora.yaml").write_text(BAD)
    assert said(capsys, path, "--require", "catalog")[0] == 1, "what was found is worse than what could not be seen"


# --- in which words ---------------------------------------------------------------------------------------------------


HOSTILE = 'x" :: %0A::error::y | `z` <b>&amp; ]]> @all [a](javascript:b)'


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    text = GOOD.replace("example.own.say", "Example " + HOSTILE.replace('"', '\\"'))
    (tmp_path / "chora.yaml").write_text(text + f"stability: '{HOSTILE}'\n")
    return tmp_path


def test_junit_is_read_back(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from junitparser import JUnitXml

    code, out, err = said(capsys, str(hostile), "--format", "junit")
    assert code == 1
    assert "Not evaluated here:" in err
    read = JUnitXml.fromstring(out.encode())
    suites = {suite.name: suite for suite in read}
    assert suites["chora.yaml"].failures == read.failures > 0
    failed = [case for case in suites["chora.yaml"] if case.result and case.result[0].type == "id-grammar"]
    assert "::error::y | `z` <b>&amp; ]]> @all" in failed[0].result[0].message
    assert suites["not evaluated"].skipped == len(list(suites["not evaluated"]))
    assert ElementTree.fromstring(out).get("tests") == str(sum(len(list(suite)) for suite in suites.values()))
    code, out, _ = said(capsys, str(hostile), "--format", "junit", "--fail-on", "notice")
    assert JUnitXml.fromstring(out.encode()).failures >= read.failures


def test_markdown_starts_nothing(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from markdown_it import MarkdownIt

    _, out, _ = said(capsys, str(hostile), "--format", "markdown")
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(out)
    assert "<b>" not in html
    assert "<a " not in html
    assert html.count("<table>") == 1
    assert "Not evaluated here:" in html
    assert "@all" not in html.partition("<details>")[0], "nobody is called"


def test_the_job_summary_of_a_pipeline(
    hostile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    code, out, _ = said(capsys, str(hostile))
    assert code == 1
    assert out.startswith("::error file=chora.yaml,")
    assert summary.read_text().startswith("before\n### chora validate: ")


def test_a_report_goes_to_the_file_that_is_named(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = hostile / "report.sarif"
    code, out, _ = said(capsys, str(hostile), "--format", "sarif", "--output", str(report))
    assert code == 1
    assert json.loads(report.read_text())["version"] == "2.1.0"
    assert "Not evaluated here:" in out
    assert said(capsys, str(hostile), "--format", "sarif", "--output", str(hostile / "no" / "x"))[0] == 2


def test_sarif_says_the_same_in_its_own_words(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, plain, _ = said(capsys, str(hostile), "--format", "json")
    _, out, _ = said(capsys, str(hostile), "--format", "sarif")
    (run,) = json.loads(out)["runs"]
    names = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    failed = [result for result in run["results"] if result.get("kind", "fail") == "fail"]
    assert sorted(result["ruleId"] for result in failed) == rules(plain)
    assert all(names[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    unseen = {result["ruleId"] for result in run["results"] if result.get("kind") == "notApplicable"}
    assert unseen == set(json.loads(plain)["not_evaluated"])
    assert run["columnKind"] == "unicodeCodePoints"


def test_a_fingerprint_survives_lines_above_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def prints(text: str) -> list[str]:
        (tmp_path / "chora.yaml").write_text(text)
        run = json.loads(said(capsys, str(tmp_path / "chora.yaml"), "--format", "sarif")[1])["runs"][0]
        return [item["partialFingerprints"]["chora/v1"] for item in run["results"] if "partialFingerprints" in item]

    assert prints(BAD) == prints("# a line\n\n" + BAD)
    assert prints(BAD) != prints(BAD.replace('"1.0"', '"2.0"'))
    twice = GOOD + 'x: 1\nadr_links: ["no.md", "no.md"]\n'
    assert len(set(prints(twice))) == len(prints(twice))


def test_manifests_that_are_too_many_are_said_to_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A tree of which only a part is read is no tree in which nothing is wrong; whoever names each means each."""
    top = repository(tmp_path / "repo")
    for number in range(203):
        (top / f"p{number:03}").mkdir()
        (top / f"p{number:03}" / "chora.yaml").write_text(GOOD.replace("own", f"own{number}"))
    registry = tmp_path / "catalog-sources.yaml"
    registry.write_text('sources:\n  - name: source\n    url: "repo"\n    manifests: ["*/chora.yaml"]\n')
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "add", "."], cwd=top, check=True)
    subprocess.run(["git", *identity, "commit", "--quiet", "--message=First"], cwd=top, check=True)
    words = ["build", "--sources", str(registry), "--output", str(tmp_path / "site"), "--allow-local", "--quiet"]
    assert main(words) == 0
    found = json.loads((tmp_path / "site/data/v1/findings/source.json").read_text())["findings"]
    (said_so,) = [finding for finding in found if finding["rule"] == "too-many-manifests"]
    assert "3 more manifests" in said_so["message"]
    assert (said_so["severity"], said_so["place"]["file"]) == ("error", "p199/chora.yaml")
    code, out, _ = said(capsys, *(str(path) for path in sorted(top.glob("*/chora.yaml"))))
    assert code == 0
    assert "203 capabilities in 203 manifests" in out


def test_a_folder_below_is_placed_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An annotation of a pipeline is placed by the path from the top, whatever folder is validated."""
    repository(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "chora.yaml").write_text(BAD.replace("own", name))
    monkeypatch.chdir(tmp_path)
    assert said(capsys, "one", "--format", "github")[1].startswith("::error file=one/chora.yaml,")
    _, out, _ = said(capsys, "one", "two", "--format", "json")
    places = {finding["place"]["file"] for finding in json.loads(out)["findings"]}
    assert places == {"one/chora.yaml", "two/chora.yaml"}
    monkeypatch.chdir(tmp_path / "one")
    _, out, _ = said(capsys, ".", "--format", "json")
    assert {finding["place"]["file"] for finding in json.loads(out)["findings"]} == {"chora.yaml"}


def test_outside_of_a_repository_no_git_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be thousands of files to judge, each in a folder of its own."""
    (tmp_path / "chora.yaml").write_text(GOOD)
    monkeypatch.setattr("chora_catalog.edge.worktree.run", lambda *_, **__: pytest.fail("git was started"))
    assert main(["validate", str(tmp_path)]) == 0


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_report_that_cannot_be_written_is_no_pass(form: str, tmp_path: Path) -> None:
    (tmp_path / "chora.yaml").write_text(GOOD)
    command = [sys.executable, "-m", "chora_catalog", "validate", str(tmp_path), "--format", form]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert "could not be written: No space left on device" in done.stderr
    assert "defect" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("data", [b"* @team-b\n" + b"#" * 300_000, b"\xff* @team-b\n"], ids=["too long", "no text"])
def test_owners_that_could_not_be_read_are_no_agreement(
    data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chora.yaml").write_text(GOOD)
    (tmp_path / "CODEOWNERS").write_bytes(data)
    assert rules(said(capsys, str(tmp_path), "--format", "json")[1]) == ["file-not-read"]
    (tmp_path / "CODEOWNERS").write_bytes(b"* @team-b\n")
    assert rules(said(capsys, str(tmp_path), "--format", "json")[1]) == ["codeowners-differs"]
