"""The clock says what it is told, in one form, and refuses what is no time (DESIGN section 3 "Time")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chora_catalog.edge.clock import as_of, monotonic
from chora_catalog.errors import ChoraError, Exit
from chora_catalog.model.instant_text import instant_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-11-23T05:00:00Z", "2026-11-23T05:00:00Z"),
        ("2026-11-23t05:00:00z", "2026-11-23T05:00:00Z"),
        ("2026-11-23 05:00:00.987654321Z", "2026-11-23T05:00:00Z"),
        ("2026-11-23T05:00:00+05:30", "2026-11-22T23:30:00Z"),
        ("2026-11-23T05:00:00-00:00", "2026-11-23T05:00:00Z"),
        ("2026-11-23", "2026-11-23T00:00:00Z"),
        (" 2026-11-23 ", "2026-11-23T00:00:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
    ],
)
def test_times_and_dates_are_read_as_utc(text: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    moment = as_of(text)
    assert moment.tzinfo is UTC
    assert instant_text(moment) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "yesterday", "20261123", "2026-W47-1", "1700000000", "٢٠٢٦-11-23"),
        *("2026-11-23T05:00Z", "2026-11-23T05:00:00", "2026-11-23T05:00:00+0530", "2026-11-23T05:00:00Z\n1"),
        *("2026-13-01", "2026-02-30", "2026-11-23T24:00:00Z", "2026-11-23T05:00:60Z", "0001-01-01T00:00:00+01:00"),
    ],
)
def test_what_is_no_time_is_wrong_use(text: str) -> None:
    with pytest.raises(ChoraError, match="is not a time") as caught:
        as_of(text)
    assert caught.value.code is Exit.USAGE
    assert "RFC 3339" in caught.value.hint


def test_without_a_time_the_epoch_variable_counts_then_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert instant_text(as_of(None)) == "2023-11-14T22:13:20Z"
    for empty in (False, True):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "") if empty else monkeypatch.delenv("SOURCE_DATE_EPOCH")
        now = as_of(None)
        assert now.microsecond == 0
        assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", " 1", "1" * 13, "9" * 12])
def test_broken_epoch_variable_is_wrong_use(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    with pytest.raises(ChoraError, match="SOURCE_DATE_EPOCH") as caught:
        as_of(None)
    assert caught.value.code is Exit.USAGE


def test_stamp_turns_any_zone_into_utc_and_drops_fractions() -> None:
    moment = datetime(2026, 11, 23, 1, 2, 3, 999_999, tzinfo=timezone(timedelta(hours=-8)))
    assert instant_text(moment) == "2026-11-23T09:02:03Z"


def test_monotonic_does_not_go_back() -> None:
    assert monotonic() <= monotonic()
