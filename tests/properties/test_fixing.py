"""A correction changes the value that it is about and nothing else, and is written nowhere but in its own file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chora_catalog.app.fixing import fixed_text, fixes, write_fixes
from chora_catalog.check.engine import rules
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.errors import ChoraError
from chora_catalog.model.finding import Edit, Finding, Place, Severity
from chora_catalog.model.record import to_json
from chora_catalog.parse.load import load_manifests
from chora_catalog.parse.schema import compile_schemas
from chora_catalog.parse.spans import read

RULES = Path(__file__).parents[1] / "rules"
SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
CROOKED = """\
# Jöö was here
id: "example.thing.make"   # the id
version: v1.2.3
owner: Team
title: 2024
stability: STABLE # known since spring
lifecycle_stage: 'Operate'
x-list: {a: 1.10, "b": [1_000, ok], c: 0x10}
adr_links: [docs\\a.md, "docs\\\\b.md"]
"""


def found(data: bytes, path: str = "chora.yaml") -> tuple[Finding, ...]:
    return load_manifests(data, path=path, schemas=SCHEMAS).findings


def edits(data: bytes, path: str = "chora.yaml") -> list[Edit]:
    return [finding.edit for finding in found(data, path) if finding.edit]


def fix(data: bytes, path: str = "chora.yaml") -> bytes:
    return fixed_text(data, file=path, edits=edits(data, path))[0]


def test_values_change_and_all_around_them_stays() -> None:
    assert fix(CROOKED.encode()).decode() == (
        CROOKED.replace("v1.2.3", '"1.2.3"')
        .replace("2024", '"2024"')
        .replace("STABLE", '"stable"')
        .replace("'Operate'", '"operate"')
        .replace("1.10", '"1.10"')
        .replace("1_000", '"1_000"')
        .replace("0x10", '"0x10"')
        .replace("docs\\a.md", '"docs/a.md"')
        .replace('"docs\\\\b.md"', '"docs/b.md"')
    )
    assert edits(fix(CROOKED.encode())) == []


@pytest.mark.parametrize("ends", ["\r\n", "\r"], ids=["crlf", "cr"])
def test_line_ends_and_a_byte_order_mark_stay(ends: str) -> None:
    crooked = b"\xef\xbb\xbf" + CROOKED.replace("\n", ends).encode()
    assert fix(crooked) == b"\xef\xbb\xbf" + fix(CROOKED.encode()).decode().replace("\n", ends).encode()


def test_json_is_corrected_as_well() -> None:
    data = b'{"id": "example.thing.make", "version": "v1.0.0",\r\n "title": 7}\n'
    assert fix(data, "chora.json") == b'{"id": "example.thing.make", "version": "1.0.0",\r\n "title": "7"}\n'


@pytest.mark.parametrize("rule", [rule.id for rule in rules() if rule.fixable])
def test_after_its_correction_a_rule_is_silent(rule: str) -> None:
    (path,) = [path for path in (RULES / rule / "bad/tree").iterdir() if path.suffix == ".yaml"]
    data = path.read_bytes()
    assert rule in {finding.rule for finding in found(data, path.name)}
    after = fix(data, path.name)
    assert rule not in {finding.rule for finding in found(after, path.name)}
    assert after.count(b"\n") == data.count(b"\n")
    assert after.count(b"#") == data.count(b"#")


def test_a_part_of_a_value_is_not_corrected_by_itself() -> None:
    star = b'id: a.b.c\nversion: 1.0.0\nowner: t\nlifecycle_stage: operate\ndependencies: ["X.Y@>=1", X.Y@>=1]\n'
    assert {finding.rule for finding in found(star, "star.yaml")} >= {"id-rewritten"}
    assert fix(star, "star.yaml") == star
    crooked = star.replace(b"operate", b"Operate")
    assert fix(crooked, "star.yaml") == star.replace(b"operate", b'"operate"'), "and it keeps no other from being done"


@pytest.mark.parametrize(
    "edit",
    [
        Edit(file="f.yaml", line=1, column=4, old="c", new='"c"'),
        Edit(file="f.yaml", line=9, column=4, old="b", new='"c"'),
        Edit(file="f.yaml", line=1, column=0, old="a", new='"c"'),
        Edit(file="f.yaml", line=1, column=4, old="", new='"c"'),
        Edit(file="f.yaml", line=1, column=4, old="b", new='"c"\nother: "d"'),
        Edit(file="f.yaml", line=1, column=4, old="b", new="c"),
        Edit(file="f.yaml", line=1, column=1, old="a", new='"c"'),
        Edit(file="f.yaml", line=1, column=4, old="b # x", new='"c"'),
        Edit(file="f.yaml", line=1, column=4, old="b", new="&c d"),
    ],
    ids=["not there", "no line", "no column", "nothing", "one more", "plain", "a key", "a comment", "an anchor"],
)
def test_what_does_not_fit_or_says_something_else_is_not_done(edit: Edit) -> None:
    data = b"a: b # x\nc: d\n"
    after, done = fixed_text(data, file="f.yaml", edits=[edit])
    expected = {"a": "c", "c": "d"} if done else {"a": "b", "c": "d"}
    assert read(after, file="f.yaml").value == expected
    assert not done or data.splitlines()[0].decode().startswith(edit.old, 3)
    assert "\n" not in edit.new or not done


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_file_makes_it_fail_or_lose_a_value(data: st.DataObject) -> None:
    text = CROOKED
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(list("\t \n\r\"'#:{}[]&*!|>-,v1.\\éЖ😀"))) + text[at:]
    before = text.encode()
    after, done = fixed_text(before, file="chora.yaml", edits=edits(before))
    assert (after == before) is not bool(done)
    if done:
        assert shape(read(after, file="chora.yaml").partial) == shape(read(before, file="chora.yaml").partial)


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else None


# ---- Files ---------------------------------------------------------------------------------------------------------


def said(file: str, *, line: int = 1, column: int = 4) -> Finding:
    edit = Edit(file=file, line=line, column=column, old="1.10", new='"1.10"')
    return Finding(rule="x", severity=Severity.ERROR, message="m", place=Place(file=file), edit=edit)


def test_a_file_is_written_whole_with_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1.10 # kept\r\nb: 'c'\r\n")
    path.chmod(0o640)
    (made,) = fixes(tmp_path, [said("a.yaml"), said("a.yaml")])
    assert made.diff.splitlines() == [
        "--- a/a.yaml", "+++ b/a.yaml", "@@ -1,2 +1,2 @@", "-a: 1.10 # kept", '+a: "1.10" # kept', " b: 'c'",
    ]  # fmt: skip
    assert path.read_bytes() == made.before
    write_fixes([made])
    assert path.read_bytes() == b"a: \"1.10\" # kept\r\nb: 'c'\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.yaml"]


def test_nothing_is_written_through_a_link_or_outside(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "a.yaml").write_text("a: 1.10\n")
    (folder / "link.yaml").symlink_to(outside / "a.yaml")
    (folder / "linked").symlink_to(outside)
    for file in ("link.yaml", "linked/a.yaml", "../outside/a.yaml", str(outside / "a.yaml"), "./../outside/a.yaml", ""):
        assert fixes(folder, [said(file)]) == ()
    (folder / "b.yaml").write_text("a: 1.10\n")
    made = fixes(folder, [said("b.yaml")])
    (folder / "b.yaml").unlink()
    (folder / "b.yaml").symlink_to(outside / "a.yaml")
    with pytest.raises(ChoraError, match="has changed meanwhile"):
        write_fixes(made)
    assert (outside / "a.yaml").read_text() == "a: 1.10\n"


def test_what_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1.10\n")
    made = fixes(tmp_path, [said("a.yaml")])
    (tmp_path / "a.yaml").write_text("a: 1.10\nb: new\n")
    with pytest.raises(ChoraError, match="has changed meanwhile"):
        write_fixes(made)
    assert (tmp_path / "a.yaml").read_text() == "a: 1.10\nb: new\n"


def test_a_diff_shows_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: 1.10\npassword: kT9-vq2LmZ84rXwB\n")
    (made,) = fixes(tmp_path, [said("a.yaml")])
    assert "kT9-vq2LmZ84rXwB" not in made.diff


def test_what_a_publication_keeps_of_a_finding_has_no_edit() -> None:
    kept = said("a.yaml").of("thing")
    assert "edit" not in to_json(kept)
