"""The workflow files are clean under their linters, and each `run:` step does what it says on a local git world."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from chora_catalog.parse.spans import read

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def load(name: str) -> Any:
    reading = read((ROOT / ".github" / "workflows" / name).read_bytes(), file=name)
    assert reading.ok, reading.findings
    return reading.value


@pytest.mark.parametrize(
    "command",
    [
        ("zizmor", "--offline", "--no-progress", ".github/workflows"),
        ("actionlint",),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)),
    ],
    ids=["zizmor", "actionlint", "schema"],
)
def test_linters_find_nothing(command: tuple[str, ...]) -> None:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_rights_and_pins(path: Path) -> None:
    workflow = load(path.name)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "permissions" in job
        for step in job["steps"]:
            if "uses" in step:
                _, _, pin = step["uses"].partition("@")
                assert len(pin) == 40, f"{step['uses']} is not pinned to a commit"
            else:
                assert "\n" not in step["run"].strip(), "each run step is one command"
                assert "${{" not in step["run"], "values go through env"


@pytest.mark.parametrize("name", ["validate", "compat"])
def test_the_called_workflow_installs_this_release(name: str) -> None:
    install = step(f"{name}.yml", name, "Install")["run"]
    assert f'"chora-catalog=={version("chora-catalog")}"' in install


def step(workflow: str, job: str, name: str) -> Mapping[str, Any]:
    (found,) = [item for item in load(workflow)["jobs"][job]["steps"] if item.get("name") == name]
    return found


def execute(run: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does: bash with -e, the tool on the path, an empty home."""
    home = cwd / ".home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run],
        cwd=cwd,
        env={"PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(home), **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def git(*args: str, cwd: Path) -> None:
    identity = {"GIT_AUTHOR_NAME": "T", "GIT_AUTHOR_EMAIL": "t@example.org", "GIT_AUTHOR_DATE": "2026-11-01T00:00:00Z",
                "GIT_COMMITTER_NAME": "T", "GIT_COMMITTER_EMAIL": "t@example.org",
                "GIT_COMMITTER_DATE": "2026-11-01T00:00:00Z", "GIT_CONFIG_GLOBAL": "/dev/null"}  # fmt: skip
    subprocess.run(
        ["git", *args], cwd=cwd, env={"PATH": os.environ["PATH"], **identity}, check=True, capture_output=True
    )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A static host: a folder, and its address."""
    folder = tmp_path / "pages"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


MANIFEST = """\
id: "example.greeting.say"
version: "1.0.0"
owner: "team-a"
contact: "#team-a"
lifecycle_stage: "operate"
outputs:
  - name: greeting
    type: text
"""


def world(folder: Path, url: str) -> Path:
    """A catalog repository whose registry names one local repository and the address of its site."""
    source, catalog = folder / "source", folder / "catalog"
    source.mkdir()
    catalog.mkdir()
    (source / "chora.yaml").write_text(MANIFEST)
    (catalog / "catalog-sources.yaml").write_text(
        f'catalog:\n  title: "World"\n  url: "{url}"\nsources:\n  - name: greeting\n    url: ../source\n'
    )
    for place in (source, catalog):
        git("init", "--quiet", "--initial-branch=main", cwd=place)
        git("add", ".", cwd=place)
        git("commit", "--quiet", "--message=First", cwd=place)
    return catalog


def test_the_scheduled_job_runs_twice(tmp_path: Path, pages: tuple[Path, str]) -> None:
    published, url = pages
    catalog = world(tmp_path, url)
    build = step("catalog.yml", "build", "Build")["run"]

    too_early = execute(build, catalog, MODE="--previous=published", SITE=str(tmp_path / "early"))
    assert too_early.returncode == 3
    assert "--first" in too_early.stderr
    assert not (tmp_path / "early").exists()

    first = execute(build, catalog, MODE="--first", SITE=str(tmp_path / "one"))
    assert first.returncode == 0, first.stderr
    shutil.copytree(tmp_path / "one", published, dirs_exist_ok=True)

    second = execute(build, catalog, MODE="--previous=published", SITE=str(tmp_path / "two"))
    assert second.returncode == 0, second.stderr
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert (tmp_path / "two" / "run.json").read_text().count('"as_of"') >= 3, "the ledger goes on"


def test_the_sign_job_may_sign_and_reads_no_source() -> None:
    jobs = load("catalog.yml")["jobs"]
    allowed = {name for name, job in jobs.items() if job["permissions"].get("id-token") == "write"}
    assert allowed == {"sign", "publish"}
    assert jobs["sign"]["permissions"] == {"contents": "read", "id-token": "write"}
    runs = [step["run"].split()[:2] for step in jobs["sign"]["steps"] if "run" in step]
    assert runs == [["python", "-m"], ["chora", "sign"], ["chora", "mirror"]]
    assert "id-token" not in jobs["build"]["permissions"]
    assert all("secrets." not in str(job) for name, job in jobs.items() if name != "sign")


def test_the_sign_job_goes_on_from_what_is_published(tmp_path: Path, pages: tuple[Path, str]) -> None:
    """Built and signed twice, each time from what the site shows; what somebody changed there is not built from."""
    published, url = pages
    catalog = world(tmp_path, url)
    trust = execute("chora trust init --profile key --output trust", catalog)
    assert trust.returncode == 0, trust.stderr
    key = (catalog / "trust/keys/online.pem").read_text()
    shutil.rmtree(catalog / "trust/keys")
    site = str(tmp_path / "site")
    for sequence, mode in ((1, "--first"), (2, "--previous=published")):
        shutil.rmtree(site, ignore_errors=True)
        for name, env in (("Build", {"MODE": mode}), ("Sign", {"CHORA_SIGNING_KEY": key}), ("Export", {})):
            job = "build" if name == "Build" else "sign"
            done = execute(step("catalog.yml", job, name)["run"], catalog, SITE=site, **env)
            assert done.returncode == 0, done.stderr
        done = execute(f"chora verify {site} --root trust/root.json --min-sequence {sequence}", catalog)
        assert done.returncode == 0, done.stderr
        shutil.rmtree(published)
        shutil.copytree(site, published)
        if mode == "--first":
            registry = catalog / "catalog-sources.yaml"
            registry.write_text(registry.read_text().replace("sources:", "  root: trust/root.json\nsources:", 1))
    record = published / "data/v1/harvest/greeting.json"
    record.write_bytes(record.read_bytes() + b" ")
    build = step("catalog.yml", "build", "Build")["run"]
    done = execute(build, catalog, MODE="--previous=published", SITE=str(tmp_path / "bad"))
    assert done.returncode == 1
    assert "was tampered with" in done.stderr
    assert not (tmp_path / "bad").exists()


def test_an_unreachable_previous_is_no_first_run(tmp_path: Path) -> None:
    catalog = world(tmp_path, "http://127.0.0.1:9/")
    build = step("catalog.yml", "build", "Build")["run"]
    done = execute(build, catalog, MODE="--previous=published", SITE=str(tmp_path / "site"))
    assert done.returncode == 3
    assert "does not answer" in done.stderr
    assert "--first" not in done.stderr
    assert not (tmp_path / "site").exists()


def test_the_called_workflow_validates_what_is_checked_out(tmp_path: Path) -> None:
    run = step("validate.yml", "validate", "Validate")["run"]
    (tmp_path / "chora.yaml").write_text(MANIFEST)
    good = execute(run, tmp_path, FOLDER=".", GITHUB_ACTIONS="true")
    assert good.returncode == 0, good.stdout + good.stderr
    (tmp_path / "chora.yaml").write_text(MANIFEST.replace('"1.0.0"', '"1.0"'))
    bad = execute(run, tmp_path, FOLDER=".", GITHUB_ACTIONS="true")
    assert bad.returncode == 1
    assert "::error file=chora.yaml,title=version-semver,line=2," in bad.stdout


def test_an_empty_repository_is_told_what_to_do_first(tmp_path: Path) -> None:
    """Only the caller is checked out, and it holds nothing: no pass, and the next step."""
    git("init", "--quiet", "--initial-branch=main", cwd=tmp_path)
    done = execute(step("validate.yml", "validate", "Validate")["run"], tmp_path, FOLDER=".", GITHUB_ACTIONS="true")
    assert done.returncode == 2
    assert "chora init" in done.stderr


def test_the_callers_file_is_whole_and_nine_lines() -> None:
    """What the README shows is what the documents and the linters see."""
    for page in ("README.md", "docs/how-to/validate-in-ci.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        (shown,) = [
            block for block in re.findall(r"```yaml[^\n]*\n(.*?)```", text, re.DOTALL) if "workflows/validate" in block
        ]
        assert len(shown.splitlines()) == 9
        read_back = read(shown.encode(), file="chora.yml")
        assert read_back.ok
        job = read_back.value["jobs"]["validate"]
        called = load("validate.yml")
        assert set(job["with"]) <= set(called["on"]["workflow_call"]["inputs"])
        assert job["permissions"] == called["jobs"]["validate"]["permissions"], "the caller grants what is asked for"


def test_the_callers_file_passes_the_linters(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "workflows/validate" in block]
    caller = tmp_path / ".github" / "workflows" / "chora.yml"
    caller.parent.mkdir(parents=True)
    caller.write_text(shown.replace("<owner>", "example").replace("<commit>", "0" * 40))
    git("init", "--quiet", cwd=tmp_path)
    for command in (
        ("zizmor", "--offline", "--no-progress", "--persona", "pedantic", str(caller)),
        ("actionlint", str(caller)),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(caller)),
    ):
        done = subprocess.run([str(BIN / command[0]), *command[1:]], cwd=tmp_path, capture_output=True, text=True,
                              check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_component_of_gitlab_does_the_same(tmp_path: Path) -> None:
    """Its inputs, its release and its lines; the form is checked against GitLab's own schema."""
    text = (ROOT / "templates" / "validate.yml").read_text(encoding="utf-8")
    head, _, body = text.partition("\n---\n")
    inputs = read(head.encode(), file="validate.yml").value["spec"]["inputs"]
    job_file = tmp_path / "job.yml"
    job_file.write_text(body)
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    done = subprocess.run([*command, str(job_file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    job = read(body.encode(), file="validate.yml").value["chora-validate"]
    assert set(re.findall(r"inputs\.(\w+)", body)) == set(inputs)
    assert f'"chora-catalog=={version("chora-catalog")}"' in " ".join(job["before_script"])
    (tmp_path / "chora.yaml").write_text(MANIFEST.replace('"1.0.0"', '"1.0"'))
    (line,) = job["script"]
    done = execute(line, tmp_path, FOLDER=".")
    assert done.returncode == 1
    assert "version-semver" in (tmp_path / job["artifacts"]["reports"]["junit"]).read_text()


def test_the_install_steps_run() -> None:
    for name, job in (("catalog.yml", "build"), ("validate.yml", "validate"), ("compat.yml", "compat")):
        run = step(name, job, "Install")["run"]
        assert run.startswith("python -m pip install --quiet ")
        # The packages are there already; what is tried is that pip takes the words and finds this release.
        words = run.replace("--quiet", "--quiet --dry-run --no-deps --no-build-isolation --no-index")
        done = subprocess.run(["bash", "-c", words], cwd=ROOT, capture_output=True, text=True, check=False,
                              env={"PATH": f"{BIN}:{os.environ['PATH']}"})  # fmt: skip
        assert done.returncode == 0, done.stderr


def content(site: Path) -> dict[str, bytes]:
    """The files of a publication that are content: all but the run record."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and path.name not in ("run.json", "run.js")
    }
