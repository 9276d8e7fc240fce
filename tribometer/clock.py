"""Time as the metrics see it: windows, ISO weeks and calendar periods, and the business clock.

The business clock runs 07:00-19:00 local time, Monday to Friday, without public holidays, and counts at most
8 hours a day (LinkedIn's developer productivity framework, its fallback for waits on people).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENS = time(7)
CLOSES = time(19)
DAILY_CAP_SECONDS = 8 * 3600.0
DAY = timedelta(days=1)
SATURDAY = 5
MONTHS = 12
QUARTER = 3


@dataclass(frozen=True)
class Bucket:
    """A week, month, quarter or year of a series, cut to the window; ``ends_at`` is exclusive.

    ``period`` is where the whole of it begins; ``partial`` tells that the window cut it.
    """

    label: str
    period: datetime
    starts_at: datetime
    ends_at: datetime
    partial: bool


@dataclass(frozen=True)
class CalendarDay:
    """One local day as UTC instants; ``is_open`` is false on weekends and holidays."""

    day: date
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    is_open: bool


def now_utc() -> datetime:
    """The present as an aware UTC time."""
    return datetime.now(UTC)


def utc_midnight(moment: datetime) -> datetime:
    """The UTC midnight at or before a moment."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def naive_utc(moment: datetime) -> datetime:
    """A moment as the store keeps it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _cut(label: str, begins: datetime, ends: datetime, window: tuple[datetime, datetime]) -> Bucket:
    starts_at, ends_at = max(begins, window[0]), min(ends, window[1])
    return Bucket(label, begins, starts_at, ends_at, partial=(starts_at, ends_at) != (begins, ends))


def weeks(start: datetime, end: datetime) -> list[Bucket]:
    """The ISO weeks that touch the window from ``start`` to ``end`` (exclusive), ascending."""
    found = []
    monday = utc_midnight(start) - timedelta(days=utc_midnight(start).weekday())
    while monday < end:
        year, week, _ = monday.isocalendar()
        found.append(_cut(f"{year}-W{week:02d}", monday, monday + timedelta(days=7), (start, end)))
        monday += timedelta(days=7)
    return found


def months(start: datetime, end: datetime) -> list[Bucket]:
    """The calendar months (UTC) that touch the window, ascending."""
    spans = _calendar_spans(start, end, 1)
    return [_cut(f"{first:%Y-%m}", first, following, (start, end)) for first, following in spans]


def quarters(start: datetime, end: datetime) -> list[Bucket]:
    """The quarters of calendar years (UTC) that touch the window, ascending."""
    return [
        _cut(f"{first.year}-Q{first.month // QUARTER + 1}", first, following, (start, end))
        for first, following in _calendar_spans(start, end, QUARTER)
    ]


def years(start: datetime, end: datetime) -> list[Bucket]:
    """The calendar years (UTC) that touch the window, ascending."""
    spans = _calendar_spans(start, end, MONTHS)
    return [_cut(f"{first.year}", first, following, (start, end)) for first, following in spans]


def _calendar_spans(start: datetime, end: datetime, length: int) -> Iterator[tuple[datetime, datetime]]:
    """Spans of so many months, counted from January, each with where the next one begins."""
    day = utc_midnight(start).replace(day=1)
    first = day.replace(month=day.month - (day.month - 1) % length)
    while first < end:
        more_years, month = divmod(first.month - 1 + length, MONTHS)
        following = first.replace(year=first.year + more_years, month=month + 1)
        yield first, following
        first = following


@lru_cache(maxsize=512)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Public holidays of an ISO 3166 country in a year; none for a country nobody knows."""
    import holidays  # noqa: PLC0415 - a tenth of a second that only teams with a country need

    with warnings.catch_warnings():
        # of some countries the library knows movable feasts for some years only, and says so to the terminal
        warnings.simplefilter("ignore")
        try:
            return frozenset(holidays.country_holidays(country, years=year))
        except (NotImplementedError, TypeError):  # a word that the library uses for something else
            return frozenset()


def calendar_days(first: date, last: date, zone: str = "UTC", country: str | None = None) -> Iterator[CalendarDay]:
    """Every local day from ``first`` to ``last``, both included, with its business hours."""
    place = ZoneInfo(zone)
    midnight = datetime.combine(first, time(), place).astimezone(UTC)
    day = first
    while day <= last:
        following = datetime.combine(day + DAY, time(), place).astimezone(UTC)
        holiday = country is not None and day in public_holidays(country, day.year)
        yield CalendarDay(
            day,
            midnight,
            following,
            datetime.combine(day, OPENS, place).astimezone(UTC),
            datetime.combine(day, CLOSES, place).astimezone(UTC),
            is_open=day.weekday() < SATURDAY and not holiday,
        )
        day, midnight = day + DAY, following


def business_seconds(start: datetime, end: datetime, zone: str = "UTC", country: str | None = None) -> float:
    """Seconds on the business clock from ``start`` to ``end``; 0 where the end comes first."""
    place = ZoneInfo(zone)
    total = 0.0
    for day in calendar_days(start.astimezone(place).date(), end.astimezone(place).date(), zone, country):
        worked = (min(end, day.closes_at) - max(start, day.opens_at)).total_seconds() if day.is_open else 0.0
        total += min(DAILY_CAP_SECONDS, max(0.0, worked))
    return total
