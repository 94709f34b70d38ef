"""Names become file names that every system can hold: none is a device, none meets another."""

from __future__ import annotations

import pytest

from chora_catalog.model.ids import MAX_NAME_BYTES, file_name, id_problem


@pytest.mark.parametrize("name", ["a", "a.b.c", "kpn-nginx.v1", "a_b", "console.x", "a.con", "a" * MAX_NAME_BYTES])
def test_a_plain_name_stays(name: str) -> None:
    assert file_name(name) == name


@pytest.mark.parametrize("name", ["con", "nul.x", "con.a.b", "com1.v1", "lpt9.x-y", "CON.X", "aux.x y", "prn."])
def test_no_name_is_a_device_whatever_follows_its_first_dot(name: str) -> None:
    """Windows takes `con.x~1a2b3c4d.html` for the device `con`."""
    stem = f"{file_name(name)}.html".split(".")[0]
    assert "~" in stem or "-" in stem
    assert stem not in ("con", "nul", "com1", "lpt9", "aux", "prn")


def test_names_of_a_device_stay_apart() -> None:
    names = ["con", "con.a", "con-a", "con.a-b", "con.a.b", "con-a.b", "CON.a"]
    assert len({file_name(name) for name in names}) == len(names)
    assert all(id_problem(name) is None for name in names[:-1])


@pytest.mark.parametrize("name", ["A", "a~b", "a b", ".a", "a.", "", "é", "a" * (MAX_NAME_BYTES + 1), "..", "a/b"])
def test_any_other_name_is_a_slug_and_a_digest(name: str) -> None:
    encoded = file_name(name)
    slug, _, digest = encoded.partition("~")
    assert slug
    assert len(digest) == 8
    assert len(encoded) <= MAX_NAME_BYTES
    assert file_name(encoded) != encoded
