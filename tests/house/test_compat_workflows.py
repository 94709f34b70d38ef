"""The steps that judge compatibility do what they say: a pass, a break, what cannot be told, and who is asked to build.

The catalog is the sample of the tests, on a disk; the tool of the code host is a stand-in that notes what it was asked.
"""

from __future__ import annotations

import re
import subprocess
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from chora_catalog.parse.spans import read
from tests.house.test_workflows import BIN, ROOT, execute, load, step
from tests.journeys.test_compat_check import PROVIDER, publish
from tests.sample_catalog import AS_OF, run_of, sample

NOW = int(datetime.fromisoformat(AS_OF).timestamp())
HOUR = 3600
MANIFEST = """\
id: "demo.consumer.use"
version: "1.0.0"
owner: "team-demo"
contact: "#demo"
lifecycle_stage: "build"
dependencies:
  - id: "{provider}"
    version: "{range}"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalog = sample()
    return publish(tmp_path_factory.mktemp("site"), catalog, run_of(catalog))


def judge(here: Path, site: Path | str, wanted: str, *, age: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the step in a repository that needs `wanted` of the provider, `age` seconds after the catalog's build."""
    (here / "part").mkdir(exist_ok=True)
    (here / "part/chora.yaml").write_text(MANIFEST.format(provider=PROVIDER, range=wanted))
    values = {"FOLDER": "part", "CATALOG": str(site), "SIDE": "both", "MAX_AGE": ""} | env
    words = step("compat.yml", "compat", "Check")
    assert set(words["env"]) == set(values)
    return execute(
        words["run"],
        here,
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(here / "summary.md"),
        SOURCE_DATE_EPOCH=str(NOW + age),
        **values,
    )


def test_a_pass_a_break_and_what_cannot_be_told(tmp_path: Path, site: Path) -> None:
    """Only the first is green; the last says so first of all, and each tells how old the catalog is."""
    fits = judge(tmp_path, site, "*")
    assert fits.returncode == 0, fits.stdout + fits.stderr
    assert "0 minutes old" in fits.stdout
    assert "::error" not in fits.stdout

    breaks = judge(tmp_path, site, "^1", age=2 * HOUR)
    assert breaks.returncode == 1
    assert "::error file=part/chora.yaml,title=outside-range,line=7,col=10::" in breaks.stdout
    assert "2 hours old, past its alert age" in breaks.stdout

    old = judge(tmp_path, site, "*", age=2 * HOUR)
    assert old.returncode == 3
    assert old.stdout.startswith("::error title=cannot-tell::It could not be told whether everything fits")
    assert "2 hours old, past its alert age" in old.stdout.splitlines()[0]
    said = (tmp_path / "summary.md").read_text()
    assert re.findall(r"^### chora compat check: (.*)$", said, re.MULTILINE) == [
        "compatible",
        "not compatible",
        "cannot tell",
    ]


def test_the_age_and_the_side_are_those_of_the_inputs(tmp_path: Path, site: Path) -> None:
    assert judge(tmp_path, site, "*", age=2 * HOUR, MAX_AGE="3h", SIDE="consumer").returncode == 0
    # As a consumer it breaks; as a provider nobody knows it, and what compares nothing is no pass.
    assert judge(tmp_path, site, "^1", SIDE="consumer").returncode == 1
    assert judge(tmp_path, site, "^1", SIDE="provider").returncode == 3
    assert judge(tmp_path, site, "*", MAX_AGE="soon").returncode == 2
    assert judge(tmp_path, site, "*", SIDE="nobody").returncode == 2


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/", "nowhere"])
def test_a_catalog_that_does_not_answer_fails_the_job_in_words(tmp_path: Path, where: str) -> None:
    done = judge(tmp_path, where, "*")
    assert done.returncode == 3
    assert done.stdout.startswith("::error title=cannot-tell::It could not be told whether everything fits")
    assert "nothing was compared" in done.stdout
    assert (
        (tmp_path / "summary.md").read_text().startswith("### chora compat check: cannot tell\n\nIt could not be told")
    )


def test_a_manifest_that_cannot_be_read_is_told_where_the_job_is_looked_at(tmp_path: Path, site: Path) -> None:
    done = judge(tmp_path, site, '"\n  - [')
    assert done.returncode == 1
    assert done.stdout.startswith("::error title=not-compared::a manifest cannot be read")
    assert (
        (tmp_path / "summary.md").read_text().startswith("### chora compat check: nothing was compared\n\na manifest")
    )


def test_no_address_at_all_is_no_pass(tmp_path: Path) -> None:
    done = judge(tmp_path, "", "*")
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=not-compared::no catalog is named")
    assert "no catalog is named" in (tmp_path / "summary.md").read_text()


