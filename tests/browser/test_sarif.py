"""SARIF against the schema of the standard, which comes with a package of npm."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft4Validator, Draft7Validator

from chora_catalog.cli.main import main


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Draft4Validator | Draft7Validator:
    npm = shutil.which("npm")
    if npm is None:
        pytest.fail("npm is missing. Install it (Debian: apt-get install npm) and run make test-browser again.")
    folder = tmp_path_factory.mktemp("sarif")
    words = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save"]
    subprocess.run([npm, "install", "--prefix", str(folder), *words, "@microsoft/jest-sarif@1.0.0-beta.0"],
                   check=True, capture_output=True)  # fmt: skip
    (found,) = (folder / "node_modules" / "@microsoft" / "jest-sarif").rglob("sarif-2.1.0-rtm.5.json")
    text = json.loads(found.read_text())
    kind = Draft4Validator if "draft-04" in text["$schema"] else Draft7Validator
    kind.check_schema(text)
    return kind(text)


@pytest.mark.parametrize(
    "manifest",
    [
        'id: "a.b.c"\nversion: "1.0.0"\n',
        'id: "A b"\nversion: 1.10\nowner: [1]\nadr_links: ["../x", "a\\\\b"]\ndependencies:\n  - id: "x y"\n',
        "id: [\n",
        'id: "a.b.c"\nversion: "1.0.0"\nsummary: "\\u202e"\n',
    ],
    ids=["good", "much is wrong", "torn", "hidden"],
)
def test_every_log_is_sarif(
    manifest: str,
    schema: Draft4Validator | Draft7Validator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "chora.yaml").write_text(manifest)
    main(["validate", str(tmp_path), "--format", "sarif"])
    log = json.loads(capsys.readouterr().out)
    assert [error.message for error in schema.iter_errors(log)] == []
    log["runs"][0]["results"].append({"ruleId": 1})
    assert list(schema.iter_errors(log)), "the schema refuses what is no result"
