"""`chora compat check` end to end: a manifest in a folder against a published catalog, and what it says and returns."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import junitparser
import pytest

from chora_catalog.app import compat_checking
from chora_catalog.app.compat_checking import CheckOptions, check
from chora_catalog.cli.main import main
from chora_catalog.model.ids import file_name
from chora_catalog.model.run import Run
from chora_catalog.parse.published import load_needs
from chora_catalog.render import api, harvest
from chora_catalog.render.run import run_files
from tests.sample_catalog import AS_OF, empty, run_of, sample

PROVIDER = "mcp.orchestration.serve"
Said = tuple[int, str, str]
Chora = Callable[..., Said]


def publish(folder: Path, catalog: Any, run: Run) -> Path:
    kept = {view.spec.name: harvest.kept(view.harvest) for view in catalog.sources}
    outputs = [
        *api.files(catalog),
        *harvest.keep(kept, catalog="x", held={entry.id: entry.source for entry in catalog.entries}, first={}, gone=()),
    ]
    made = {item.path: item.make() for item in outputs} | run_files(run)
    for path, data in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    catalog = sample()
    return publish(tmp_path_factory.mktemp("site"), catalog, run_of(catalog))


@pytest.fixture
def chora(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Chora:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    def call(*words: str, catalog: str | Path = site, as_of: str = AS_OF) -> Said:
        code = main(["compat", "check", "--catalog", str(catalog), "--as-of", as_of, *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def manifest(
    identifier: str = "demo.consumer.use", version: str = "1.0.0", needs: dict[str, str] | None = None, **more: str
) -> None:
    lines = [
        f'id: "{identifier}"',
        f'version: "{version}"',
        'owner: "team-demo"',
        'contact: "#demo"',
        'lifecycle_stage: "build"',
    ]
    lines += [f"{key}: {value}" for key, value in more.items()]
    if needs:
        lines.append("dependencies:")
        for name, text in needs.items():
            lines += [f'  - id: "{name}"', f'    version: "{text}"']
    Path("chora.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def records(said: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(said)["judgements"]
    return rows


# As a consumer


def test_a_consumer_that_fits_passes(chora: Chora) -> None:
    manifest(needs={PROVIDER: "*"})
    code, out, _ = chora()
    assert code == 0
    assert f"compatible: demo.consumer.use needs {PROVIDER} *: the newest is in range" in out
    assert "1 dependency judged: 1 compatible." in out
    assert f"Compared with the catalog of {AS_OF}, 0 minutes old" in out


def test_a_break_says_all_that_one_needs(chora: Chora) -> None:
    manifest(needs={PROVIDER: "^1"})
    code, out, _ = chora()
    assert code == 1
    for words in (
        f"breaking[outside-range]: demo.consumer.use needs {PROVIDER} ^1: requires ^1, the newest is",
        "--> chora.yaml:7:10",
        "team-demo (#demo)",
        "still fits",
        "evidence   declared-range: breaking",
        "evidence   verified-run: not evaluated",
        "90 days suggested",
        "waiver     possible, up to 30 days",
        "signal     a draft for decisions/signals/SIG-",
        "= next: Try",
    ):
        assert words in out, words


def test_the_record_of_a_break_is_whole(chora: Chora) -> None:
    manifest(needs={PROVIDER: "^1"})
    code, out, err = chora("--format", "json")
    assert code == 1
    assert "1 dependency judged" in err, "standard output holds the report alone"
    said = json.loads(out)
    assert (said["schema"], said["exit_code"], said["detected_at"]) == ("chora.compat-check/v1", 1, AS_OF)
    assert (said["catalog"]["as_of"], said["catalog"]["age_seconds"], said["catalog"]["age"]) == (AS_OF, 0, "fresh")
    assert len(said["trace_id"]) == 32
    (row,) = said["judgements"]
    assert (row["capability_id"], row["rule_id"], row["required_range"]) == ("demo.consumer.use", "outside-range", "^1")
    assert (row["before"], row["after"]) == (">=1.0.0 <2.0.0-0", row["provider"]["version"])
    assert row["owners"]["provider"] == {"owner": "team-orchestration", "contact": "#orchestration", "by": "catalog"}
    assert row["owners"]["consumer"] == {"owner": "team-demo", "contact": "#demo", "by": "manifest"}
    assert (row["suggested_deprecation_window_days"], row["earliest_removal"]) == (90, "2027-02-20")
    assert [item["layer"] for item in row["evidence"]] == ["declared-range", "structure", "verified-run"]
    assert len(row["fingerprint"]) == 16
    assert row["place"] == {"file": "chora.yaml", "line": 7, "column": 10}


def test_the_drafts_are_valid_records(chora: Chora) -> None:
    """What is proposed can be filed as it is: the reader of decisions takes both, and the waiver covers the break."""
    from chora_catalog.app.own_schemas import own_schemas
    from chora_catalog.parse.records import Added, load_records

    manifest(needs={PROVIDER: "^1"})
    (row,) = records(chora("--format", "json")[1])
    waiver, signal = row["waiver"], row["signal_draft"]
    text = waiver["text"].replace('reason: ""', 'reason: "moves next week"')
    files = {
        paper["file"].removeprefix("decisions/"): words.encode()
        for paper, words in ((waiver, text), (signal, signal["text"]))
    }
    added = Added(commit="0" * 40, at=AS_OF, author="somebody")
    found = load_records(files, added=dict.fromkeys(files, added), schemas=own_schemas())
    assert [item.message for item in found.findings if item.severity.value == "error"] == []
    assert found.waivers[0].fingerprints == (row["fingerprint"],)
    assert found.signals[0].capability_id == PROVIDER


@pytest.mark.parametrize(
    ("needs", "status", "code"),
    [
        ({"nobody.has.this": "^1"}, "unknown", 3),  # a source of the sample was never read
        ({PROVIDER: "certainly not a range"}, "invalid", 1),
        ({"telemetry.trace.collect": "^1"}, "deprecated", 0),
    ],
)
def test_other_verdicts(chora: Chora, needs: dict[str, str], status: str, code: int) -> None:
    manifest(needs=needs)
    said = chora("--format", "json")
    assert ([row["status"] for row in records(said[1])], said[0]) == ([status], code)


def test_a_missing_provider_is_a_break_where_all_was_read(chora: Chora, tmp_path: Path) -> None:
    manifest(needs={"nobody.has.this": "^1"})
    catalog = sample(silent=())
    run = run_of(catalog)
    from dataclasses import replace

    from chora_catalog.model.source import Outcome

    read = replace(run, sources=tuple(replace(item, outcome=Outcome.READ, last_ok_at=AS_OF) for item in run.sources))
    whole = publish(tmp_path / "whole", catalog, read)
    code, out, _ = chora("--format", "json", catalog=whole)
    (row,) = records(out)
    assert (code, row["status"], row["rule_id"]) == (1, "missing", "provider-missing")
    assert row["waiver"]["possible"]


def test_a_former_name_finds_its_provider(chora: Chora, site: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(site, tmp_path / "copy")
    (copy / "data/v1/aliases.json").write_text(
        json.dumps({"schema": "chora.aliases/v1", "aliases": {"former.name.here": PROVIDER}}), encoding="utf-8"
    )
    manifest(needs={"former.name.here": "*"})
    (row,) = records(chora("--format", "json", catalog=copy)[1])
    assert (row["provider"]["id"], row["provider"]["written"], row["status"]) == (
        PROVIDER,
        "former.name.here",
        "compatible",
    )


# As a provider


@pytest.fixture
def published(site: Path) -> dict[str, Any]:
    """The provider's manifest as its newest release declared it, in the words of the sample."""
    record: dict[str, Any] = json.loads((site / f"data/v1/capabilities/{PROVIDER}.json").read_bytes())
    return record