def test_the_workflow_is_the_neighbour_of_the_one_that_validates() -> None:
    """The same steps before its own, the same rights, and no secret: a fork runs it as it is."""
    ours, theirs = (load(f"{name}.yml")["jobs"][name] for name in ("compat", "validate"))
    assert ours["steps"][:-1] == theirs["steps"][:-1]
    assert {key: ours[key] for key in ours if key != "steps"} == {key: theirs[key] for key in theirs if key != "steps"}
    text = (ROOT / ".github/workflows/compat.yml").read_text(encoding="utf-8")
    assert not re.search(r"secrets|token|continue-on-error|\|\| true", text)
    assert ours["steps"][0]["with"]["persist-credentials"] is False
    called = load("compat.yml")["on"]["workflow_call"]["inputs"]
    assert {name for name, said in called.items() if said.get("required")} == {"catalog"}


# ---- Asking for a build ----------------------------------------------------------------------------------------------

STAND_IN = """\
#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> "$NOTES"; done
"""


def test_a_push_asks_the_catalog_to_be_built(tmp_path: Path) -> None:
    """What is asked for is what the catalog's own workflow waits for, and the token stands on no command line."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "gh").write_text(STAND_IN)
    (tools / "gh").chmod(0o755)
    ask = step("rebuild.yml", "ask", "Ask")
    assert load("rebuild.yml")["jobs"]["ask"]["env"] == {"GH_TOKEN": "${{ secrets.token }}"}
    notes = tmp_path / "notes"
    run = f'PATH="{tools}:$PATH"; {ask["run"]}'
    done = execute(run, tmp_path, NOTES=str(notes), REPOSITORY="acme/catalog", GH_TOKEN="x" * 8)
    assert done.returncode == 0, done.stderr
    words = notes.read_text().splitlines()
    assert words[:5] == ["api", "--silent", "--method", "POST", "repos/acme/catalog/dispatches"]
    assert not any("x" * 8 in word for word in words)
    (event,) = load("catalog.yml")["on"]["repository_dispatch"]["types"]
    assert words[5:] == ["--raw-field", f"event_type={event}"]


def test_only_a_push_that_counts_asks_and_only_with_a_token(tmp_path: Path) -> None:
    job = load("rebuild.yml")["jobs"]["ask"]
    condition = " ".join(job["if"].split())
    assert condition.startswith("${{ github.event_name == 'push' && (")
    assert "github.event.repository.default_branch" in condition
    assert job["permissions"] == {}
    assert not any("uses" in item for item in job["steps"]), "nothing else sees the token"
    ask, say = job["steps"]
    assert (ask["if"], say["if"]) == ("${{ env.GH_TOKEN != '' }}", "${{ env.GH_TOKEN == '' }}")
    assert load("rebuild.yml")["on"]["workflow_call"]["secrets"]["token"]["required"] is False
    said = execute(say["run"], tmp_path)
    assert said.stdout.startswith("::notice title=chora-rebuild::No token was given")


# ---- GitLab ----------------------------------------------------------------------------------------------------------


def test_the_component_of_gitlab_does_the_same(tmp_path: Path, site: Path) -> None:
    text = (ROOT / "templates/compat.yml").read_text(encoding="utf-8")
    head, _, body = text.partition("\n---\n")
    inputs = read(head.encode(), file="compat.yml").value["spec"]["inputs"]
    assert set(inputs) - {"stage"} == set(load("compat.yml")["on"]["workflow_call"]["inputs"])
    assert set(re.findall(r"inputs\.([\w-]+)", body)) == set(inputs)
    assert [name for name, said in inputs.items() if "default" not in said] == ["catalog"]
    job_file = tmp_path / "job.yml"
    job_file.write_text(body)
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]
    checked = subprocess.run([*command, str(job_file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    job = read(body.encode(), file="compat.yml").value["chora-compat"]
    assert f'"chora-catalog=={version("chora-catalog")}"' in " ".join(job["before_script"])
    (tmp_path / "chora.yaml").write_text(MANIFEST.format(provider=PROVIDER, range="^1"))
    (line,) = job["script"]
    # The image has no bash: a job runs there in sh.
    values = {"FOLDER": ".", "CATALOG": str(site), "SIDE": "both", "MAX_AGE": "2h"}
    assert set(job["variables"]) == set(values)
    done = execute(f"sh -euc {_quoted(line)}", tmp_path, SOURCE_DATE_EPOCH=str(NOW), **values)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "outside-range" in (tmp_path / job["artifacts"]["reports"]["junit"]).read_text()
    (tmp_path / "chora.yaml").write_text(MANIFEST.format(provider=PROVIDER, range="*"))
    late = execute(f"sh -euc {_quoted(line)}", tmp_path, SOURCE_DATE_EPOCH=str(NOW + 3 * HOUR), **values)
    assert late.returncode == 3


def _quoted(line: str) -> str:
    return "'" + line.replace("'", "'\\''") + "'"
