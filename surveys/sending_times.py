"""When somebody may be written to: in the working hours of their own place, never at night, on weekends or holidays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tribometer.clock import public_holidays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import time

MOST_DAYS = 60
"""No calendar has so many days off in a row: whoever has would be written to then."""
SATURDAY = 5


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name; UTC for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return ZoneInfo("UTC")


def first_moment(moment: datetime, hours: tuple[time, time], zone: str, country: str | None) -> datetime:
    """The first moment from ``moment`` on that lies in these hours of a working day there, aware UTC.

    A local time that does not exist, as when clocks go forward, is the moment an hour later.
    """
    place = zone_of(zone)
    local = moment.astimezone(place)
    for ahead in range(MOST_DAYS):
        day = local.date() + timedelta(days=ahead)
        opens = datetime.combine(day, hours[0], place).astimezone(UTC)
        closes = datetime.combine(day, hours[1], place).astimezone(UTC)
        is_off = day.weekday() >= SATURDAY or (country is not None and day in public_holidays(country, day.year))
        if not is_off and moment < closes:
            return max(moment.astimezone(UTC), opens)
    return moment.astimezone(UTC)


def first_rested(
    moment: datetime, asked: Iterable[datetime], rest: timedelta, writable: Callable[[datetime], datetime]
) -> datetime:
    """The first moment from ``moment`` on that is so far from all at which somebody was asked, or will be.

    ``writable`` gives the first moment from a given one at which they may be written to.
    """
    times, found = list(asked), writable(moment)
    while near := [each for each in times if abs(found - each) < rest]:
        found = writable(max(near) + rest)
    return found
