"""CODEOWNERS is read as a forge reads it, and whatever its bytes are nothing breaks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chora_catalog.app.tree_reading import Files, read_tree
from chora_catalog.check.engine import check_tree
from chora_catalog.edge.files import data_folder, read_folder
from chora_catalog.model.code_owners import OwnedPaths
from chora_catalog.parse.code_owners import PLACES, read_code_owners
from chora_catalog.parse.schema import compile_schemas

SCHEMAS = compile_schemas(read_folder(data_folder("schemas"), "*.json"))
MANIFEST = b'id: "example.thing.make"\nversion: "1.0.0"\nowner: "%s"\ncontact: "#a"\n'


def said(owner: str, files: dict[str, bytes], mode: str = "100644") -> list[str]:
    content = {"chora.yaml": MANIFEST % owner.encode(), **files}
    modes = {path: "100644" if path == "chora.yaml" else mode for path in content}
    reading = read_tree(Files(modes=modes, read=content.__getitem__), (), SCHEMAS)
    return [item.message for item in check_tree(reading.tree()) if item.rule == "codeowners-differs"]


def test_comments_sections_and_lines_without_an_owner_are_left_out() -> None:
    text = b"# all\r\n* @org/a b@example.org # both\r\n\r\n[Docs] @nobody\r\n^[More][2]\r\n/docs/\r\n/x @c\r\n"
    read = read_code_owners(text, file="CODEOWNERS")
    assert read is not None
    assert read.entries == (
        OwnedPaths(line=2, pattern="*", owners=("@org/a", "b@example.org")),
        OwnedPaths(line=6, pattern="/docs/", owners=()),
        OwnedPaths(line=7, pattern="/x", owners=("@c",)),
    )


@pytest.mark.parametrize("owner", ["team-a", "Team A", "@org/team-a", "TEAM_A", "team-a@example.org", "org/team-a"])
@pytest.mark.parametrize("named", ["@org/team-a", "@Team-A", "team.a@example.org"])
def test_one_team_fits_however_it_is_written(owner: str, named: str) -> None:
    assert said(owner, {"CODEOWNERS": f"* @someone\n/x {named}\n".encode()}) == []


def test_the_first_place_counts_and_a_link_is_not_followed() -> None:
    files = {".github/CODEOWNERS": b"* @b\n", "CODEOWNERS": b"* @team-a\n"}
    assert said("team-a", files) == [".github/CODEOWNERS names @b, and nobody that fits team-a"]
    assert said("team-a", {"docs/CODEOWNERS": b"* @b\n"}) != []
    assert said("team-a", files, mode="120000") == []


@pytest.mark.parametrize("data", [b"", b"# nobody\n", b"* team-b\n", b"\xff\xfe*", b"* @b\0\n"])
def test_who_names_nobody_is_no_other_opinion(data: bytes) -> None:
    assert said("team-a", {"CODEOWNERS": data}) == []


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    read = read_code_owners(data, file=PLACES[0])
    assert read is None or all("@" in name for entry in read.entries for name in entry.owners)
    said("team-a", {PLACES[0]: data})


@pytest.mark.parametrize("text", ["* " + "@a " * 80_000, "* @" + "a-" * 120_000, "[" * 250_000, "* @a\n" * 50_000])
def test_no_file_takes_long(text: str) -> None:
    began = time.process_time()
    said("team-b", {"CODEOWNERS": text.encode()})
    assert time.process_time() - began < 2