def as_provider(record: dict[str, Any], version: str, *, without: str = "") -> None:
    said = record["manifest"]
    lines = [
        f'id: "{PROVIDER}"',
        f'version: "{version}"',
        f'owner: "{said["owner"]}"',
        f'contact: "{said.get("contact", "#x")}"',
    ]
    lines += [f'{key}: "{said[key]}"' for key in ("lifecycle_stage", "stability", "security_tier") if said.get(key)]
    for side in ("inputs", "outputs"):
        rows = [port for port in said.get(side, []) if port["name"] != without]
        lines += [f"{side}:" if rows else f"{side}: []"]
        for port in rows:
            lines += [f'  - name: "{port["name"]}"', *([f'    type: "{port["type"]}"'] if port.get("type") else [])]
            lines += ["    optional: true"] if port.get("optional") else []
    for name in ("behaviors", "dependencies"):
        if said.get(name):
            lines.append(f"{name}:")
            for row in said[name]:
                given = {key: value for key, value in row.items() if key in ("id", "version", "ref", "status")}
                lines += [
                    f'{"  - " if at == 0 else "    "}{key}: "{value}"' for at, (key, value) in enumerate(given.items())
                ]
    Path("chora.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_nothing_changed_blames_nobody(chora: Chora, published: dict[str, Any]) -> None:
    """Dependents that were broken before are said to be, and do not fail the provider's pipeline."""
    as_provider(published, published["version"])
    code, out, _ = chora("--side", "provider", "--format", "json")
    rows = records(out)
    assert {row["status"] for row in rows} >= {"breaking", "compatible"}
    assert all(row["exit_code"] != 1 for row in rows)
    assert code in (0, 3)
    assert all(row["was"] == "breaking" for row in rows if row["status"] == "breaking")


def test_taking_something_away_breaks_those_who_read_it_whatever_the_version_says(
    chora: Chora, published: dict[str, Any], site: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(site, tmp_path / "copy")
    path = copy / f"data/v1/dependents/{PROVIDER}.json"
    record = json.loads(path.read_bytes())
    (fits,) = [cell for cell in record["cells"] if cell["edge"]["verdict"] == "compatible"]
    fits["consumer"]["inputs"] = ["session"]
    path.write_text(json.dumps(record), encoding="utf-8")
    major, minor, _ = published["version"].split(".")
    as_provider(published, f"{major}.{int(minor) + 1}.0", without="session")
    code, out, _ = chora("--side", "provider", "--format", "json", catalog=copy)
    assert code == 1
    said = json.loads(out)
    (step,) = said["steps"]
    assert (step["declared_bump"], step["required_bump"], step["suffices"]) == ("minor", "major", False)
    assert step["suggested_version"] == f"{int(major) + 1}.0.0"
    (row,) = [row for row in said["judgements"] if row["exit_code"] == 1]
    assert (row["consumer"]["id"], row["was"], row["rule_id"]) == (
        fits["edge"]["consumer"],
        "compatible",
        "output-removed",
    )
    assert row["capability_id"] == PROVIDER
    assert row["signal_draft"]["file"] == f"decisions/signals/SIG-{PROVIDER}-{int(major) + 1}.0.0.yaml"
    assert "Keep what" in row["next"]


def test_a_capability_that_is_new_is_judged_by_what_it_needs(chora: Chora) -> None:
    manifest("demo.brand.new", needs={PROVIDER: "*"})
    code, out, _ = chora()
    assert code == 0
    assert "demo.brand.new was not judged as a provider: the catalog does not hold it" in out


@pytest.mark.parametrize("side", ["consumer", "provider", "both"])
def test_where_nothing_was_compared_nothing_passes(chora: Chora, side: str) -> None:
    """A typing error in the id, or in `dependencies`, looks just like this."""
    manifest("mcp.orchestration.serv")
    code, out, _ = chora("--side", side)
    assert code == 3
    assert "Nothing was compared, and that is no pass" in out


def test_one_that_nobody_needs_passes_where_the_catalog_knows_it(chora: Chora, site: Path) -> None:
    files = sorted((site / "data/v1/dependents").glob("*.json"))
    lone = next(
        said for path in files if not (said := json.loads(path.read_bytes())).get("cells") and said.get("provider")
    )
    manifest(lone["id"], "99.0.0")
    code, out, _ = chora("--side", "provider")
    assert code == 0
    assert f"0 dependents of {lone['id']} in the catalog." in out


def test_a_contested_id_cannot_be_judged(chora: Chora, site: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(site, tmp_path / "copy")
    path = copy / f"data/v1/dependents/{PROVIDER}.json"
    record = json.loads(path.read_bytes())
    del record["provider"]
    path.write_text(json.dumps(record | {"is_contested": True}), encoding="utf-8")
    manifest(PROVIDER, "3.0.0", needs={"privacy.policy.check": "*"})
    code, out, _ = chora(catalog=copy)
    assert code == 3
    assert "several sources claim it" in out


def test_a_catalog_of_an_older_tool_cannot_tell_who_depends_on_one(chora: Chora, site: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(site, tmp_path / "copy")
    for name in ("dependents", "matrix"):
        shutil.rmtree(copy / "data/v1" / name)
    (copy / "data/v1/aliases.json").unlink()
    manifest(PROVIDER, "3.0.0")
    for side in ("provider", "both"):
        code, _, err = chora("--side", side, catalog=copy)
        assert code == 3
        assert "holds no data/v1/aliases.json" in err


def _without_contracts(site: Path, count: int) -> None:
    """Take the manifests of the newest `count` releases of the provider out of a copy: they did not parse."""
    path = next(path for path in (site / "data/v1/harvest").glob("*.json") if PROVIDER.split(".")[1] in path.name)
    record = json.loads(path.read_bytes())
    for release in sorted(record["releases"], key=lambda item: item["released_at"])[-count:]:
        release["manifests"] = []
    path.write_text(json.dumps(record), encoding="utf-8")


def test_a_release_that_does_not_parse_is_looked_past(
    chora: Chora, published: dict[str, Any], site: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(site, tmp_path / "copy")
    _without_contracts(copy, 1)
    as_provider(published, "3.0.0")
    (step,) = json.loads(chora("--side", "provider", "--format", "json", catalog=copy)[1])["steps"]
    assert (step["version_current"], step["required_bump"], step["suffices"]) == ("2.0.0", "major", True)
    _without_contracts(copy, 100)
    code, out, _ = chora("--side", "provider", "--format", "json", catalog=copy)
    said = json.loads(out)
    assert (code, said["steps"]) != (0, []), "with nothing to compare with nothing passes"
    assert any("was not compared with a release of it" in note for note in said["notes"])


def test_a_version_that_went_down_is_an_error_in_every_form(chora: Chora, published: dict[str, Any]) -> None:
    as_provider(published, "1.0.0")
    code, out, _ = chora("--side", "provider", "--format", "github")
    assert code == 1
    assert "::error file=chora.yaml,title=version-decreased" in out
    suite = junitparser.JUnitXml.fromstring(chora("--side", "provider", "--format", "junit")[1].encode())
    assert suite.failures >= 1


def test_strict_asks_that_every_source_was_read(chora: Chora, published: dict[str, Any]) -> None:
    manifest("signal.push.subscribe", "99.0.0")
    plain, strict = chora("--side", "provider"), chora("--side", "provider", "--strict")
    assert "in sources that were never read is not known" in plain[1]
    assert strict[0] == 3


# What cannot be told


def test_an_old_catalog_proves_nothing_and_hides_no_break(chora: Chora) -> None:
    for minutes, fits, breaks in ((0, 0, 1), (59, 0, 1), (61, 0, 1), (91, 3, 1)):
        later = (datetime.fromisoformat(AS_OF) + timedelta(minutes=minutes)).astimezone(UTC).isoformat()
        manifest(needs={PROVIDER: "*"})
        assert chora("--side", "consumer", as_of=later)[0] == fits, minutes
        manifest(needs={PROVIDER: "^1"})
        assert chora("--side", "consumer", as_of=later)[0] == breaks, minutes
    manifest(needs={PROVIDER: "*"})
    late = (datetime.fromisoformat(AS_OF) + timedelta(minutes=61)).isoformat()
    assert chora("--side", "consumer", "--strict", as_of=late)[0] == 3
    assert chora("--side", "consumer", "--max-age", "30min", as_of=late)[0] == 3
    assert chora("--side", "consumer", "--max-age", "30d", as_of="2026-12-01T00:00:00Z")[0] == 0
    assert chora("--side", "consumer", as_of="2026-11-01T00:00:00Z")[0] == 3, "a catalog from the future"


def test_an_empty_catalog_is_no_pass(chora: Chora, tmp_path: Path) -> None:
    nothing = empty(sources=2)
    manifest(needs={PROVIDER: "*"})
    code, _, err = chora(catalog=publish(tmp_path / "empty", nothing, run_of(nothing)))
    assert code == 3
    assert "holds no capability" in err


@pytest.mark.parametrize("where", ["nowhere", "http://127.0.0.1:9/", "chora.yaml"])
def test_a_catalog_that_cannot_be_read_is_no_pass(chora: Chora, where: str) -> None:
    manifest(needs={PROVIDER: "*"})
    code, _, err = chora(catalog=where)
    assert code == 3
    assert "nothing was compared" in err
    assert "next:" in err


def test_a_truncated_file_is_no_pass(chora: Chora, site: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(site, tmp_path / "copy")
    manifest(needs={PROVIDER: "*"})
    known = "data/v1/matrix/agent.runtime.execute.json"
    for name in (f"data/v1/dependents/{PROVIDER}.json", "data/v1/aliases.json", "run.json", known):
        manifest("agent.runtime.execute" if name == known else "demo.consumer.use", needs={PROVIDER: "*"})
        path, whole = copy / name, (copy / name).read_bytes()
        for cut in (whole[: len(whole) // 2], b"", b"\xff" * 100):
            path.write_bytes(cut)
            code, _, err = chora(catalog=copy)
            assert code == 3, (name, len(cut))
            assert "nothing was compared" in err
        path.write_bytes(whole)
    (copy / "run.json").unlink()
    assert chora(catalog=copy)[0] == 3


def test_no_catalog_is_asked_wrongly(chora: Chora) -> None:
    manifest(needs={PROVIDER: "*"})
    assert chora(catalog="")[0] == 2


def test_a_manifest_that_cannot_be_read_is_not_compared(chora: Chora) -> None:
    Path("chora.yaml").write_text("id: [\n", encoding="utf-8")
    code, _, err = chora()
    assert code == 1
    assert "nothing was compared" in err


# Doors and forms


def test_a_tar_file_is_a_catalog(chora: Chora, site: Path, tmp_path: Path) -> None:
    manifest(needs={PROVIDER: "^1"})
    for name, mode, inside in (("a.tar", "w", "."), ("b.tar.gz", "w:gz", "catalog-2026"), ("c.tar", "w", "x/y")):
        with tarfile.open(tmp_path / name, mode) as tar:  # type: ignore[call-overload]
            tar.add(site, arcname=inside)
        assert records(chora("--format", "json", catalog=tmp_path / name)[1]) == records(chora("--format", "json")[1])
    whole = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "b.tar.gz").write_bytes(whole[: len(whole) // 2])
    assert chora(catalog=tmp_path / "b.tar.gz")[0] == 3


def test_what_a_tar_links_to_is_not_read(chora: Chora, site: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes((site / "run.json").read_bytes())
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        for path in sorted(site.rglob("*.json")):
            name = path.relative_to(site).as_posix()
            if name == "run.json":
                link = tarfile.TarInfo(name)
                link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
                tar.addfile(link)
            else:
                tar.add(path, arcname=name)
    manifest(needs={PROVIDER: "*"})
    assert chora(catalog=tmp_path / "evil.tar")[0] == 3


def test_at_most_five_files_are_read(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer that the catalog knows: the run record and its own file; as a provider as well, five at most."""
    monkeypatch.chdir(tmp_path)
    opened: list[Any] = []
    real = compat_checking.open_published

    @contextmanager
    def noting(where: str) -> Iterator[Any]:
        with real(where) as published:
            opened.append(published)
            yield published

    monkeypatch.setattr(compat_checking, "open_published", noting)
    name = "agent.runtime.execute"
    known = load_needs((site / f"data/v1/matrix/{file_name(name)}.json").read_bytes(), "x")
    manifest(name, known.consumer.version, {need.id: need.version for need in known.consumer.needs})
    check([Path()], CheckOptions(catalog=str(site), as_of=datetime.fromisoformat(AS_OF)))
    assert "run.json" in opened[0].asked
    assert len(opened[0].asked) == len(set(opened[0].asked)) <= 5, opened[0].asked
    from chora_catalog.model.ruling import Side

    check([Path()], CheckOptions(catalog=str(site), as_of=datetime.fromisoformat(AS_OF), sides=(Side.CONSUMER,)))
    assert len(opened[1].asked) <= 2, opened[1].asked


def test_twice_the_same_bytes(chora: Chora) -> None:
    manifest(needs={PROVIDER: "^1", "telemetry.trace.collect": "*", "nobody.has.this": ""})
    for form in ("text", "json", "markdown", "sarif", "junit", "github"):
        assert chora("--format", form) == chora("--format", form)


def test_the_forms_that_programs_read(chora: Chora, tmp_path: Path) -> None:
    manifest(needs={PROVIDER: "^1", "telemetry.trace.collect": "*"})
    log = json.loads(chora("--format", "sarif")[1])
    (result,) = [item for item in log["runs"][0]["results"] if item["level"] == "error"]
    assert result["ruleId"] == "outside-range"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 7
    suite = junitparser.JUnitXml.fromstring(chora("--format", "junit")[1].encode())
    assert suite.failures == 1
    assert "::error file=chora.yaml,title=outside-range,line=7,col=10::" in chora("--format", "github")[1]
    words = chora("--format", "markdown", "--output", str(tmp_path / "said.md"))
    assert words[0] == 1
    said = (tmp_path / "said.md").read_text(encoding="utf-8")
    assert said.startswith("### chora compat check: not compatible")
    assert "```yaml\ntype:" in said


def test_in_a_pipeline_it_annotates_and_sums_up(chora: Chora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest(needs={PROVIDER: "^1"})
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    code, out, _ = chora()
    assert code == 1
    assert out.startswith("::error ")
    assert "minutes old" in out
    assert (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("### chora compat check: not compatible")


def test_what_a_catalog_writes_cannot_act(chora: Chora, site: Path, tmp_path: Path) -> None:
    """A hostile catalog: what its fields hold is shown, and starts no command, colour or line of its own."""
    copy = shutil.copytree(site, tmp_path / "copy")
    path = copy / f"data/v1/dependents/{PROVIDER}.json"
    record = json.loads(path.read_bytes())
    evil = "x\n::error::pwned\x1b[31m\u202e%0A```\n"
    record["provider"] |= {"owner": evil, "contact": evil, "source": evil}
    path.write_text(json.dumps(record), encoding="utf-8")
    manifest(needs={PROVIDER: "^1"})
    for form in ("text", "github", "markdown"):
        _, out, err = chora("--format", form, catalog=copy)
        assert "\x1b" not in out + err
        assert "\u202e" not in out + err
        assert not any(line.startswith("::error::pwned") for line in (out + err).splitlines()), form
