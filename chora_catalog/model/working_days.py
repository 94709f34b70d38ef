"""Business days: Monday to Friday, in UTC, without the holidays of the stewards' calendar."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def free_day(day: date, holidays: Collection[str]) -> str:
    """Return why nobody works on `day` (`Saturday`, `Sunday`, `holiday`); empty for a business day."""
    return _DAYS[day.weekday()] if day.weekday() >= 5 else "holiday" if day.isoformat() in holidays else ""


def business_day(day: date, holidays: Collection[str]) -> date:
    """Return `day`, or the first business day after it."""
    while day < date.max and free_day(day, holidays):
        day += timedelta(days=1)
    return day


def business_days_after(day: date, count: int, holidays: Collection[str]) -> date:
    """Return the `count`-th business day after `day`; the day itself does not count."""
    for _ in range(count):
        if day == date.max:
            break
        day = business_day(day + timedelta(days=1), holidays)
    return day
