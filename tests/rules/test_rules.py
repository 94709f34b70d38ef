"""Each rule has a page, an example it accepts and one it refuses; the refusal names file and line.

An example is one of four: `tree/`, one repository as a plain folder; `trees/<source>/`, several in one catalog;
`sources/<name>/history.yaml` with what a rule needs of tags and `decisions/`, made into real repositories; or
`decisions/` alone, for what is about records and no source, with `@digest` and `@signed by NAME` filled in. `made.yaml`
beside a tree adds what is too large to keep: files of one line many times, copies, or `truncated: true`; and the
`manifests:` of a registry entry.
`bad/expected.txt` holds one line for each finding of the rule: source, place, and words of the message.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chora_catalog.app.explaining import explanations
from chora_catalog.app.governing import govern
from chora_catalog.app.harvesting import Desk, ask_all
from chora_catalog.app.tree_reading import MAX_MANIFEST, Files, TreeReading, read_tree
from chora_catalog.build.assemble import Gathered, assemble
from chora_catalog.check.engine import check_tree, check_without_catalog, rules
from chora_catalog.check.of_readers import READER_RULES
from chora_catalog.check.rule import Rule
from chora_catalog.edge.files import data_folder, list_folder, read_bounded, read_folder
from chora_catalog.model.finding import Finding, Severity
from chora_catalog.model.run import Outcome
from chora_catalog.model.signal import VOTE_NAMESPACE, vote_text
from chora_catalog.model.source import Harvest, Registry, SourceSpec, State
from chora_catalog.parse.kept import Previous
from chora_catalog.parse.records import load_records
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read
from examples import demo_keys
from examples.replay import replay

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "chora_catalog"
ANCHOR = datetime(2026, 11, 1, tzinfo=UTC)
SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
RULES = {rule.id: rule for rule in rules()}
MAKERS = {"report", "stop", "add", "finding", "_unread"}
MANIFEST = (
    'id: "capability.example.build.validate-release"\nversion: "1.0.0"\nowner: "team-alpha"\n'
    'lifecycle_stage: "validate"\ninputs:\n  - name: artifact\n    type: oci-image\noutputs:\n  - name: report\n'
    '    type: sarif\ndependencies:\n  - id: "contract.example.release-policy"\n    version: ">=1 <2"\n'
    'security_tier: "medium"\nstability: "stable"\nadr_links:\n  - "adr/0012-release-policy.md"\n'
    'validation_status: "passing"\n'
)


def read_example(folder: Path) -> TreeReading:
    """Read the plain folder, and what `made.yaml` beside it adds."""
    beside = folder.parent / "made.yaml"
    made = read(beside.read_bytes(), file="made.yaml").value if beside.exists() else {}
    truncated, globs = made.pop("truncated", False), tuple(made.pop("manifests", []))
    copies = made.pop("copies", {"times": 0})
    copied = {copies["to"].format(number): copies["of"] for number in range(copies["times"])}
    modes, _ = list_folder(folder)

    def content(path: str) -> bytes | None:
        if path not in made:
            return read_bounded(folder / copied.get(path, path), MAX_MANIFEST)
        data: bytes = (made[path]["line"] + "\n").encode() * made[path]["times"]
        return data if len(data) <= MAX_MANIFEST else None

    files = Files(modes={**modes, **dict.fromkeys([*made, *copied], "100644")}, read=content, truncated=truncated)
    return read_tree(files, globs, SCHEMAS)


def findings_of(example: Path, scratch: Path) -> tuple[Finding, ...]:
    """Return what the whole check says about the example."""
    if (example / "trees").is_dir():
        return of_trees(example / "trees")
    if (example / "sources").is_dir():
        return of_histories(example, scratch)
    if (example / "decisions").is_dir():
        return of_decisions(example / "decisions")
    reading = read_example(example / "tree")
    return (*reading.findings, *check_tree(reading.tree()), *check_without_catalog(reading.tree()))


def of_trees(folder: Path) -> tuple[Finding, ...]:
    names = sorted(path.name for path in folder.iterdir())
    harvests = {}
    for name in names:
        reading = read_example(folder / name)
        state = State(commit="0" * 40, committed_at="2026-10-31T00:00:00Z", manifests=reading.manifests)
        harvests[name] = Harvest(source=name, head_commit="0" * 40, head=state)
    gathered = Gathered(
        registry=Registry(sources=tuple(SourceSpec(name=name, url=name) for name in names)),
        harvests=harvests,
        outcomes=dict.fromkeys(names, Outcome.READ),
        held_before={},
    )
    return assemble(gathered, as_of=ANCHOR).findings


def of_histories(example: Path, scratch: Path) -> tuple[Finding, ...]:
    replay(example / "sources", scratch / "sources", anchor=ANCHOR)
    specs = tuple(
        SourceSpec(name=path.name, url=str(scratch / "sources" / f"{path.name}.git"), versions="tags")
        for path in sorted((example / "sources").iterdir())
    )
    desk = Desk(
        base=scratch,
        cache=scratch / "cache",
        allow_local=True,
        schemas=SCHEMAS,
        tool="",
        previous=Previous(),
        environ={},
    )
    asked = ask_all(specs, desk, jobs=2, done=lambda _: None)
    records = load_records(read_folder(example / "decisions"), added={}, schemas=SCHEMAS)
    gathered = Gathered(
        registry=Registry(sources=specs),
        harvests={name: item.harvest for name, item in asked.items() if item.harvest},
        outcomes={name: item.outcome for name, item in asked.items()},
        held_before={},
        waivers=records.waivers,
    )
    return assemble(gathered, as_of=ANCHOR).findings


def of_decisions(folder: Path) -> tuple[Finding, ...]:
    """Judge records alone; in a vote, `@digest` is that of its signal and `@signed by NAME` the signature of NAME."""
    files = dict(read_folder(folder))
    for path, data in files.items():
        if b"@signed by " in data:
            vote, signal = read(data, file=path).value, Path(path).parent
            digest = f"sha256:{hashlib.sha256(files[f'{signal}.yaml']).hexdigest()}"
            text = vote_text(signal.name, digest, vote["team"], vote["vote"])
            armored = demo_keys.signature(vote["signature"].partition(" by ")[2], text, namespace=VOTE_NAMESPACE)
            data = data.replace(vote["signature"].encode(), armored.replace("\n", "\\n").encode())
            files[path] = data.replace(b"@digest", digest.encode())
    records = govern(load_records(files, added={}, schemas=SCHEMAS))
    gathered = Gathered(
        registry=Registry(sources=()), harvests={}, outcomes={}, held_before={}, signals=records.signals
    )
    return (*records.findings, *assemble(gathered, as_of=ANCHOR).findings)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_rule_has_page_and_examples(rule: str, tmp_path: Path) -> None:
    meta, page = explanations()[rule]
    for part in ("What it says:", "Why it matters:", "How to fix:"):
        assert part in page, f"the page of {rule} lacks {part!r}"
    assert page.splitlines()[0] == meta.summary
    good = [finding for finding in findings_of(HERE / rule / "good", tmp_path / "good") if finding.rule == rule]
    assert good == []
    bad = [finding for finding in findings_of(HERE / rule / "bad", tmp_path / "bad") if finding.rule == rule]
    said = [f"{finding.source or '-'} {finding.place}: {finding.message}" for finding in bad]
    assert said == (HERE / rule / "bad" / "expected.txt").read_text().splitlines()
    assert all(finding.hint for finding in bad)
    assert {finding.severity for finding in bad} <= {meta.severity, *meta.also}
    assert any(finding.edit for finding in bad) is (meta.fixable and meta.scope.value != "catalog")


def test_every_folder_is_a_rule() -> None:
    folders = {path.name for path in HERE.iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert folders == set(RULES)
    assert len(RULES) >= 45


def test_every_module_of_a_rule_is_listed_and_named_as_it() -> None:
    modules = {path.stem for path in (PACKAGE / "check/rules").glob("*.py")} - {"__init__"}
    assert modules == {rule.replace("-", "_") for rule in RULES}


def test_the_example_of_the_standard_gives_one_warning_and_one_notice(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/chora.yaml").write_text(MANIFEST)
    found = findings_of(tmp_path, tmp_path)
    assert [(finding.severity, finding.rule) for finding in found] == [
        (Severity.WARNING, "reference-missing"),
        (Severity.NOTICE, "dependency-not-evaluated"),
    ]


def test_a_build_never_says_that_no_catalog_is_known() -> None:
    found = of_trees(HERE / "dependency-cycle/bad/trees")
    reading = read_example(HERE / "dependency-not-evaluated/bad/tree")
    assert "dependency-not-evaluated" not in {finding.rule for finding in (*found, *check_tree(reading.tree()))}


# ---- What readers find by themselves -------------------------------------------------------------------------------


def said_by_readers() -> Iterator[tuple[str, Severity | None]]:
    """Yield each rule id that a reader of manifests and trees can give, with its severity where that is written."""
    paths = [path for path in sorted((PACKAGE / "parse").rglob("*.py")) if path.stem not in OF_RECORDS]
    for path in [*paths, PACKAGE / "app/tree_reading.py"]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict) and path.stem == "schema":
                yield from ((rule, None) for rule in map(text_of, node.values) if rule and rule.startswith("schema-"))
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            values = [named["rule"]] if "rule" in named else []
            values += node.args[:2] if name in MAKERS else []
            severity = named.get("severity")
            word = severity.attr if isinstance(severity, ast.Attribute) else "" if severity else "ERROR"
            for rule in filter(None, map(text_of, values)):
                # What `Findings` adds is always an error, and so is what `report` and `finding` say without a word.
                yield rule, Severity[word] if word else None


OF_RECORDS = {"deadlines", "records", "registry", "run_record", "kept"}
"""Readers of what belongs to the catalog itself; their findings are about no manifest."""


def text_of(node: ast.expr) -> str:
    text = node.value if isinstance(node, ast.Constant) else None
    return text if isinstance(text, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", text) else ""


def test_every_finding_of_a_reader_has_a_page_and_its_severity() -> None:
    said = set(said_by_readers())
    assert {rule for rule, _ in said} == {module.RULE.id for module in READER_RULES}
    assert len(said) > 30
    wrong = [(rule, severity) for rule, severity in said if severity and severity not in severities(RULES[rule])]
    assert wrong == []


def severities(rule: Rule) -> set[Severity]:
    return {rule.severity, *rule.also}
